"""What a report is made from: thumbnails, fields, colours; and the verb that writes it."""

import re
from pathlib import Path

import numpy as np
import pytest

import pipeline.report as report
from akd import main
from pipeline.coco import load_coco
from pipeline.images import read_image
from pipeline.keypoints import KeypointSchema
from pipeline.report_fields import field_columns
from pipeline.report_schema import drawn_keypoints
from pipeline.report_thumbs import CELL, COLUMNS, make_sheet, thumbnail_sheets
from tests.pipeline.small_datasets import COUNT, HEIGHT, WIDTH, color_of, foreign, write_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("sets") / "a set")


def test_the_page_asks_nothing_of_the_network(dataset: Path, tmp_path: Path):
    made = report.write_report(dataset, tmp_path / "r.html", workers=1)
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", made.read_text())
    assert "default-src 'none'" in made.read_text()


def test_the_verb_writes_and_overwrites_only_when_asked(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "r.html"
    verb = ["report", str(dataset), "-o", str(out), "--workers", "1"]
    assert main(verb) == 0
    assert f"wrote {out}" in capsys.readouterr().out
    assert main(verb) == 1
    assert "exists already" in capsys.readouterr().err
    assert main([*verb, "--force"]) == 0
    assert main(["report", str(tmp_path / "none")]) == 1
    assert "no such dataset" in capsys.readouterr().err


def test_force_removes_sheets_of_before_and_nothing_else(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    files = tmp_path / "r_files"
    files.mkdir()
    for name in ("00099.jpg", "mine.jpg"):
        (files / name).write_bytes(b"")
    monkeypatch.setattr(report, "EMBEDDED", 10)
    report.write_report(dataset, tmp_path / "r.html", workers=1, force=True)
    assert {p.name for p in files.iterdir()} == {"00000.jpg", "00001.jpg", "mine.jpg"}


def test_a_sheet_holds_each_thumbnail_in_its_cell(dataset: Path, tmp_path: Path):
    paths = [dataset / "images" / f"{i:06d}.png" for i in range(COLUMNS + 2)]
    paths[3] = dataset / "images" / "none.png"
    sheet = make_sheet(paths)
    (tmp_path / "sheet.jpg").write_bytes(sheet.jpeg)
    pixels = read_image(tmp_path / "sheet.jpg").astype(int)
    assert pixels.shape == (2 * CELL, COLUMNS * CELL, 3)
    assert sheet.sizes[3] == (0, 0)
    assert sheet.brightness[3] is None
    for i in (0, 5, 7):
        assert sheet.sizes[i] == (WIDTH, HEIGHT), "small images are not enlarged"
        y, x = i // COLUMNS * CELL + HEIGHT // 2, i % COLUMNS * CELL + WIDTH // 2
        assert np.abs(pixels[y, x] - color_of(i)).max() < 12
        assert sheet.brightness[i] == pytest.approx(np.dot(color_of(i), [0.299, 0.587, 0.114]) / 255, abs=0.001)


def test_two_processes_make_the_sheets_that_one_makes(dataset: Path):
    paths = [dataset / "images" / f"{i % COUNT:06d}.png" for i in range(150)]
    assert list(thumbnail_sheets(paths, 2)) == list(thumbnail_sheets(paths, 1))


def test_fields_come_from_the_row_the_record_and_the_split_files(dataset: Path, tmp_path: Path):
    columns = {column["key"]: column for column in field_columns(load_coco(dataset).images, dataset)}
    assert columns["split"]["choices"] == ["train", "val", "test"]
    assert columns["light"]["choices"] == ["hdri", "sky", "studio"]
    assert columns["light"]["values"][:3] == [1, 2, 0]
    assert columns["paint"]["values"][0] == "#ff0080"
    assert columns["azimuth"]["values"][2] == 12.0
    assert "ground" not in columns, "no record says it"
    source = foreign(tmp_path)
    (tmp_path / "val.json").write_text(source.read_text())
    (column,) = field_columns(load_coco(source).images, tmp_path)
    assert (column["key"], column["choices"], column["values"]) == ("split", ["val"], [0, 0])


def test_a_category_that_says_only_names_is_drawn_by_the_schema_of_those_names(schema: KeypointSchema):
    drawn = drawn_keypoints(schema.names, {})
    assert [tuple(edge[:2]) for edge in drawn["edges"]] == list(schema.skeleton_index)
    assert drawn["colors"][schema.index("wheel_FL")] != drawn["colors"][schema.index("wheel_FR")]
    assert drawn_keypoints(schema.names[::-1], {})["edges"] == []


def test_sides_are_told_from_names_where_the_file_does_not_say():
    names = ["nose", "left_eye", "right_eye", "hub_L", "hub_R", "LeftEar"]
    drawn = drawn_keypoints(names, {"skeleton": [[2, 4], [1, 99], [2]]})
    nose, left, right, hub_left, hub_right, alone = (
        tuple(int(color[i : i + 2], 16) for i in (1, 3, 5)) for color in drawn["colors"]
    )
    assert left[2] > left[0] < right[0]
    assert hub_left[2] > hub_left[0] < hub_right[0]
    assert len(set(nose)) == 1
    assert len(set(alone)) == 1, "without a partner there is no side"
    assert [edge[:2] for edge in drawn["edges"]] == [[1, 3]]
