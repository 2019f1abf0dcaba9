"""The verbs of the command line that score a detector, and compare two."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.arguments import STDOUT, add_json, refuse_existing, tell
from pipeline.errors import DatasetError
from pipeline.json_file import read_json

Verb = Callable[..., argparse.ArgumentParser]
SPLITS = ("train", "val", "test")
SCHEMA = "vehicle20"


def add_evaluate_verbs(verb: Verb, positive: Callable[[str], int]) -> None:
    """`akd evaluate` and `akd compare`."""
    parser = verb(
        "evaluate",
        _evaluate,
        "score a detector, or any tool's results, on a labelled dataset",
        "akd evaluate runs/nano -d datasets/demo --split test",
    )
    parser.add_argument("weights", type=Path, nargs="?", help="run folder or weights file")
    parser.add_argument("--predictions", type=Path, help="score this COCO results file instead of weights")
    parser.add_argument("-d", "--dataset", type=Path, required=True, help="COCO keypoints folder or file")
    _add_common(parser)
    parser.add_argument(
        "--expect-images", type=positive, metavar="N", help="fail unless the dataset has so many images"
    )
    parser.add_argument("--resamples", type=_whole, metavar="N", help="for the 95 %% intervals (1000); 0: none")
    parser.add_argument("--allow-leak", action="store_true", help="score what the weights were trained on, and say so")
    parser.set_defaults(usage=parser.error)

    parser = verb(
        "compare",
        _compare,
        "compare two reports, or two results files on one dataset",
        "akd compare before.json after.json",
    )
    parser.add_argument("first", type=Path, help="report of akd evaluate --json, or a results file")
    parser.add_argument("second", type=Path, help="another on the same dataset")
    parser.add_argument("-d", "--dataset", type=Path, help="COCO keypoints folder or file that results files are of")
    _add_common(parser)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--split", choices=SPLITS, help="one split (default: annotations.json)")
    parser.add_argument("--keypoints", default=SCHEMA, help=f"schema of a results file ({SCHEMA}); weights know theirs")
    add_json(parser, "it")


def _evaluate(arguments: argparse.Namespace) -> None:
    from training.bootstrap import RESAMPLES
    from training.evaluate import evaluate_results, evaluate_weights

    if (arguments.weights is None) == (arguments.predictions is None):
        arguments.usage("give weights, or --predictions")
    if arguments.json:
        refuse_existing(arguments.json)
    if arguments.expect_images is not None:
        _require_images(arguments.dataset, arguments.split, arguments.expect_images)
    resamples = RESAMPLES if arguments.resamples is None else arguments.resamples
    if arguments.predictions:
        schema = _schema(arguments)
        report = evaluate_results(
            arguments.predictions, arguments.dataset, schema, arguments.split, resamples=resamples
        )
    else:
        report = evaluate_weights(
            arguments.weights,
            arguments.dataset,
            arguments.split,
            resamples=resamples,
            allow_leak=arguments.allow_leak,
        )
    if arguments.json != STDOUT:
        print(report.as_text())
    if arguments.json:
        _write_report(arguments.json, report.as_json(), report.rows.as_json())


def _compare(arguments: argparse.Namespace) -> None:
    from training.compare import compare

    if arguments.json:
        refuse_existing(arguments.json)
    first, second = (_read_report(path, arguments) for path in (arguments.first, arguments.second))
    found = compare(first, second, (str(arguments.first), str(arguments.second)))
    tell(arguments.json, found.as_text(), found.as_json())


def _read_report(path: Path, arguments: argparse.Namespace) -> Mapping[str, Any]:
    """A report, or the report of a results file."""
    from training.evaluate import evaluate_results

    content = read_json(path, DatasetError)
    if isinstance(content, dict) and "pck" in content:
        return content
    if arguments.dataset is None:
        raise DatasetError(f"{path}: is no report of akd evaluate; of a results file, give the dataset too (-d)")
    report = evaluate_results(path, arguments.dataset, _schema(arguments), arguments.split, resamples=0)
    return {**report.as_json(), "per_image": report.rows.as_json()}


def _schema(arguments: argparse.Namespace) -> Any:
    from pipeline.keypoints import load_schema

    return load_schema(arguments.keypoints)


def _require_images(dataset: Path, split: str | None, count: int) -> None:
    from pipeline.coco import load_coco

    coco = load_coco(dataset, split)
    if len(coco.images) != count:
        raise DatasetError(f"{coco.source}: has {len(coco.images)} images; --expect-images says {count}")


def _write_report(path: Path, summary: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
    """The summary to read, and below it a line per image for `akd compare`."""
    from pipeline.files import write_text_atomic

    head = json.dumps(summary, indent=2, allow_nan=False, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n    ".join(json.dumps(row, allow_nan=False, ensure_ascii=False) for row in rows)
    text = f'{head},\n  "per_image": [\n    {lines}\n  ]\n}}\n'
    if path == STDOUT:
        print(text, end="")
        return
    write_text_atomic(path, text)
    print(f"wrote {path}")


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more; got {text}")
    return value
