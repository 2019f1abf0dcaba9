"""The verbs as a user types them."""

import json

import numpy as np
import pytest

from akd import main
from tests.retrieval.test_build_index import detection


def test_an_index_from_the_command_line(make_dataset, tmp_path, capsys):
    dataset, index = make_dataset(), str(tmp_path / "index")
    assert main(["index", "labels", str(dataset), "-o", index]) == 0
    assert main(["index", "labels", str(dataset), "-o", index]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["index", "labels", str(make_dataset(count=4, name="more")), "-o", index, "--append"]) == 0
    assert main(["index", "labels", str(dataset), "-o", index, "--append", "--sigmas", "vehicle20"]) == 1
    assert "has its sigmas already" in capsys.readouterr().err
    assert main(["unindex", index, "--where", "source=more", "--dry-run"]) == 0
    assert main(["unindex", index, "--where", "source=more"]) == 0
    assert main(["unindex", index, "--where", "colour=red"]) == 1
    seen = capsys.readouterr()
    assert "would remove 4 instances" in seen.out
    assert "removed 4 instances" in seen.out
    assert "--where colour=red: must be FIELD=VALUE with FIELD one of style, split, source" in seen.err
    assert main(["index-info", index, "--verify"]) == 0
    assert "0 instances (4 removed) in 4 images" in capsys.readouterr().out
    assert main(["features", index, "-o", str(tmp_path / "features"), "--pairs", "3"]) == 0
    assert "6 vectors of 120 numbers" in capsys.readouterr().out


def test_retrieving_and_scoring_from_the_command_line(make_dataset, tmp_path, stand_in_model, capsys):
    dataset = make_dataset()
    weights, index = tmp_path / "w.pt", str(tmp_path / "index")
    weights.write_bytes(b"weights")
    for number in range(6):
        stand_in_model[f"{number:06d}.png"] = [detection(np.random.default_rng(number))]
    assert main(["index", str(weights), str(dataset), "-o", index]) == 0
    photo = str(dataset / "images" / "000002.png")
    out = ["-o", str(tmp_path / "out"), "--json", str(tmp_path / "found.json")]
    options = ["-k", "3", "--similarity", "coco-oks", "--mirrored", "--min-score", "0.5", "--where", "source=dataset"]
    assert main(["retrieve", index, photo, *options, *out]) == 0
    assert "index.html" in capsys.readouterr().out
    (query,) = json.loads((tmp_path / "found.json").read_text())["queries"]
    assert [match["rank"] for match in query["matches"]] == [1, 2, 3]
    assert query["matches"][0]["image"] == photo
    assert main(["retrieve", index, photo, "--where", "source=nowhere"]) == 1
    assert "no image has source 'nowhere'; there are: dataset" in capsys.readouterr().err
    scores = tmp_path / "scores.json"
    assert main(["score-retrieval", index, str(dataset), "--recall", "0.9", "--json", str(scores)]) == 0
    assert json.loads(scores.read_text())["queries"] > 0
    with pytest.raises(SystemExit):
        main(["retrieve", index, photo, "--recall", "1.5"])
