"""How much faster than a Python loop is the search? Run by hand: python -m tests.benchmarks.bench_search

The loop is what a first implementation does: for each entry, for each keypoint, a term of OKS. It is timed on a share
of the entries and scaled up. Ratios, not milliseconds, carry over to another machine.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.keypoints import load_schema
from retrieval.descriptor import describe
from retrieval.manifest import SourceRecord
from retrieval.nearest import top_entries
from retrieval.similarity import contributions, similarities
from retrieval.store import Index, IndexedImage, load_index
from retrieval.write import Entry, IndexContent, write_index

LOOP_SHARE = 50
SCHEMA = load_schema("vehicle20")


def python_loop(index: Index, points: np.ndarray, weights: np.ndarray, count: int, k: int) -> list[int]:
    """Five obvious lines over the first `count` entries."""
    x, y, entry_weights = index.points[:, 0, :count].T.tolist(), index.points[:, 1, :count].T.tolist(), index.weights
    entry_weights, sigmas = entry_weights[:, :count].T.tolist(), SCHEMA.sigmas.tolist()
    scores = []
    for i in range(count):
        score = 0.0
        for j, (px, py) in enumerate(points.tolist()):
            shared = weights[j] * entry_weights[i][j]
            score += shared * math.exp(-((x[i][j] - px) ** 2 + (y[i][j] - py) ** 2) / (2 * (2 * sigmas[j]) ** 2))
        scores.append(score)
    return sorted(range(count), key=lambda i: (-scores[i], i))[:k]


def best_of(run: Callable[[], object], times: int = 7) -> float:
    """Seconds of the fastest run."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def random_index(folder: Path, count: int) -> tuple[Index, float, float]:
    """An index of random instances, about half of whose keypoints are visible; seconds to build and to open it."""
    rng = np.random.default_rng(0)
    visible = rng.choice([0, 1, 2], (count, len(SCHEMA), 1), p=[0.3, 0.2, 0.5])
    keypoints = np.concatenate([rng.uniform(0, 500, (count, len(SCHEMA), 2)), visible], axis=2)
    source = SourceRecord(path="/none", kind="labels", root="/none", root_from_index="none")
    begin = time.perf_counter()
    content = IndexContent(SCHEMA, source)
    for i in range(count):
        content.add(IndexedImage(f"{i:06d}.jpg", i), [Entry(keypoints[i], np.array([0.0, 0.0, 500.0, 500.0]))])
    write_index(content, folder)
    built = time.perf_counter() - begin
    opened = best_of(lambda: load_index(folder), 3)
    return load_index(folder), built, opened


def main() -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("-k", type=int, default=5)
    arguments = parser.parse_args()
    count, k = arguments.entries, arguments.k
    with tempfile.TemporaryDirectory() as temporary:
        index, built, opened = random_index(Path(temporary) / "index", count)
        size = sum(file.stat().st_size for file in (Path(temporary) / "index").iterdir())
        query = describe(index.keypoints[count // 2][None], index.boxes[count // 2][None])
        points, weights = query.points[0], query.weights[0]
        array, array_weights, sigmas = np.array(index.points), np.array(index.weights), SCHEMA.sigmas
        few = max(1, count // LOOP_SHARE)
        rows = {
            "python loop": best_of(lambda: python_loop(index, points, weights, few, k), 2) * count / few,
            "numpy, all at once": best_of(lambda: contributions(points, weights, array, array_weights, sigmas), 3),
            "keypoint-major, float64": best_of(
                lambda: similarities(points, weights, array, array_weights, sigmas, np.float64)
            ),
            "keypoint-major, float32": best_of(lambda: similarities(points, weights, array, array_weights, sigmas)),
            "exact top k from the mapped index": best_of(lambda: top_entries(index, query, k)),
        }
        found = top_entries(index, query, k)[0]
    loop = rows["python loop"]
    print(f"{count} entries, {int((weights > 0).sum())} of {len(SCHEMA)} keypoints visible in the query, k = {k}")
    for name, seconds in rows.items():
        print(f"{name:36s} {seconds * 1e3:10.2f} ms   {loop / seconds:9.0f} x")
    print(f"built in {built:.1f} s, {size / count:.0f} bytes per entry; opened and hashed in {opened * 1e3:.0f} ms")
    print(f"best entry: {found[0]} (the query is entry {count // 2})")


if __name__ == "__main__":
    main()
