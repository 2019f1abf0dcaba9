"""The verb of the command line that writes a dataset in another tool's format."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.arguments import add_json, refuse_existing, tell

Verb = Callable[..., argparse.ArgumentParser]
TARGETS = ("yolo-pose", "coco-split", "mmpose", "webdataset", "voxel51")


def add_export_verb(verb: Verb) -> None:
    """`akd export`."""
    parser = verb(
        "export",
        _export,
        "write a dataset in the format of another tool",
        "akd export datasets/demo --to yolo-pose -o out/demo-yolo --link",
    )
    parser.add_argument("dataset", type=Path, help="COCO keypoints folder or file, ours or anybody's")
    parser.add_argument("--to", required=True, choices=TARGETS, help="the format")
    parser.add_argument("-o", "--out", type=Path, required=True, help="new folder")
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        help="only this split; of a dataset without splits, what to call all of it (train)",
    )
    parser.add_argument("--keypoints", help="schema with flip pairs, skeleton and sigmas, if the dataset lacks them")
    parser.add_argument(
        "--link",
        action="store_true",
        help="hard-link images: no copy, but a tool that mends files in place mends yours",
    )
    parser.add_argument("--shard-mb", type=_megabytes, default=512, help="size limit of a webdataset shard (512)")
    add_json(parser, "what was written")


def _export(arguments: argparse.Namespace) -> None:
    from pipeline.export import export_dataset
    from pipeline.export_job import plan_export
    from pipeline.keypoints import load_schema

    if arguments.json:
        refuse_existing(arguments.json)
    schema = load_schema(arguments.keypoints) if arguments.keypoints else None
    job = plan_export(arguments.dataset, arguments.split, schema)
    job = replace(job, link=arguments.link, shard_bytes=int(arguments.shard_mb * 1024**2))
    done = export_dataset(job, arguments.to, arguments.out)
    splits = ", ".join(f"{count} {split}" for split, count in done.images.items())
    lines = [f"{arguments.dataset}: {note}" for note in done.notes]
    lines.append(f"wrote {done.folder}: {sum(done.images.values())} images ({splits}), {done.objects} objects")
    plain = {"folder": str(done.folder), "images": dict(done.images), "objects": done.objects, "notes": done.notes}
    tell(arguments.json, "\n".join(lines), plain)


def _megabytes(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"must be above 0; got {text}")
    return value
