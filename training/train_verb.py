"""The verb of the command line that trains a detector."""

import argparse
from collections.abc import Callable
from pathlib import Path

Verb = Callable[..., argparse.ArgumentParser]


def add_train_verb(verb: Verb, positive: Callable[[str], int]) -> None:
    """`akd train`."""
    alone = "akd train akd-nano -d datasets/demo -o runs/nano"
    together = "torchrun --nproc-per-node 2 akd.py train akd-4.0 -d datasets/street -o runs/big"
    parser = verb("train", _train, "train a detector on a dataset", f"{alone}\n  {together}")
    parser.add_argument(
        "config", help="YAML file, or the name of a model config that ships (akd-nano, akd-1.0 .. akd-4.0)"
    )
    parser.add_argument("-d", "--dataset", type=Path, required=True, help="dataset with train.json and val.json")
    parser.add_argument("-o", "--out", type=Path, required=True, help="run folder")
    parser.add_argument("--init", type=Path, help="start from these weights (fine-tune)")
    parser.add_argument("--epochs", type=positive, metavar="N", help="this many instead of the config's")
    parser.add_argument("--seed", type=int, help="this seed instead of the config's")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")


def _train(arguments: argparse.Namespace) -> None:
    from training.config import load_model_config
    from training.loop import train
    from training.team import started_as

    config = load_model_config(arguments.config)
    changes = {"epochs": arguments.epochs, "seed": arguments.seed}
    update = {key: value for key, value in changes.items() if value is not None}
    result = train(
        config.model_copy(update=update),
        arguments.dataset,
        arguments.out,
        resume=arguments.resume,
        init=arguments.init,
    )
    if started_as().leads:
        print(f"wrote {arguments.out}: {result}")
