"""The links, anchors and loads of a folder of HTML pages, read from the files alone."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {"img": ("src",), "script": ("src",), "iframe": ("src",), "source": ("src",), "video": ("src", "poster")}
LOADING_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "manifest", "modulepreload"}
CSS_LOAD = re.compile(r"(?:url\(|@import\s+)\s*[\"']?((?:https?:)?//[^\"')\s]+)")


@dataclass
class Links(HTMLParser):
    """What one page has: `ids` to jump to, `links` that a reader follows, `loads` that the browser fetches itself."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and set(values.get("rel", "").split()) & LOADING_LINKS:
            self.loads.append(values["href"])
        self.loads += [values[name] for name in LOADS.get(tag, ()) if name in values]
        self.loads += CSS_LOAD.findall(values.get("style", ""))


def links_of(page: Path) -> Links:
    """Read a page."""
    links = Links()
    text = page.read_text(encoding="utf-8")
    links.feed(text)
    links.loads += [
        load for style in re.findall(r"<style>(.*?)</style>", text, re.S) for load in CSS_LOAD.findall(style)
    ]
    return links


def faults_of(site: Path) -> list[str]:
    """Links and anchors that lead nowhere, and whatever comes from another host, each with its page.

    A leading slash is the site's top, as a server has it.
    """
    pages = {page.resolve(): links_of(page) for page in site.rglob("*.html")}
    faults = []
    for page, found in pages.items():
        name = page.relative_to(site.resolve())
        for address in [*found.links, *found.loads]:
            parts = urlsplit(address)
            if parts.scheme == "data" or (parts.scheme in ("http", "https", "mailto") and address not in found.loads):
                continue
            if parts.scheme or parts.netloc:
                faults.append(f"{name} loads {address}")
                continue
            base = site if parts.path.startswith("/") else page.parent
            target = (base / unquote(parts.path).lstrip("/")).resolve() if parts.path else page
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                faults.append(f"{name} leads to {address}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                faults.append(f"{name} leads to {address}, which has no such place")
    for sheet in site.rglob("*.css"):
        loads = CSS_LOAD.findall(sheet.read_text(encoding="utf-8"))
        faults += [f"{sheet.relative_to(site)} loads {load}" for load in loads]
    return faults
