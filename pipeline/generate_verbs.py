"""The verbs that render: generate, merge, status."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.arguments import STDOUT, add_json, positive, refuse_existing, tell
from pipeline.shards import parse_shard


def add_generate_verbs(
    verb: Callable[..., argparse.ArgumentParser], checked_spec: Callable[[str, int | None], Any]
) -> None:
    """Add them to the command line; `checked_spec` loads a spec by name with everything that it names."""

    def generate(arguments: argparse.Namespace) -> None:
        _generate(arguments, checked_spec(arguments.spec, arguments.images))

    sub = verb(
        "generate",
        generate,
        "render a dataset; started again it goes on where it was",
        "akd generate demo -o datasets/demo --workers 2",
    )
    sub.add_argument("spec", help="YAML file, or the name of a spec that ships (demo, street)")
    sub.add_argument("-o", "--out", type=Path, required=True, help="dataset folder: new, or one to go on with")
    sub.add_argument("--images", type=positive, metavar="N", help="this many instead of the spec's")
    sub.add_argument(
        "--workers", type=positive, metavar="N", help="render processes (default: one per GPU, or per core)"
    )
    sub.add_argument("--shard", metavar="I/N", help="render only part I of N; akd merge puts the parts together")
    sub.add_argument("--cluster", metavar="ADDRESS", help="render on a Dask cluster: tcp://HOST:PORT or its .json file")
    sub.add_argument("--worker-memory", type=positive, metavar="MB", help="replace a worker that is larger than this")
    sub.add_argument("--worker-images", type=positive, metavar="N", help="replace a worker after so many (200)")
    sub.add_argument("--shot-timeout", type=positive, metavar="S", help="give an image up after so many seconds")
    add_json(sub, "how it went (on stdout: what happens, a line each)")

    sub = verb(
        "merge",
        _merge,
        "put shards of a dataset together",
        "akd merge parts/1 parts/2 parts/3 -o datasets/street",
    )
    sub.add_argument("shards", type=Path, nargs="+", help="folders that akd generate --shard wrote")
    sub.add_argument("-o", "--out", type=Path, required=True, help="dataset folder: new, or one to go on with")
    add_json(sub, "what it holds")

    sub = verb("status", _status, "how far a dataset is, while it renders", "akd status datasets/street")
    sub.add_argument("dataset", type=Path, help="dataset folder")
    add_json(sub, "how far")


def _generate(arguments: argparse.Namespace, spec: Any) -> None:
    from pipeline.generate import IMAGES_PER_WORKER, FarmOptions, generate_dataset

    if arguments.json:
        refuse_existing(arguments.json)
    lines = arguments.json == STDOUT
    options = FarmOptions(
        workers=arguments.workers,
        images_per_worker=arguments.worker_images or IMAGES_PER_WORKER,
        memory_mb=arguments.worker_memory,
        timeout_s=arguments.shot_timeout,
        shard=parse_shard(arguments.shard) if arguments.shard else None,
        cluster=arguments.cluster,
        json_lines=lines,
    )
    summary = generate_dataset(spec, arguments.out, options=options)
    if lines:
        print(json.dumps(summary.as_json()))  # the last line of many
    else:
        tell(arguments.json, summary.as_text(), summary.as_json())


def _merge(arguments: argparse.Namespace) -> None:
    from pipeline.merge import merge_shards

    if arguments.json:
        refuse_existing(arguments.json)
    holds = merge_shards(arguments.shards, arguments.out)
    splits = ", ".join(f"{count} {name}" for name, count in holds.per_split.items())
    tell(arguments.json, f"wrote {arguments.out}: {splits}", {"folder": str(arguments.out), **asdict(holds)})


def _status(arguments: argparse.Namespace) -> None:
    from pipeline.status import dataset_status

    if arguments.json:
        refuse_existing(arguments.json)
    status = dataset_status(arguments.dataset)
    tell(arguments.json, status.as_text(), status.as_json())
