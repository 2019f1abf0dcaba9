"""Features whose inner product is about OKS, on disk, and searched by other programs as docs/retrieval.md shows."""

import json
import re

import numpy as np
import pytest

from pipeline.errors import AkdError, IndexFileError
from retrieval.change import remove_entries
from retrieval.descriptor import describe
from retrieval.feature_files import load_frequencies, rerank, write_features
from retrieval.features import draw_frequencies, encode
from retrieval.nearest import top_entries
from retrieval.similarity import similarities
from retrieval.store import load_index
from retrieval.write import write_index
from tests.benchmarks.simulated_views import disturb, simulate_views
from tests.conftest import ROOT
from tests.retrieval.instances import SCHEMA, content_of


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An index of 500 views less two, its features, and ten disturbed queries."""
    folder = tmp_path_factory.mktemp("features")
    rng = np.random.default_rng(1)
    views = simulate_views(500, rng)
    write_index(content_of(views.keypoints, views.boxes, lambda i: {"style": f"s{i % 3}"}), folder / "index")
    remove_entries(folder / "index", np.array([0, 7]))
    index = load_index(folder / "index")
    summary = write_features(index, folder / "features")
    noisy = disturb(simulate_views(10, rng), rng)
    return folder, index, summary, describe(noisy.keypoints, noisy.boxes)


def test_inner_products_are_about_the_similarity(made):
    _, index, _, queries = made
    entries = index.descriptors()
    points, weights = entries.points.transpose(1, 2, 0), entries.weights.T
    each = zip(queries.points, queries.weights, strict=True)
    true = np.stack([similarities(mine, weight, points, weights, SCHEMA.sigmas) for mine, weight in each])
    errors = []
    for pairs in (4, 8, 64):
        frequencies = draw_frequencies(SCHEMA.sigmas, pairs)
        mine, theirs = encode(queries, frequencies), encode(entries, frequencies)
        np.testing.assert_allclose(np.linalg.norm(theirs, axis=1), 1, atol=1e-5)
        errors.append(float(np.sqrt(((mine @ theirs.T - true) ** 2).mean())))
    assert errors[0] < 0.08
    assert errors[1] < 0.05
    assert errors[2] < 0.017


def test_frequencies_come_at_right_angles_and_are_drawn_by_seed():
    frequencies = draw_frequencies(SCHEMA.sigmas, 8)
    np.testing.assert_allclose((frequencies[:, 0::2] * frequencies[:, 1::2]).sum(axis=2), 0, atol=1e-3)
    np.testing.assert_array_equal(frequencies, draw_frequencies(SCHEMA.sigmas, 8))
    assert (frequencies != draw_frequencies(SCHEMA.sigmas, 8, seed=1)).all()


def test_what_is_on_disk(made):
    folder, index, summary, _ = made
    rows = np.load(folder / "features" / "features.npy")
    lines = [json.loads(line) for line in (folder / "features" / "entries.jsonl").read_text().splitlines()]
    assert (summary.rows, summary.dimensions) == rows.shape == (498, 320)
    assert [line["entry"] for line in lines] == np.flatnonzero(index.live).tolist()
    assert lines[0]["image"].endswith("1.png")
    assert lines[0]["style"] == "s1"
    frequencies = load_frequencies(folder / "features")
    np.testing.assert_allclose(encode(index.descriptors([9]), frequencies)[0], rows[7], atol=1e-6)
    with pytest.raises(AkdError, match="features: exists already"):
        write_features(index, folder / "features")
    with pytest.raises(IndexFileError, match=r"frequencies\.npy: cannot be read; write the features again"):
        load_frequencies(folder)
    (folder / "frequencies.npy").write_bytes(b"\x93NUMPY\x01\x00\x76\x00" + b" \xff\n\0".ljust(117) + b"\n")
    with pytest.raises(IndexFileError, match=r"frequencies\.npy: cannot be read; write the features again"):
        load_frequencies(folder)


def test_ranked_again_candidates_are_what_the_index_finds(made):
    folder, index, _, queries = made
    rows, entries = np.load(folder / "features" / "features.npy"), np.flatnonzero(index.live)
    frequencies = load_frequencies(folder / "features")
    for number in range(len(queries)):
        query = type(queries)(queries.points[number : number + 1], queries.weights[number : number + 1])
        near = entries[np.argsort(-rows @ encode(query, frequencies)[0])[:100]]
        found, exact = rerank(index, query, [*near, -1], 10), top_entries(index, query, 10)
        assert found.entries.tolist() == exact.entries.tolist()
        np.testing.assert_array_equal(found.scores, exact.scores)
    assert len(rerank(index, query, [-1, -1]).entries) == 0


@pytest.mark.parametrize("library", ["faiss", "usearch"])
def test_the_documented_example(made, library):
    """The program in docs/retrieval.md, as it stands there, finds what the index itself finds."""
    pytest.importorskip(f"{library}.index" if library == "usearch" else library)
    folder, index, _, queries = made
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "retrieval.md").read_text(encoding="utf-8"), re.DOTALL)
    (program,) = [block for block in blocks if f"import {library}" in block or f"from {library}" in block]
    program = program.replace("out/features", str(folder / "features")).replace("out/index", str(folder / "index"))
    query = type(queries)(queries.points[:1], queries.weights[:1])
    names = {"query": query}
    exec(program, names)
    assert names["best"].entries.tolist() == top_entries(index, query, 10).entries.tolist()
