"""How fast is the search? python -m tests.benchmarks.bench_search [--entries 1000000] [--queries 200]

Entries are simulated views (tests/benchmarks/simulated_views.py), queries others of them, disturbed as a detector's
are. Against it: numpy over all entries at once, and the loop of a first implementation, for each entry and each
keypoint a term of OKS, timed on a share of the entries and scaled up. Ratios, not milliseconds, carry over to another
machine. Then what `--recall` gives: the index measures for itself where to stop, on queries of its own.

Above 2 x 10^6 entries numpy, too, is timed on a share of them: its arrays would not fit.
"""

import argparse
import math
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np

from pipeline.keypoints import load_schema
from retrieval.descriptor import Descriptors, describe
from retrieval.evaluate import summarise
from retrieval.manifest import SourceRecord
from retrieval.nearest import Tightness, top_entries, top_entries_each
from retrieval.segment import IndexedImage
from retrieval.similarity import contributions
from retrieval.store import Index, load_index
from retrieval.write import Instances, write_instances
from tests.benchmarks.simulated_views import Views, disturb, simulate_views

SCHEMA = load_schema("vehicle20")
LOOPED = 5_000
RECALLS = (0.999, 0.99, 0.95)
NUMPY_TO = 2_000_000
CHUNK = 250_000


def main() -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("-k", type=int, default=10)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    views = many_views(arguments.entries, rng)
    asked = simulate_views(arguments.queries, rng)
    noisy = disturb(asked, rng)
    queries = describe(noisy.keypoints, noisy.boxes)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "index"
        begin = time.perf_counter()
        write_index_of(views, folder)
        built, size = time.perf_counter() - begin, bytes_of(folder) / len(views)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{len(views)} entries: built in {built:.1f} s, {size:.0f} bytes per entry on disk", end=", ")
        print(f"at most {memory:.1f} GB in memory, of which the views {views.nbytes / 1e9:.1f}")
        print(f"opened in {1e3 * best_of(lambda: load_index(folder), 5):.1f} ms")
        compare(load_index(folder), queries, asked, arguments.k)


def compare(index: Index, queries: Descriptors, asked: Views, k: int) -> None:
    """Times of one query by each way, and what is found."""
    top_entries(index, one(queries, 0), k)
    exact, seconds, read = ask_all(index, queries, k, 1.0)
    everything = index.descriptors(np.arange(min(len(index), NUMPY_TO)))
    points = np.ascontiguousarray(everything.points.transpose(1, 2, 0))
    weights = np.ascontiguousarray(everything.weights.T)
    numpy_s = best_of(lambda: contributions(queries.points[0], queries.weights[0], points, weights, SCHEMA.sigmas), 2)
    numpy_s *= len(index) / len(everything)
    loop_s = best_of(lambda: python_loop(queries, points[:, :, :LOOPED], weights[:, :LOOPED]), 2)
    loop_s *= len(index) / min(LOOPED, len(index))
    print(f"\none query, k = {k}, median of {len(queries)}, one thread; numpy and the loop over all entries")
    blocks = sum(len(segment.blocks.entries) for segment in index.segments)
    for name, taken in (("python loop", loop_s), ("numpy", numpy_s), ("exact", float(np.median(seconds)))):
        print(f"{name:14s} {1e3 * taken:12.3f} ms {loop_s / taken:12.0f} x the loop")
    slow = np.quantile(seconds, 0.99)
    print(f"{'exact, p99':14s} {1e3 * slow:12.3f} ms; reads {np.mean(read) / blocks:.2%} of the blocks")
    for wanted in RECALLS:
        found, seconds, read = ask_all(index, queries, k, index.tightness_for(wanted))
        recall = np.mean([len(set(a) & set(b)) / k for a, b in zip(found, exact, strict=True)])
        print(
            f"--recall {wanted:<5} {1e3 * np.median(seconds):12.3f} ms; recall@{k} {recall:.4f}; "
            f"reads {np.mean(read) / blocks:.2%}; tightness {index.tightness_for(wanted)[0]}"
        )
    begin = time.perf_counter()
    top_entries_each(index, queries, k)
    each = 1e3 * (time.perf_counter() - begin) / len(queries)
    print(f"all {len(queries)} at once, exact, all cores: {each:.3f} ms each")
    best = [index.viewpoints[entries[0]] for entries in exact]
    print(summarise(best, np.column_stack([asked.azimuth_deg, asked.elevation_deg])))


def many_views(count: int, rng: np.random.Generator) -> Views:
    """`simulate_views`, some at a time: its float64 arrays of ten million would not fit in memory."""
    views = [simulate_views(min(CHUNK, count - start), rng) for start in range(0, count, CHUNK)]
    return Views(*(np.concatenate([getattr(part, field.name) for part in views]) for field in fields(Views)))


def write_index_of(views: Views, folder: Path) -> None:
    """An index of views, each of an image of its own that does not exist."""
    source = SourceRecord(path="/none", kind="labels", root="/none", root_from_index="none")
    count = len(views)
    instances = Instances(
        views.keypoints,
        views.boxes,
        np.ones(count),
        np.column_stack([views.azimuth_deg, views.elevation_deg]),
        np.arange(count),
    )
    images = (IndexedImage(f"{i:08d}.jpg", i) for i in range(count))
    write_instances(SCHEMA, source, instances, images, folder)


def ask_all(
    index: Index, queries: Descriptors, k: int, tightness: Tightness
) -> tuple[list[list[int]], np.ndarray, list[int]]:
    """The entries found, seconds and blocks read of each query."""
    found, seconds, read = [], [], []
    for number in range(len(queries)):
        begin = time.perf_counter()
        top = top_entries(index, one(queries, number), k, tightness=tightness)
        seconds.append(time.perf_counter() - begin)
        found.append(top.entries.tolist())
        read.append(top.read)
    return found, np.array(seconds), read


def one(queries: Descriptors, number: int) -> Descriptors:
    """One of them."""
    return Descriptors(queries.points[number : number + 1], queries.weights[number : number + 1])


def python_loop(queries: Descriptors, x_y: np.ndarray, weights: np.ndarray) -> list[int]:
    """Five obvious lines."""
    theirs, theirs_weights, sigmas = x_y.transpose(2, 0, 1).tolist(), weights.T.tolist(), SCHEMA.sigmas.tolist()
    mine, mine_weights = queries.points[0].tolist(), queries.weights[0].tolist()
    scores = []
    for entry, entry_weights in zip(theirs, theirs_weights, strict=True):
        score = 0.0
        for j, (px, py) in enumerate(mine):
            shared = mine_weights[j] * entry_weights[j]
            score += shared * math.exp(
                -((entry[j][0] - px) ** 2 + (entry[j][1] - py) ** 2) / (2 * (2 * sigmas[j]) ** 2)
            )
        scores.append(score)
    return sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:10]


def best_of(run: Callable[[], object], times: int) -> float:
    """Seconds of the fastest run."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def bytes_of(folder: Path) -> int:
    """Of all files."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
