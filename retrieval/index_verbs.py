"""The verbs of the command line that make an index, change it, tell of it, and hand its features on."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.arguments import refuse_existing
from pipeline.errors import AkdError

Verb = Callable[..., argparse.ArgumentParser]
LABELS = "labels"
FIELDS = ("style", "split", "source")


def add_index_verbs(verb: Verb, positive: Callable[[str], int]) -> None:
    """`akd index`, `akd unindex`, `akd index-info`, `akd features` and `akd sigmas`."""
    index = verb("index", _index, "precompute an index for retrieval", "akd index runs/nano datasets/demo -o out/index")
    index.add_argument("weights", help=f"run folder or weights file; {LABELS}: a dataset's own labels, no detector")
    index.add_argument("source", type=Path, help="folder of images, or a dataset")
    index.add_argument("-o", "--out", type=Path, required=True, help="new folder for the index")
    index.add_argument("--split", choices=("train", "val", "test"), help="of a dataset, only this split")
    index.add_argument(
        "--append", action="store_true", help="add to an index that exists: what is new, or has changed since"
    )
    index.add_argument(
        "--sigmas", metavar="SCHEMA", help="schema file with the sigmas to take, as akd sigmas writes it"
    )

    unindex = verb(
        "unindex",
        _unindex,
        "remove images from an index; no rebuild",
        "akd unindex out/index --where source=old-renders",
    )
    unindex.add_argument("index", type=Path, help="folder that `akd index` wrote")
    unindex.add_argument("--image", type=Path, action="append", default=[], help="this image file; repeatable")
    unindex.add_argument(
        "--where", action="append", default=[], metavar="FIELD=VALUE", help="images of this style, split or source"
    )
    unindex.add_argument("--dry-run", action="store_true", help="only say how many that would be")

    info = verb("index-info", _info, "what an index holds, and whether it is still true", "akd index-info out/index")
    info.add_argument("index", type=Path, help="folder that `akd index` wrote")
    info.add_argument("--verify", action="store_true", help="read every file of it, and look at every indexed picture")

    features = verb(
        "features",
        _features,
        "an index as vectors for FAISS, usearch or a vector database: inner products are about its similarities",
        "akd features out/index -o out/features",
    )
    features.add_argument("index", type=Path, help="folder that `akd index` wrote")
    features.add_argument("-o", "--out", type=Path, required=True, help="new folder for features.npy and entries.jsonl")
    features.add_argument(
        "--pairs", type=positive, default=8, help="frequencies per keypoint: 2 x 8 x 20 = 320 numbers per vector (8)"
    )
    features.add_argument("--seed", type=int, default=0, help="of the frequencies (0)")

    sigmas = verb(
        "sigmas",
        _sigmas,
        "OKS sigmas from how far off a detector is",
        "akd sigmas runs/nano datasets/demo --split val -o sigmas.yaml",
    )
    sigmas.add_argument("weights", type=Path, help="run folder or weights file")
    sigmas.add_argument("dataset", type=Path, help="labelled images that it was not trained on")
    sigmas.add_argument("--split", choices=("train", "val", "test"), help="of the dataset, only this split")
    sigmas.add_argument("-o", "--out", type=Path, required=True, help="new schema file, for akd index --sigmas")


def where_of(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """FIELD=VALUE texts as values by field.

    Raises:
        AkdError: one is not of that form, or the field cannot be filtered by.
    """
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if name not in FIELDS or not equals or not value:
            raise AkdError(f"--where {text}: must be FIELD=VALUE with FIELD one of {', '.join(FIELDS)}")
        found[name] = (*found.get(name, ()), value)
    return found


def _index(arguments: argparse.Namespace) -> None:
    from pipeline.keypoints import load_schema
    from retrieval.index import build_index, build_index_from_labels
    from retrieval.update import append_labels, append_predictions

    source, out, split = arguments.source, arguments.out, arguments.split
    if arguments.append:
        if arguments.sigmas:
            raise AkdError(f"--sigmas: {out} has its sigmas already; they cannot differ within an index")
        if arguments.weights == LABELS:
            print(append_labels(source, out, split))
        else:
            print(append_predictions(Path(arguments.weights), source, out, split=split))
        return
    sigmas = load_schema(arguments.sigmas) if arguments.sigmas else None
    if arguments.weights == LABELS:
        made = build_index_from_labels(source, out, split, sigmas=sigmas)
    else:
        made = build_index(Path(arguments.weights), source, out, split=split, sigmas=sigmas)
    print(f"wrote {made}")


def _unindex(arguments: argparse.Namespace) -> None:
    from retrieval.remove import entries_to_remove, remove_entries
    from retrieval.store import load_index

    entries = entries_to_remove(load_index(arguments.index), arguments.image, where_of(arguments.where))
    if arguments.dry_run:
        print(f"{arguments.index}: would remove {len(entries)} instances")
        return
    print(f"{arguments.index}: removed {remove_entries(arguments.index, entries)} instances")


def _info(arguments: argparse.Namespace) -> None:
    from retrieval.info import describe_index

    print(describe_index(arguments.index, verify=arguments.verify))


def _features(arguments: argparse.Namespace) -> None:
    from retrieval.feature_files import write_features
    from retrieval.store import load_index

    print(f"wrote {write_features(load_index(arguments.index), arguments.out, arguments.pairs, arguments.seed)}")


def _sigmas(arguments: argparse.Namespace) -> None:
    from retrieval.sigmas import estimate_sigmas, write_schema

    refuse_existing(arguments.out)
    found = estimate_sigmas(arguments.weights, arguments.dataset, arguments.split)
    of = f"{arguments.dataset}, {arguments.split}" if arguments.split else str(arguments.dataset)
    write_schema(arguments.out, found.schema, f"Sigmas by akd sigmas: errors of {arguments.weights} on {of}.\n{found}")
    print(f"{found}\nwrote {arguments.out}")
