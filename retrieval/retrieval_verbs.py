"""The verbs of the command line that make, search and score an index."""

import argparse
from collections.abc import Callable
from pathlib import Path

from pipeline.arguments import refuse_existing

Verb = Callable[..., argparse.ArgumentParser]
LABELS = "labels"


def add_retrieval_verbs(verb: Verb, positive: Callable[[str], int]) -> None:
    """`akd index`, `akd retrieve` and `akd score-retrieval`."""
    index = verb("index", _index, "precompute an index for retrieval", "akd index runs/nano datasets/demo -o out/index")
    index.add_argument("weights", help=f"run folder or weights file; {LABELS}: a dataset's own labels, no detector")
    index.add_argument("source", type=Path, help="folder of images, or a dataset")
    index.add_argument("-o", "--out", type=Path, required=True, help="new folder for the index")
    index.add_argument("--split", choices=("train", "val", "test"), help="of a dataset, only this split")

    retrieve = verb(
        "retrieve",
        _retrieve,
        "find the indexed images most like a photo, by keypoint similarity",
        "akd retrieve out/index photo.jpg -k 5 -o out/matches --json matches.json",
    )
    retrieve.add_argument("index", type=Path, help="folder that `akd index` wrote")
    retrieve.add_argument("images", type=Path, nargs="+", help="query images")
    retrieve.add_argument("-k", type=positive, default=5, help="how many matches (5)")
    retrieve.add_argument("--weights", type=Path, help="the detector, if it is no longer where the index was made")
    retrieve.add_argument("-o", "--out", type=Path, help="new folder for side-by-side pictures")
    retrieve.add_argument("--json", type=Path, help="write the matches as JSON")

    score = verb(
        "score-retrieval",
        _score,
        "does the best match show the same side? over queries whose viewpoint is known",
        "akd score-retrieval out/index datasets/demo --split test --weights runs/nano",
    )
    score.add_argument("index", type=Path, help="folder that `akd index` wrote, of images whose viewpoint is known")
    score.add_argument("dataset", type=Path, help="queries: images with azimuth_deg and elevation_deg, or with view")
    score.add_argument("--split", choices=("train", "val", "test"), help="of the dataset, only this split")
    score.add_argument("--weights", type=Path, help="predict the queries' keypoints (default: take their labels)")


def _index(arguments: argparse.Namespace) -> None:
    from retrieval.index import build_index, build_index_from_labels

    if arguments.weights == LABELS:
        made = build_index_from_labels(arguments.source, arguments.out, arguments.split)
    else:
        made = build_index(Path(arguments.weights), arguments.source, arguments.out, split=arguments.split)
    print(f"wrote {made}")


def _retrieve(arguments: argparse.Namespace) -> None:
    from retrieval.report import results_as_text, write_results
    from retrieval.search import retrieve

    if arguments.json:
        refuse_existing(arguments.json)
    found = retrieve(arguments.index, arguments.images, weights=arguments.weights, k=arguments.k, out=arguments.out)
    print(results_as_text(found))
    if arguments.json:
        write_results(arguments.json, found)
        print(f"wrote {arguments.json}")


def _score(arguments: argparse.Namespace) -> None:
    from retrieval.evaluate import evaluate_viewpoints
    from retrieval.store import load_index

    print(evaluate_viewpoints(load_index(arguments.index), arguments.dataset, arguments.split, arguments.weights))
