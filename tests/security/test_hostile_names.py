"""Names that are pages' and terminals' code: they must arrive as text."""

import json
import shutil
from pathlib import Path

import pytest

import akd
from pipeline.errors import AkdError
from pipeline.keypoints import KeypointSchema
from pipeline.label_page import _said, _small
from pipeline.report import write_report
from tests.browser import CHROMIUM, chromium
from tests.pipeline.coco_files import content, write

SCRIPT = "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>"
NAME = "<img src=x onerror=window.hit=1>'\";.png"
ANSI = "\x1b[2J\x1b]0;owned\x07"


@pytest.fixture
def hostile(tmp_path: Path, schema: KeypointSchema) -> Path:
    """A dataset in which everything that is a name is code."""
    value = content(schema, 1, 3)
    for number, image in enumerate(value["images"]):
        image |= {"file_name": f"{number}{NAME}", "style": SCRIPT, "split": "train", "vehicle": SCRIPT}
    for annotation in value["annotations"]:
        annotation["keypoint_reasons"] = [SCRIPT] * len(schema)
    value["categories"][0] |= {"name": SCRIPT, "keypoints": [SCRIPT, *schema.names[1:]]}
    value["categories"][0]["flip_pairs"] = []
    value |= {"info": {"description": SCRIPT, "version": SCRIPT}, "licenses": [{"name": SCRIPT}]}
    folder = tmp_path / "<b onmouseover=hit()>set"
    write(folder, "annotations.json", value)
    assets = {SCRIPT: "0"}
    described = {"spec": {"name": SCRIPT, "seed": SCRIPT}, "assets": assets, "licences": assets, "versions": assets}
    (folder / "dataset.yaml").write_text(json.dumps(described))
    return folder


def test_a_report_holds_no_element_from_a_name(hostile: Path, tmp_path: Path):
    page = write_report(hostile, tmp_path / "report.html", workers=1)
    text = page.read_text()
    assert "<script>window" not in text
    assert "<img src=x" not in text
    assert "<b onmouseover" not in text
    assert "window.hit=1" in text, "the names are there, as text"


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_report_runs_no_name(hostile: Path, tmp_path: Path):
    page = write_report(hostile, tmp_path / "report.html", workers=1)
    with chromium() as tab:
        tab.open(page)
        tab.press("l")
        assert tab.evaluate("document.querySelectorAll('.thumb').length") > 0
        tab.evaluate("document.querySelector('.thumb').closest('button, a, [tabindex]')?.click()")
        tab.settle()
        assert tab.evaluate("document.body.innerText").count("onerror") > 0, "names are shown"
        assert tab.evaluate("window.hit === undefined")
        assert tab.evaluate("document.querySelectorAll('img[src=x]').length") == 0


def test_the_demos_page_escapes_what_it_is_told(tmp_path: Path):
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    import pipeline.demo_page

    source = Path(pipeline.demo_page.__file__)
    assert "autoescape=True" in source.read_text()
    environment = Environment(loader=FileSystemLoader(source.parent), autoescape=True, undefined=StrictUndefined)
    step = {"title": SCRIPT, "command": SCRIPT, "seconds": 1}
    row = {"name": SCRIPT, "numbers": [SCRIPT], "cells": [{"text": SCRIPT, "percent": 1}]}
    picture = pipeline.demo_page.Picture(SCRIPT, 1, 1)
    page = environment.get_template("demo.html").render(
        cards=[{"value": SCRIPT, "name": SCRIPT}],
        sheet_labels=picture,
        sheet_plain=picture,
        predictions=[picture],
        predictions_real=[picture],
        columns=[SCRIPT],
        scores=[row],
        keypoints=[row],
        matches=[picture],
        steps=[step],
        **dict.fromkeys(("protocol", "dataset_note", "total"), SCRIPT),
    )
    assert "<script>" not in page
    assert "<img src=x" not in page


def test_the_labelling_page_escapes_what_it_says():
    for text in (_said(SCRIPT, failed=True), _small(SCRIPT)):
        assert "<script" not in text
        assert "<img" not in text


def test_errors_write_no_control_characters_to_a_terminal(
    hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    value = json.loads((hostile / "annotations.json").read_text())
    value["images"][0]["file_name"] = f"{ANSI}\nakd: sound.png"
    file = tmp_path / f"{ANSI}.json"
    file.write_text(json.dumps(value))
    shutil.rmtree(hostile)
    for arguments in (["check", str(file)], ["export", str(file), "--to", "coco-split", "-o", str(tmp_path / "o")]):
        assert akd.main(arguments) == 1
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        assert "\x07" not in said.out + said.err
        assert "\nakd: sound.png" not in said.out + said.err


def test_an_error_is_one_printable_line():
    text = str(AkdError(f"{ANSI}a\nakd: wrote b\u2028c{'d' * 5000}"))
    assert text.isprintable()
    assert text.startswith("\\x1b[2J")
    assert len(text) == 2000
