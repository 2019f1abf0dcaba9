"""The pages under docs/ as a site (configs/docs): it builds strictly, its links lead somewhere, it needs no network."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, chromium
from tests.conftest import ROOT
from tests.site_links import faults_of

CONFIG = ROOT / "configs" / "docs" / "mkdocs.yml"
BUILDS = pytest.mark.skipif(
    importlib.util.find_spec("material") is None,
    reason="needs mkdocs-material: pip install -c constraints.txt '.[docs]'",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(CONFIG), "-d", str(out)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return out


@BUILDS
def test_every_link_and_anchor_leads_somewhere_and_nothing_comes_from_another_host(site: Path):
    assert len(list(site.rglob("*.html"))) > len(list((ROOT / "docs").glob("*.md")))
    assert faults_of(site) == []


@BUILDS
def test_the_home_page_is_readme_and_links_out_of_docs_show_the_file(site: Path):
    home = (site / "index.html").read_text(encoding="utf-8")
    assert 'src="vehicles.jpg"' in home
    assert 'href="source/configs/models/akd-nano-photos.yaml.html"' in home
    shown = re.sub(r"<[^>]+>", "", (site / "source/pipeline/spec.py.html").read_text(encoding="utf-8"))
    assert "class DatasetSpec" in shown


@BUILDS
def test_comments_for_tests_do_not_show_and_a_file_s_name_does(site: Path):
    for page in site.glob("*.html"):
        assert not re.search(r"(<|&lt;)!-- ?(file|test|not run):", page.read_text(encoding="utf-8")), page.name
    dataset = (site / "your-dataset.html").read_text(encoding="utf-8")
    assert '<span class="filename">carpark.yaml</span>' in dataset


@BUILDS
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_it_is_searched_from_the_disk_with_the_keyboard_and_nothing_is_fetched(site: Path):
    with chromium() as page:
        page.open(site / "index.html")
        page.evaluate("document.querySelector('.md-search__input').focus()")
        page.send("Input.insertText", text="quarantine")
        page.wait_for("document.querySelector('.md-search-result__link[href*=\"rendering.html\"]')", timeout=30)
        assert not [address for address in page.requests if not address.startswith(("file:", "data:", "blob:"))]
        assert page.problems == []


@BUILDS
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_every_page_fits_a_phone_and_its_menu_opens_with_the_keyboard(site: Path):
    with chromium() as page:
        page.resize(390, 844)
        for file in sorted(site.glob("*.html")):
            page.open(file)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), file.name
        page.open(site / "your-dataset.html")
        page.press("Tab")  # skip to the content
        page.press("Tab")
        page.press("Enter")
        page.wait_for("document.activeElement.textContent.trim() === 'First prediction'")
        page.press("Escape")
        page.wait_for("document.activeElement.getAttribute('aria-label') === 'Menu'")


def test_faults_are_found(tmp_path: Path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">fine</a><a href="b.html#there">x</a><a href="c.html">x</a><a href="https://example.org">fine</a>'
        '<img src="https://example.org/x.png"><p style="background: url(//example.org/y.png)">x</p><a href="#top">x</a>'
    )
    (tmp_path / "b.html").write_text('<h2 id="here">x</h2>')
    (tmp_path / "s.css").write_text("@import 'https://example.org/f.css';")
    assert sorted(faults_of(tmp_path)) == [
        "a.html leads to #top, which has no such place",
        "a.html leads to b.html#there, which has no such place",
        "a.html leads to c.html",
        "a.html loads //example.org/y.png",
        "a.html loads https://example.org/x.png",
        "s.css loads https://example.org/f.css",
    ]
