"""The report's page, driven in a real browser as a person does."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import pipeline.report as report
from pipeline.images import read_image
from tests import browser
from tests.browser import Page, chromium
from tests.pipeline.small_datasets import COUNT, HEIGHT, WIDTH, color_of, foreign, write_dataset

needs_chromium = pytest.mark.skipif(browser.CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("sets") / "a set")


@pytest.fixture(scope="module")
def made(dataset: Path) -> Path:
    return report.write_report(dataset, dataset.parent / "out" / "report.html", workers=1)


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def page(tab: Page, made: Path) -> Iterator[Page]:
    """The page freshly opened; what it complained of while the test ran fails it."""
    tab.problems.clear()
    tab.requests.clear()
    tab.open(made)
    yield tab
    assert not tab.problems


def count_said(page: Page) -> str:
    return page.evaluate("document.getElementById('count').textContent")


def ids_shown(page: Page) -> list[int]:
    return page.evaluate("[...document.querySelectorAll('.card .caption b')].map((b) => Number(b.textContent))")


def zoomed(page: Page) -> str | None:
    return page.evaluate(
        "document.getElementById('zoom').open ? document.getElementById('zoom-title').textContent : null"
    )


def pixel(page: Page, path: Path, selector: str) -> np.ndarray:
    """The colour on the screen in the middle of an element."""
    x, y = page.evaluate(
        f"(() => {{ const r = document.querySelector('{selector}').getBoundingClientRect();"
        " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
    )
    page.screenshot(path)
    return read_image(path)[int(y), int(x)].astype(int)


@needs_chromium
def test_the_page_opens_without_complaint_and_without_the_network(page: Page):
    assert count_said(page) == "60 images"
    assert ids_shown(page)[:3] == [1, 2, 3]
    page.click("#tab-charts")
    page.click("#tab-about")
    about = page.evaluate("document.getElementById('about').innerText")
    for text in ("made by a test", "tiny", "11", "9.9.9"):
        assert text in about
    assert page.requests
    assert {address.split(":")[0] for address in page.requests} <= {"file", "data"}


@needs_chromium
@pytest.mark.parametrize("place", [0, 7, 37])
def test_each_image_shows_its_own_thumbnail(page: Page, tmp_path: Path, place: int):
    page.press("l")
    page.evaluate(f"gallery.focus({place})")
    page.settle()
    selector = f'.card[data-image="{place}"] .thumb'
    page.evaluate(
        "new Promise((done) => { const i = new Image(); i.onload = done;"
        f" i.src = document.querySelector('{selector}').style.backgroundImage.slice(5, -2); }}).then(() => 0)"
    )
    page.settle()
    assert np.abs(pixel(page, tmp_path / "shot.png", selector) - color_of(place)).max() < 12


@needs_chromium
def test_labels_lie_where_the_dataset_says(page: Page):
    x, y = page.evaluate(
        "(() => { const mark = document.querySelector('.card circle').getBoundingClientRect();"
        " const picture = document.querySelector('.card .thumb').getBoundingClientRect();"
        " return [(mark.x + mark.width / 2 - picture.x) / picture.width,"
        " (mark.y + mark.height / 2 - picture.y) / picture.height]; })()"
    )
    assert x == pytest.approx(24 / WIDTH, abs=0.005)
    assert y == pytest.approx(16 / HEIGHT, abs=0.005)


@needs_chromium
def test_hidden_keypoints_are_hollow_and_absent_ones_are_not_drawn(page: Page):
    fills = "[...document.querySelectorAll('.card[data-image=\"%d\"] circle')].map((c) => c.getAttribute('fill'))"
    first, second = page.evaluate(fills % 0), page.evaluate(fills % 1)
    assert first[0] != "none"
    assert set(first[1:]) == {"none"}
    assert len(second) == 2
    assert "none" not in second
    bones = page.evaluate("document.querySelectorAll('.card[data-image=\"1\"] .bone').length")
    assert bones == 1, "two of three bones end at the roof, which is absent"


@needs_chromium
def test_labels_are_switched_on_and_off(page: Page):
    shown = "getComputedStyle(document.querySelector('.card .marks')).display !== 'none'"
    assert page.evaluate(shown)
    page.click("#labels")
    assert not page.evaluate(shown)
    page.press("l")
    assert page.evaluate(shown)
    page.type("#search", "")
    page.press("l")
    assert page.evaluate("document.getElementById('labels').checked"), (
        "a letter that is typed into a field is no command"
    )


@needs_chromium
@pytest.mark.parametrize(
    ("clicks", "said"),
    [
        (["input[name=split][value='1']"], "15 of 60 images"),
        (["input[name=split][value='0']", "input[name=split][value='1']"], "45 of 60 images"),
        (["input[name=light][value='2']"], "20 of 60 images"),
        (["input[name=split][value='1']", "input[name=light][value='2']"], "5 of 60 images"),
    ],
)
def test_filters_reduce_what_is_shown(page: Page, clicks: list[str], said: str):
    for selector in clicks:
        page.click(selector)
    assert count_said(page) == said
    page.click("button[type=reset]")
    page.wait_for("document.getElementById('count').textContent === '60 images'")


@needs_chromium
def test_the_share_of_hidden_keypoints_is_a_filter(page: Page):
    move = "(e) => { e.value = %d; e.dispatchEvent(new Event('input', { bubbles: true })); }"
    page.evaluate(f"({move % 40})(document.getElementById('hidden-from'))")
    assert count_said(page) == "20 of 60 images"
    assert ids_shown(page)[:3] == [1, 4, 7]
    page.evaluate(f"({move % 45})(document.getElementById('hidden-to'))")
    assert count_said(page) == "0 of 60 images"
    assert page.evaluate("!document.getElementById('nothing').hidden")


@needs_chromium
@pytest.mark.parametrize(
    ("query", "ids"), [("suv-7", [15, 16]), ("000041.png", [42]), ("42", [42, 43]), ("42 suv-20", [42]), ("truck", [])]
)
def test_search_finds_ids_files_and_vehicles(page: Page, query: str, ids: list[int]):
    page.type("#search", query)
    assert ids_shown(page) == ids


@needs_chromium
def test_zoom_opens_steps_and_closes(page: Page):
    page.click("input[name=split][value='1']")
    page.click(".card")
    assert zoomed(page) == "000002.png"
    page.wait_for("document.querySelector('#zoom img').naturalWidth === 96")
    assert "hidden: self" not in page.evaluate("document.getElementById('zoom-facts').innerText")
    page.press("ArrowRight")
    assert zoomed(page) == "000006.png", "the next one that passes the filter"
    assert "hidden: self" in page.evaluate("document.getElementById('zoom-facts').innerText")
    page.press("ArrowLeft")
    page.press("ArrowLeft")
    assert zoomed(page) == "000002.png", "there is none before the first"
    page.press("ArrowRight")
    page.press("Escape")
    assert zoomed(page) is None
    assert page.evaluate("document.activeElement.dataset.image") == "6", "the keyboard is where the eye is"


@needs_chromium
def test_the_gallery_is_walked_with_the_keyboard(page: Page):
    page.evaluate("gallery.focus(0)")
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.press("ArrowLeft")
    page.press("Enter")
    assert zoomed(page) == "000001.png"


@needs_chromium
def test_charts_follow_the_filters(page: Page):
    page.click("#tab-charts")
    titles = page.evaluate("[...document.querySelectorAll('.chart h2')].map((h) => h.textContent)")
    assert titles == ["Viewpoints", "Keypoint visibility", "Box size", "Brightness", "Hidden keypoints"]
    bar = "document.querySelector('.chart .seen title').textContent"
    assert page.evaluate(bar) == "hub_L seen: 60 (100\u00a0%)"
    page.click("input[name=split][value='1']")
    assert page.evaluate(bar) == "hub_L seen: 15 (100\u00a0%)"


@needs_chromium
def test_viewpoints_are_walked_with_the_keyboard(page: Page):
    page.click("#tab-charts")
    page.evaluate("document.querySelector('.viewpoint svg').focus()")
    said = "document.querySelector('.viewpoint svg').getAttribute('aria-label')"
    azimuths = []
    for _ in range(3):
        page.press("ArrowLeft")
        azimuths.append(float(page.evaluate(said).split("azimuth ")[1].split("°")[0]))
    assert azimuths == sorted(azimuths)
    page.press("ArrowRight")
    image = page.evaluate(said).split(":")[0]
    assert f"azimuth {azimuths[1]:g}°" in page.evaluate(said)
    page.press("Enter")
    assert zoomed(page)
    assert image.split()[-1] in page.evaluate("document.getElementById('zoom-facts').innerText").split()


@needs_chromium
def test_on_a_phone_nothing_is_cut_off_and_what_is_pressed_is_large_enough(page: Page, made: Path):
    page.resize(390, 844, mobile=True)
    try:
        page.open(made)
        page.click("#side summary")
        for tab in ("images", "charts", "about"):
            page.click(f"#tab-{tab}")
            assert page.evaluate("document.documentElement.scrollWidth") == 390
        heights = page.evaluate(
            "[...document.querySelectorAll('.tabs button, .switch, select, #choices label, #side summary, .plain')]"
            ".map((e) => e.getBoundingClientRect().height).filter(Boolean)"
        )
        assert min(heights) >= 40
        page.click("#tab-charts")
        scale = "document.querySelector('.chart.wide:not(.viewpoint) svg').getScreenCTM().a"
        assert page.evaluate(scale) > 0.9, "a chart's text is not made smaller"
    finally:
        page.resize(1280, 900)


@needs_chromium
def test_a_large_dataset_keeps_its_thumbnails_beside_the_page_and_few_in_it(
    tab: Page, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(report, "EMBEDDED", 10)
    made = report.write_report(dataset, tmp_path / "my report.html", workers=1)
    assert [p.name for p in sorted((tmp_path / "my report_files").iterdir())] == ["00000.jpg", "00001.jpg"]
    tab.problems.clear()
    tab.requests.clear()
    tab.open(made)
    tab.wait_for("document.querySelector('.card')")
    assert any(address.endswith("/my%20report_files/00000.jpg") for address in tab.requests)
    few = ids_shown(tab)
    assert len(few) < COUNT / 2
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    tab.wait_for(f"document.querySelector('.card[data-image=\"{COUNT - 1}\"]')")
    tab.evaluate("scrollTo(0, 0)")
    tab.wait_for("document.querySelector('.card[data-image=\"0\"]')")
    tab.settle()
    assert ids_shown(tab) == few, "cards that left the screen left the document"
    assert not tab.problems


@needs_chromium
def test_a_foreign_dataset_is_shown_with_what_is_known_of_it(tab: Page, tmp_path: Path):
    made = report.write_report(foreign(tmp_path), tmp_path / "r.html", workers=1)
    tab.problems.clear()
    tab.open(made)
    assert ids_shown(tab) == [5, 9]
    assert "image not readable" in tab.evaluate("document.getElementById('gallery').innerText")
    assert tab.evaluate("document.querySelectorAll('#choices fieldset').length") == 0
    assert tab.evaluate("document.querySelectorAll('.card .bone').length") == 3
    tab.click("#tab-charts")
    titles = tab.evaluate("[...document.querySelectorAll('.chart h2')].map((h) => h.textContent)")
    assert "Viewpoints" not in titles
    assert tab.evaluate("document.querySelectorAll('[onerror]').length") == 0
    assert not tab.problems


@needs_chromium
def test_a_page_that_was_moved_away_zooms_into_the_thumbnail(tab: Page, made: Path, tmp_path: Path):
    moved = tmp_path / "elsewhere" / "deep" / "report.html"
    moved.parent.mkdir(parents=True)
    moved.write_bytes(made.read_bytes())
    tab.open(moved)
    tab.click(".card")
    tab.wait_for("document.querySelector('#zoom .thumb')")
    assert "Only the thumbnail" in tab.evaluate("document.getElementById('zoom-figure').innerText")
