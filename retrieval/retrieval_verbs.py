"""The verbs of the command line that search an index and score the search."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.arguments import refuse_existing
from retrieval.index_verbs import add_index_verbs, where_of

if TYPE_CHECKING:
    from retrieval.options import Options

Verb = Callable[..., argparse.ArgumentParser]
SIMILARITIES = ("box-oks", "coco-oks", "pixel-oks")


def add_retrieval_verbs(verb: Verb, positive: Callable[[str], int]) -> None:
    """`akd index` and what belongs to it, `akd retrieve` and `akd score-retrieval`."""
    add_index_verbs(verb, positive)
    retrieve = verb(
        "retrieve",
        _retrieve,
        "find the indexed images most like a photo, by keypoint similarity",
        "akd retrieve out/index photo.jpg -k 5 --where style=suv -o out/matches",
    )
    retrieve.add_argument("index", type=Path, help="folder that `akd index` wrote")
    retrieve.add_argument("images", type=Path, nargs="+", help="query images, folders of them, or datasets")
    retrieve.add_argument("-k", type=positive, default=5, help="how many matches (5)")
    _add_search_options(retrieve)
    retrieve.add_argument("--mirrored", action="store_true", help="also find what shows the photo's mirror image")
    retrieve.add_argument(
        "--min-score",
        type=_share,
        metavar="S",
        help="search for every vehicle detected with at least this score (default: for the most certain one)",
    )
    retrieve.add_argument(
        "--shard", type=Path, action="append", default=[], metavar="INDEX", help="search this index too; repeatable"
    )
    retrieve.add_argument("--weights", type=Path, help="the detector, if it is no longer where the index was made")
    retrieve.add_argument("--force", action="store_true", help="use --weights although others made the index")
    retrieve.add_argument("--stale", action="store_true", help="search although what was indexed has changed since")
    retrieve.add_argument("-o", "--out", type=Path, help="new folder for index.html, results.json and pictures")
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
    score.add_argument("-k", type=positive, default=10, help="for recall@k, where --recall is below 1 (10)")
    _add_search_options(score)
    score.add_argument("--json", type=Path, help="write the scores as JSON")


def _add_search_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--similarity",
        choices=SIMILARITIES,
        default="box-oks",
        help="box-oks: symmetric, in the vehicle's box (default); coco-oks: COCO's, in the box; pixel-oks: in pixels",
    )
    parser.add_argument(
        "--recall",
        type=_share,
        default=1.0,
        metavar="R",
        help="share of the ten best to find, on average: below 1 is faster (1: exact)",
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="only images of this style, split or source; repeatable: values of one field are alternatives",
    )


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most 1; got {text}")
    return value


def _options(arguments: argparse.Namespace) -> "Options":
    from retrieval.options import Options

    return Options(
        k=arguments.k,
        similarity=arguments.similarity,
        recall=arguments.recall,
        where=where_of(arguments.where),
        mirrored=getattr(arguments, "mirrored", False),
        min_score=getattr(arguments, "min_score", None),
        stale=getattr(arguments, "stale", False),
    )


def _retrieve(arguments: argparse.Namespace) -> None:
    from retrieval.report import results_as_text, write_results
    from retrieval.search import retrieve

    if arguments.json:
        refuse_existing(arguments.json)
    found = retrieve(
        arguments.index,
        arguments.images,
        weights=arguments.weights,
        out=arguments.out,
        force=arguments.force,
        options=_options(arguments),
        shards=arguments.shard,
    )
    print(results_as_text(found))
    if arguments.out:
        print(f"wrote {arguments.out / 'index.html'}")
    if arguments.json:
        write_results(arguments.json, found)
        print(f"wrote {arguments.json}")


def _score(arguments: argparse.Namespace) -> None:
    from pipeline.files import write_json_atomic
    from retrieval.evaluate import evaluate_viewpoints
    from retrieval.store import load_index

    if arguments.json:
        refuse_existing(arguments.json)
    index, options = load_index(arguments.index), _options(arguments)
    scores = evaluate_viewpoints(index, arguments.dataset, arguments.split, arguments.weights, options)
    print(scores)
    if arguments.json:
        write_json_atomic(arguments.json, scores.to_json(), indent=1)
        print(f"wrote {arguments.json}")
