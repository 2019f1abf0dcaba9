"""The verb of the command line that prepares real captures."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.arguments import add_json, positive, refuse_existing, tell

Verb = Callable[..., argparse.ArgumentParser]
FindBoxes = Callable[[Path, Sequence[Path]], Iterator[Any]]
STEPS = "resize,background,denoise,contrast,sharpen"
ABOUT = """
steps, done in the order given:
  resize       to --size pixels, padded to a square unless --no-letterbox
  background   taken away by GrabCut, started from the dataset's boxes, or a detector's (--weights), else the middle
  denoise      non-local means (strength 3)
  contrast     CLAHE on the lightness (strength 1.5)
  sharpen      unsharp mask (strength 0.5)

did it help? score the same weights on both, and ask whether the difference is more than chance:
  akd evaluate runs/nano -d photos   --json before.json
  akd evaluate runs/nano -d prepared --json after.json
  akd compare before.json after.json
A dataset's boxes say where its vehicles are, a user's photos do not: to be fair, prepare both with --weights."""


def add_prepare_verb(verb: Verb, find_boxes: FindBoxes) -> None:
    """`akd prepare`; `find_boxes` gives the boxes of weights in each of many photos."""
    parser = verb(
        "prepare",
        lambda arguments: _prepare(arguments, find_boxes),
        "prepare real captures: size, background, noise, contrast, sharpness; labels move along",
        "akd prepare photos -o prepared --steps resize,background,sharpen",
    )
    parser.description = f"{parser.description}\n{ABOUT}"
    parser.add_argument("source", type=Path, metavar="PHOTOS|DATASET", help="folder of photos, or COCO dataset")
    parser.add_argument("-o", "--out", type=Path, required=True, help="new folder")
    parser.add_argument("--steps", default=STEPS, metavar="STEP,...", help=f"which, in order ({STEPS})")
    parser.add_argument(
        "--size", type=positive, metavar="PX", default=512, help="longer side after resize, pixels (512)"
    )
    parser.add_argument("--no-letterbox", action="store_true", help="resize keeps the photo's shape")
    parser.add_argument("--fill", choices=("grey", "white"), default="grey", help="instead of a background (grey)")
    parser.add_argument("--strength", nargs="+", default=[], metavar="STEP=NUMBER", help="such as denoise=5")
    parser.add_argument("--weights", type=Path, help="run folder or weights file: its boxes say where vehicles are")
    parser.add_argument("--split", choices=("train", "val", "test"), help="of a dataset, only this split")
    parser.add_argument("--seed", type=int, default=0, help="of GrabCut's first guess (0)")
    parser.add_argument("--workers", type=positive, metavar="N", help="photos at once (default: one per core)")
    add_json(parser, "what was done")


def _prepare(arguments: argparse.Namespace, find_boxes: FindBoxes) -> None:
    from pipeline.prepare import prepare
    from pipeline.prepare_options import PrepareOptions, parse_strengths

    if arguments.json:
        refuse_existing(arguments.json)
    options = PrepareOptions(
        steps=tuple(arguments.steps.split(",")),
        size=arguments.size,
        letterbox=not arguments.no_letterbox,
        fill=arguments.fill,
        seed=arguments.seed,
        **parse_strengths(arguments.strength),
    )
    boxes = (lambda paths: find_boxes(arguments.weights, paths)) if arguments.weights else None
    done = prepare(arguments.source, arguments.out, options, arguments.split, boxes, arguments.workers)
    labelled = f" with {done.objects} labelled vehicles" if done.objects else ""
    lines = [f"wrote {done.folder}: {done.photos} photos{labelled}"]
    if "background" in options.steps:
        lines.append("background: " + ", ".join(f"{count} {name}" for name, count in done.backgrounds.items()))
    tell(arguments.json, "\n".join([*lines, f"look at it: {done.sheet}"]), done.as_json())
