import copy
import json

import pytest

from akd import main
from pipeline.errors import DatasetError
from tests.training.score_cases import SCHEMA, dataset, detection, instance, moved, points
from training.compare import compare
from training.evaluate import evaluate

COUNT = 30
COCO = dataset(*[[instance(n)] for n in range(1, COUNT + 1)])


def report(off, coco=COCO, rows=True):
    """Image n is `off(n)` pixels off."""
    found = {image.id: [detection(moved(off(image.id)))] for image in coco.images}
    scored = evaluate(coco, found, SCHEMA)
    content = scored.as_json() | ({"per_image": scored.rows.as_json()} if rows else {})
    return json.loads(json.dumps(content))


def test_differences_by_hand():
    """Of 30 images, 15 within 0.05 before and all after; every one within 0.1 in both."""
    found = compare(report(lambda n: 8 if n % 2 else 2), report(lambda n: 2), resamples=300)
    one = found.differences["pck/0.05"]
    assert (one.first, one.second) == (0.5, 1)
    assert 0.3 < one.interval[0] < 0.4 < 0.6 < one.interval[1] < 0.75
    assert one.clear
    same = found.differences["pck/0.1"]
    assert (same.first, same.second, same.interval, same.clear) == (1, 1, (0, 0), False)
    assert found.differences["nme/mean"].second - found.differences["nme/mean"].first == pytest.approx(-0.03)
    assert found.differences["keypoints_at_sigma/0.025/AP"].clear


def test_the_sign_is_of_the_second_less_the_first():
    better, worse = report(lambda n: 2), report(lambda n: 8 if n % 2 else 2)
    assert compare(better, worse, resamples=50).differences["pck/0.05"].interval[1] < 0
    assert "-0.500" in compare(better, worse, resamples=50).as_text()


def test_a_difference_of_chance_is_not_clear():
    """Each is the better one on half of the images."""
    found = compare(report(lambda n: 8 if n % 2 else 2), report(lambda n: 2 if n % 2 else 8), resamples=200)
    assert not found.differences["pck/0.05"].clear
    assert found.differences["pck/0.05"].interval[0] < 0 < found.differences["pck/0.05"].interval[1]


def test_reports_without_rows_are_compared_without_intervals():
    found = compare(report(lambda n: 2), report(lambda n: 8, rows=False), ("a.json", "b.json"))
    assert found.differences["pck/0.05"].second == 0
    assert found.differences["pck/0.05"].interval is None
    assert found.note == "no intervals: b.json has no per-image rows"


def test_a_report_of_an_earlier_version_is_compared_by_what_it_has():
    old = {"images": COUNT, "pck": {"0.05": 0.25, "0.1": 0.5}, "swap_rate": None, "keypoints": {"AP": 0.1}}
    found = compare(old, report(lambda n: 2)).differences
    assert found["pck/0.05"].second - found["pck/0.05"].first == 0.75
    assert found["keypoints/AP"].first == 0.1


@pytest.mark.parametrize("change", [{"labels": "other"}, {"images": 7}, {"sigma": 0.1}])
def test_reports_of_other_data_are_refused(change):
    first = report(lambda n: 2)
    with pytest.raises(DatasetError, match=f"A and B are not of the same data: {next(iter(change))}"):
        compare(first, first | change)


def test_rows_of_other_images_are_refused():
    first, second = report(lambda n: 2), report(lambda n: 2)
    for content in (first, second):
        for row in content["per_image"]:
            row["vehicle"] = "a"
    compare(first, second)
    for key, value in (("image", 99), ("vehicle", "b")):
        changed = copy.deepcopy(second)
        changed["per_image"][3][key] = value
        with pytest.raises(DatasetError, match="their images or labels differ"):
            compare(first, changed)


def test_rows_of_other_labels_are_refused():
    first, second = report(lambda n: 2), report(lambda n: 2)
    second["per_image"][3]["ratios"]["pck/0.1"][1] = 4
    with pytest.raises(DatasetError, match="their images or labels differ"):
        compare(first, second)


def test_damaged_rows_are_named():
    second = report(lambda n: 2)
    del second["per_image"][3]["ratios"]["pck/0.05"]
    with pytest.raises(DatasetError, match="B: per_image is damaged"):
        compare(report(lambda n: 2), second)


@pytest.fixture
def files(tmp_path):
    """A dataset of eight images, a schema, and two results files: 2 px off, and every other image 8 px off."""
    (tmp_path / "schema.yaml").write_text(SCHEMA.model_dump_json())
    annotations, images = [], []
    for n in range(1, 9):
        images.append({"id": n, "file_name": f"{n}.png", "width": 400, "height": 100})
        annotations.append({"id": n, "image_id": n, "category_id": 1, "bbox": [0, 0, 100, 50], "area": 3000,
                            "keypoints": points().ravel().tolist()})  # fmt: skip
    category = {"id": 1, "name": "car", "keypoints": list(SCHEMA.names)}
    content = {"images": images, "annotations": annotations, "categories": [category]}
    (tmp_path / "truth.json").write_text(json.dumps(content))
    for name, off in (("good", lambda n: 2), ("bad", lambda n: 8 if n % 2 else 2)):
        rows = [{"image_id": n, "category_id": 1, "score": 0.5, "bbox": [0, 0, 100, 50],
                 "keypoints": moved(off(n)).ravel().tolist()} for n in range(1, 9)]  # fmt: skip
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    return tmp_path


def run(capsys, *arguments):
    try:
        code = main([str(one) for one in arguments])
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_results_are_scored_and_compared_from_the_command_line(files, capsys):
    data = ("-d", files / "truth.json", "--keypoints", files / "schema.yaml")
    for name in ("good", "bad"):
        out = ("--json", files / f"{name}_report.json")
        code, text, err = run(
            capsys, "evaluate", "--predictions", files / f"{name}.json", *data, *out, "--expect-images", 8
        )
        assert (code, err) == (0, "")
        assert "8 images" in text
        assert "95 %: 1000 resamples of 8 images" in text
    content = json.loads((files / "bad_report.json").read_text())
    assert content["pck"]["0.05"] == 0.5
    assert len(content["per_image"]) == 8
    assert content["intervals_95"]["pck/0.05"][0] < 0.5 < content["intervals_95"]["pck/0.05"][1]
    by_reports = run(capsys, "compare", files / "bad_report.json", files / "good_report.json")
    by_results = run(capsys, "compare", files / "bad.json", files / "good.json", *data, "--json", files / "c.json")
    assert by_reports[0] == by_results[0] == 0
    table = [
        [line for line in out.splitlines() if line.startswith(("pck", "key", "box"))]
        for _, out, _ in (by_reports, by_results)
    ]
    assert table[0] == table[1]
    assert json.loads((files / "c.json").read_text())["scores"]["pck/0.05"]["difference"] == 0.5


def test_bad_use_of_the_verbs(files, capsys):
    data = ("-d", files / "truth.json", "--keypoints", files / "schema.yaml")
    assert run(capsys, "evaluate", *data)[0] == 2
    assert run(capsys, "evaluate", "w.pt", "--predictions", files / "good.json", *data)[0] == 2
    code, _, err = run(capsys, "evaluate", "--predictions", files / "good.json", *data, "--expect-images", 9)
    assert (code, err.count("\n")) == (1, 1)
    assert "has 8 images; --expect-images says 9" in err
    rows = json.loads((files / "good.json").read_text())
    (files / "other.json").write_text(json.dumps([rows[0] | {"category_id": 3}]))
    code, _, err = run(capsys, "evaluate", "--predictions", files / "other.json", *data)
    assert code == 1
    assert "category_id 3 has no keypoints there; allowed: 1" in err
    code, _, err = run(capsys, "compare", files / "good.json", files / "bad.json")
    assert code == 1
    assert "give the dataset too (-d)" in err
    code, _, err = run(capsys, "evaluate", "--predictions", files / "good.json", "-d", files / "truth.json")
    assert code == 1
    assert "keypoints differ from schema vehicle20" in err
