"""Pictures of every page that akd makes, on a desktop and on a phone; run by hand, to look at them:

python -m tests.benchmarks.screenshots -o out/shots [--dataset DATASET] [--photos PHOTOS] [--only report shift]

Pages are made by the verbs that make them, under OUT/pages, unless they are there; without --dataset and --photos they
show the demo's dataset and docs/examples. OUT/NAME-desktop.png and NAME-phone.png are the window, NAME-phone-whole.png
is the page down to its end, and desktop.jpg and phone.jpg are sheets of all. What can be measured is said: what is
wider than the window, what is cut off, and on the phone what is too small for a finger (below 24 CSS pixels: WCAG 2.2,
2.5.8).
"""

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.draw import contact_sheet
from pipeline.image_files import image_files
from pipeline.images import read_image, write_image
from tests.browser import Page, chromium
from tests.conftest import ROOT

WINDOWS = {"desktop": (1280, 800), "phone": (390, 844)}
CELLS = {"desktop": (320, 200), "phone": (150, 325)}
COLUMNS = {"desktop": 4, "phone": 9}
SOFTWARE_GL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SHEET_QUALITY = 45

WIDER = """(() => {
  const width = document.documentElement.clientWidth, out = [], own = [document.body, document.documentElement];
  if (document.documentElement.scrollWidth <= width) return out;
  const scrolls = (e) => {
    for (let p = e.parentElement; p && !own.includes(p); p = p.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX)) return true;
    return false;
  };
  for (const e of document.body.querySelectorAll('*')) {
    const r = e.getBoundingClientRect(), name = `${e.tagName.toLowerCase()}.${e.className}`;
    if (r.width && r.right > width + 1 && !scrolls(e)) out.push(`${name} ends at ${Math.round(r.right)}`);
  }
  return out.slice(0, 5);
})()"""
SMALL = """(() => {
  const out = new Map();
  for (const e of document.querySelectorAll('button, input, select, summary, [role=tab], a')) {
    const box = e.closest('label') ?? e, r = box.getBoundingClientRect();
    const inText = e.tagName === 'A' && e.closest('p, li, td, h1, h2, h3, h4, figcaption');
    if (!r.width || inText || getComputedStyle(e).visibility === 'hidden' || r.right < 0) continue;
    if (r.height < 24 || r.width < 24) {
      const name = `${e.tagName.toLowerCase()}#${e.id}.${e.className} ${Math.round(r.width)}x${Math.round(r.height)}`;
      out.set(name, (out.get(name) ?? 0) + 1);
    }
  }
  return [...out].map(([name, n]) => `${name} (${n})`).slice(0, 12);
})()"""

CUT = """(() => {
  const out = [], inside = (a, b) => a.left >= b.left - 1 && a.right <= b.right + 1;
  for (const e of document.querySelectorAll('svg text')) {
    const r = e.getBoundingClientRect(), frame = e.ownerSVGElement.getBoundingClientRect();
    if (r.width && !inside(r, frame)) out.push(e.textContent);
  }
  for (const e of document.body.querySelectorAll('*'))
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).textOverflow === 'ellipsis') out.push(e.innerText);
  return out.slice(0, 8);
})()"""


@dataclass(frozen=True)
class Shot:
    """A picture to take.

    Attributes:
        name: of its files.
        page: the file to open, or an address.
        do: what to do on the page before the picture is taken.
        whole: whether there is a page below the window.
    """

    name: str
    page: Path | str
    do: Callable[[Page], None] = lambda page: None
    whole: bool = True


def akd(*arguments: object) -> None:
    """A verb, as a user types it."""
    print(f"$ akd {' '.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, str(ROOT / "akd.py"), *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def demo(pages: Path, photos: Path) -> Path:
    """The demo's folder, small."""
    if not (pages / "demo" / "index.html").is_file():
        akd("demo", "-o", pages / "demo", "--images", 24, "--epochs", 2, "--real", photos)
    return pages / "demo"


def docs_shots(pages: Path, dataset: Path, photos: Path) -> Iterator[Shot]:
    if not (pages / "site" / "index.html").is_file():
        build = ["mkdocs", "build", "--strict", "-q", "-f", ROOT / "configs/docs/mkdocs.yml", "-d", pages / "site"]
        subprocess.run([sys.executable, "-m", *map(str, build)], check=True)
    yield Shot("docs-home", pages / "site" / "index.html")
    yield Shot("docs-page", pages / "site" / "your-dataset.html")
    yield Shot("docs-table", pages / "site" / "security.html", whole=False)
    yield Shot("docs-source", pages / "site" / "source" / "configs" / "datasets" / "demo.yaml.html", whole=False)
    yield Shot("docs-search", pages / "site" / "index.html", _search, whole=False)
    yield Shot("docs-dark", pages / "site" / "domain-shift.html", _dark, whole=False)


def report_shots(pages: Path, dataset: Path, photos: Path) -> Iterator[Shot]:
    page = pages / "report.html"
    if not page.is_file():
        akd("report", dataset, "-o", page)
    yield Shot("report", page, whole=False)
    yield Shot("report-charts", page, lambda page: page.click("#tab-charts"))
    yield Shot("report-provenance", page, lambda page: page.click("#tab-about"))
    yield Shot("report-image", page, lambda page: page.click(".card"), whole=False)


def retrieve_shots(pages: Path, dataset: Path, photos: Path) -> Iterator[Shot]:
    if not (pages / "index").is_dir():
        akd("index", "labels", dataset, "-o", pages / "index")
    page = pages / "matches" / "index.html"
    if not page.is_file():
        queries = image_files([photos])[::40]
        akd("retrieve", pages / "index", *queries, "--weights", "akd-nano", "--force", "-k", 5, "-o", page.parent)
    yield Shot("retrieve", page)
    yield Shot("retrieve-match", page, lambda page: page.click("button.tile"), whole=False)


def shift_shots(pages: Path, dataset: Path, photos: Path) -> Iterator[Shot]:
    page = pages / "shift" / "index.html"
    if not page.is_file():
        how = ("--most", 60, "--resamples", 200, "--allow-leak")
        akd("shift", "akd-nano", "--synthetic", dataset, "--real", photos, *how, "-o", page.parent)
    yield Shot("shift", page)


def demo_shots(pages: Path, dataset: Path, photos: Path) -> Iterator[Shot]:
    made = demo(pages, photos)
    yield Shot("demo", made / "index.html")
    yield Shot("demo-dark", made / "index.html", _dark, whole=False)
    yield Shot("run-curves", made / "run" / "curves.svg", whole=False)


def label_shots(pages: Path, dataset: Path, photos: Path) -> Iterator[Shot]:
    model = pages / "suv.glb"
    if not model.is_file():
        akd("vehicle", "--style", "suv", "--seed", 7, "-o", model)
    with _label_page(model) as address:
        yield Shot("label", address, _until_the_car_is_there, whole=False)


@contextlib.contextmanager
def _label_page(model: Path) -> Iterator[str]:
    command = [sys.executable, str(ROOT / "akd.py"), "label", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            line = next(line for line in server.stdout if " at http://" in line)
            yield line.split(" at ")[1].split(";")[0]
        finally:
            server.terminate()


def _until_the_car_is_there(page: Page) -> None:
    page.wait_for("document.querySelector('canvas') && document.body.innerText.includes('Save')", timeout=60)
    time.sleep(6)  # the mesh comes over a socket, and nothing on the page says that it is drawn


def _search(page: Page) -> None:
    page.evaluate("document.querySelector('label[for=__search]').click()")
    page.evaluate("document.querySelector('.md-search__input').focus()")
    page.send("Input.insertText", text="occluders")
    page.wait_for("document.querySelector('.md-search-result__link')", timeout=60)
    time.sleep(0.6)  # it glides in


def _dark(page: Page) -> None:
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    page.settle()


KINDS = {
    "docs": docs_shots,
    "report": report_shots,
    "retrieve": retrieve_shots,
    "shift": shift_shots,
    "demo": demo_shots,
    "label": label_shots,
}


def take(page: Page, shot: Shot, out: Path) -> None:
    """One page in all windows, and what is wrong with it."""
    for window, (width, height) in WINDOWS.items():
        page.send("Emulation.setEmulatedMedia", features=[])
        page.resize(width, height, mobile=window == "phone")
        page.open("about:blank")
        page.open(shot.page)
        shot.do(page)
        page.settle()
        page.screenshot(out / f"{shot.name}-{window}.png")
        if isinstance(shot.page, Path) and shot.page.suffix == ".html":
            for fault, code in (("wider than the window", WIDER), ("cut off", CUT), ("small", SMALL)):
                if (code is not SMALL or window == "phone") and (found := page.evaluate(code)):
                    print(f"  {shot.name} {window}: {fault}: {'; '.join(found)}")
        if shot.whole:
            page.evaluate("document.querySelectorAll('img[loading]').forEach((image) => { image.loading = 'eager'; })")
            page.wait_for("[...document.images].every((image) => image.complete)")
            page.screenshot(out / f"{shot.name}-{window}-whole.png", whole=True)


def sheet(out: Path, window: str) -> None:
    """All pictures of a window in one, those of earlier runs too."""
    names = sorted(path.name.removesuffix(f"-{window}.png") for path in out.glob(f"*-{window}.png"))
    pictures = [read_image(out / f"{name}-{window}.png") for name in names]
    write_image(
        out / f"{window}.jpg",
        contact_sheet(pictures, COLUMNS[window], names, CELLS[window]),
        quality=SHEET_QUALITY,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--dataset", type=Path, help="a rendered dataset (the demo's)")
    parser.add_argument("--photos", type=Path, default=ROOT / "docs" / "examples")
    parser.add_argument("--only", nargs="*", choices=KINDS, default=list(KINDS))
    given = parser.parse_args()
    given.out = given.out.resolve()  # mkdocs counts from its own config
    pages = given.out / "pages"
    pages.mkdir(parents=True, exist_ok=True)
    dataset = given.dataset or demo(pages, given.photos) / "dataset"
    with chromium(*SOFTWARE_GL) as page:
        for kind in given.only:
            for shot in KINDS[kind](pages, dataset, given.photos):
                print(shot.name, flush=True)
                take(page, shot, given.out)
    for window in WINDOWS:
        sheet(given.out, window)
    print("console:", page.problems or "silent")


if __name__ == "__main__":
    main()
