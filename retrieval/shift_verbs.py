"""The verbs of the command line that close the loop: how far photos are from renders, and the spec that follows."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.arguments import refuse_existing

Verb = Callable[..., argparse.ArgumentParser]
Meshes = Callable[[], Any]
"""Labelled meshes of generated vehicles: this package does not know how they are made."""


def add_shift_verbs(verb: Verb, positive: Callable[[str], int], meshes: Meshes) -> None:
    """`akd shift` and `akd refine`."""
    shift = verb(
        "shift",
        _shift,
        "how far real photos are from renders for a detector, and why",
        "akd shift runs/nano --synthetic datasets/demo --real photos/ -o out/shift",
    )
    shift.add_argument("weights", type=Path, help="run folder or weights file")
    shift.add_argument("--synthetic", type=Path, required=True, help="the dataset that the detector was trained on")
    shift.add_argument("--real", type=Path, required=True, help="COCO keypoints dataset, or a folder without labels")
    shift.add_argument("-o", "--out", type=Path, required=True, help="new folder for shift.json and index.html")
    shift.add_argument("--prepared", type=Path, help="the photos as akd prepare wrote them: did it help?")
    shift.add_argument("--views-by", type=Path, help="weights that read viewpoints of photos without labels")
    shift.add_argument("--allow-leak", action="store_true", help="score also what the weights were trained on")
    shift.add_argument("--most", type=positive, default=1500, help="images of each set that are looked at (1500)")
    shift.add_argument("--resamples", type=positive, default=1000, help="of the 95 %% intervals of scores (1000)")
    shift.add_argument("--seed", type=int, default=0, help="of permutations and resamples (0)")
    shift.set_defaults(meshes=meshes)

    refine = verb(
        "refine",
        _refine,
        "write the next spec: what photos have and the dataset lacks",
        "akd refine demo --shift out/shift -o next.yaml",
    )
    refine.add_argument(
        "spec", help="the spec that the dataset was made from: YAML file, or the name of one that ships"
    )
    refine.add_argument("--shift", type=Path, required=True, help="folder or shift.json of akd shift")
    refine.add_argument("-o", "--out", type=Path, required=True, help="the new YAML file")


def _shift(arguments: argparse.Namespace) -> None:
    from tqdm import tqdm

    from retrieval.shift import ShiftOptions, write_shift
    from retrieval.view_atlas import build_atlas

    refuse_existing(arguments.out)
    options = ShiftOptions(
        arguments.prepared,
        arguments.views_by,
        arguments.allow_leak,
        arguments.most,
        arguments.resamples,
        arguments.seed,
    )
    record = write_shift(
        arguments.weights,
        arguments.synthetic,
        arguments.real,
        arguments.out,
        lambda schema: build_atlas(tqdm(arguments.meshes(), "views of vehicles", unit="vehicle"), schema),
        options,
    )
    print("\n".join(f"- {line}" for line in record.findings))
    print(f"wrote {arguments.out / 'index.html'} and {arguments.out / 'shift.json'}")


def _refine(arguments: argparse.Namespace) -> None:
    from retrieval.refine import refine

    print(refine(arguments.spec, arguments.shift, arguments.out))
