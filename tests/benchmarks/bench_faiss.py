"""Our index beside FAISS on the exported features. python -m tests.benchmarks.bench_faiss [--entries 1000000]

FAISS is no dependency: pip install --target DIR faiss-cpu, then put DIR on PYTHONPATH. Same entries and queries for
all: simulated views, and others of them disturbed as a detector's are (tests/benchmarks/simulated_views.py). FAISS
finds 100 candidates by the features' inner products, which `rerank` orders by the similarity itself; its time is in
the ms. One query at a time, as many threads as each takes by itself.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import faiss  # type: ignore[import-not-found]
import numpy as np

from retrieval.descriptor import Descriptors, describe
from retrieval.feature_files import rerank
from retrieval.features import draw_frequencies, encode
from retrieval.nearest import top_entries
from retrieval.packed import chunks
from retrieval.store import Index, load_index
from tests.benchmarks.bench_search import SCHEMA, bytes_of, many_views, one, write_index_of
from tests.benchmarks.simulated_views import disturb, simulate_views

K = 10
CANDIDATES = 100
PROBES = (4, 8, 16, 32, 64)
Search = Callable[[Descriptors], list[int]]


def main() -> None:
    """Print a table: recall@10 against exact, milliseconds, bytes per entry and seconds to build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=4, help="frequencies per keypoint")
    parser.add_argument("--lists", type=int, default=1024)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    views = many_views(arguments.entries, rng)
    noisy = disturb(simulate_views(arguments.queries, rng), rng)
    queries = describe(noisy.keypoints, noisy.boxes)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "index"
        seconds = timed(lambda: write_index_of(views, folder))
        index = load_index(folder)
        print(f"{len(index)} entries, {arguments.pairs * 2 * len(SCHEMA)} numbers per vector, k = {K}")
        print(f"{'':26s} recall@{K}       ms  bytes/entry  build s")
        exact = report("ours, exact", queries, ours(index, 1.0), None, bytes_of(folder) / len(index), seconds)
        searched = sum(segment.blocks.nbytes for segment in index.segments) / len(index)
        for recall in (0.999, 0.99):
            report(f"ours, --recall {recall}", queries, ours(index, recall), exact, searched, seconds)
        by_faiss(index, queries, exact, arguments)


def by_faiss(index: Index, queries: Descriptors, exact: list[list[int]], arguments: argparse.Namespace) -> None:
    """Flat, then inverted lists at several numbers of probes."""
    frequencies = draw_frequencies(index.schema.sigmas, arguments.pairs)
    width = 2 * arguments.pairs * len(index.schema)
    begin = time.perf_counter()
    features = np.empty((len(index), width), dtype=np.float32)
    for part in chunks(len(index)):
        features[part] = encode(index.descriptors(np.arange(part.start, part.stop)), frequencies)
    encoded = time.perf_counter() - begin
    flat = faiss.IndexFlatIP(width)
    seconds = encoded + timed(lambda: flat.add(features))

    def search(by: faiss.Index) -> Search:
        def found(query: Descriptors) -> list[int]:
            _, near = by.search(encode(query, frequencies), CANDIDATES)
            return rerank(index, query, near[0], K).entries.tolist()

        return found

    report("FAISS Flat + re-ranking", queries, search(flat), exact, 4 * width, seconds)
    lists = faiss.IndexIVFFlat(faiss.IndexFlatIP(width), width, arguments.lists, faiss.METRIC_INNER_PRODUCT)
    seconds = encoded + timed(lambda: lists.train(features[:: max(1, len(features) // (64 * arguments.lists))]))
    seconds += timed(lambda: lists.add(features))
    for probes in PROBES:
        lists.nprobe = probes
        report(f"FAISS IVF nprobe {probes} + re-r.", queries, search(lists), exact, 4 * width + 8, seconds)


def ours(index: Index, recall: float) -> Search:
    """Search by our own index."""
    tightness = index.tightness_for(recall)
    return lambda query: top_entries(index, query, K, tightness=tightness).entries.tolist()


def report(
    name: str, queries: Descriptors, search: Search, exact: list[list[int]] | None, size: float, seconds: float
) -> list[list[int]]:
    """Ask everything, print a line, return what was found."""
    search(one(queries, 0))
    found, taken = [], []
    for number in range(len(queries)):
        begin = time.perf_counter()
        found.append(search(one(queries, number)))
        taken.append(time.perf_counter() - begin)
    true = exact or found
    recall = np.mean([len(set(a) & set(b)) / K for a, b in zip(found, true, strict=True)])
    print(f"{name:26s} {recall:9.4f} {1e3 * np.median(taken):8.2f} {size:12.0f} {seconds:8.1f}", flush=True)
    return found


def timed(run: Callable[[], object]) -> float:
    """Seconds."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
