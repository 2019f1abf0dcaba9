"""What makes a site of pages that are written to be read in the repository, too.

README.md is the home page. Links that lead out of docs/, to a source file or a folder, lead to a page that shows it,
under `source/`. A notebook is a page with its code, what it printed and its pictures. Comments that tests read are
taken out; the name of the file that a block is becomes the block's title.

MkDocs calls these functions by their names: https://www.mkdocs.org/dev-guide/plugins/#events
"""

import base64
import os.path
import re
from pathlib import Path

import nbformat
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
HOME = "index.md"
SHOWN = "source"
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|[#/])([^)#\s]+)(#[^)\s]*)?(?=\))")
FILE_BLOCK = re.compile(r"^<!-- file: (?P<name>[^\n\"]+?) -->\n+```(?P<language>\w+)$", re.M)
COMMENT = re.compile(r"^<!--.*?-->\n", re.M | re.S)
PICTURES = {"image/jpeg": ".jpg", "image/png": ".png"}
LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".sh": "bash", ".json": "json", ".toml": "toml"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the home page, and a page for whatever the pages link to outside of docs/."""
    docs = Path(config.docs_dir)
    home = (ROOT / "README.md").read_text(encoding="utf-8")
    files.append(File.generated(config, HOME, content=home))
    for notebook in sorted(docs.glob("*.ipynb")):
        for made in _notebook_files(notebook, config):
            files.append(made)
    pages = [(docs / file.src_uri, file.content_string) for file in files if file.src_uri.endswith(".md")]
    for target in sorted({target for page, text in pages for target in _outside(_folder(page, docs), text, docs)}):
        for shown in [target, *_children(target)]:
            if files.get_file_from_path(_shown_at(shown)) is None:
                page = File.generated(
                    config, _shown_at(shown), content=_as_page(shown), inclusion=InclusionLevel.NOT_IN_NAV
                )
                files.append(page)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The text as the site shows it."""
    if page.file.src_uri.startswith(f"{SHOWN}/"):
        return markdown
    docs = Path(config.docs_dir)
    source = docs / page.file.src_uri
    named = FILE_BLOCK.sub(r'```\g<language> title="\g<name>"', markdown)
    clean = COMMENT.sub("", named)
    folder = _folder(source, docs)

    def moved(link: re.Match[str]) -> str:
        target = _resolved(folder, link[1])
        if not target.exists():
            return link[0]  # MkDocs says so, and --strict fails
        at = _site_path(target, docs)
        return os.path.relpath(at, source.parent.relative_to(docs)) + (link[2] or "")

    return LINK.sub(moved, clean)


def _notebook_files(notebook: Path, config: MkDocsConfig) -> list[File]:
    """A notebook as Markdown, and its pictures as files beside that."""
    parts: list[str] = []
    pictures: list[File] = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        parts.append(cell.source if cell.cell_type == "markdown" else f"```python\n{cell.source}\n```")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            kind = next((kind for kind in PICTURES if kind in data), None)
            if kind is not None:
                name = f"{notebook.stem}-{len(pictures) + 1}{PICTURES[kind]}"
                pictures.append(File.generated(config, name, content=base64.b64decode(data[kind])))
                parts.append(f"![what the code above shows]({name})")
            elif text := output.get("text") or data.get("text/plain"):
                parts.append(f"```text\n{text.rstrip()}\n```")
    return [File.generated(config, f"{notebook.stem}.md", content="\n\n".join(parts) + "\n"), *pictures]


def _folder(source: Path, docs: Path) -> Path:
    """What a page's links are relative to: those of the home page are README.md's."""
    return ROOT if source == docs / HOME else source.parent


def _resolved(folder: Path, link: str) -> Path:
    return Path(os.path.normpath(folder / link))


def _outside(folder: Path, text: str, docs: Path) -> set[Path]:
    """Files and folders of the project that a text links to, that are no part of docs/ and not README.md."""
    found = {_resolved(folder, link[1]) for link in LINK.finditer(text)}
    return {path for path in found if path.exists() and not path.is_relative_to(docs) and path.name != "README.md"}


def _site_path(target: Path, docs: Path) -> str:
    if target == ROOT / "README.md":
        return HOME
    if target.suffix == ".ipynb":
        return target.relative_to(docs).with_suffix(".md").as_posix()
    return target.relative_to(docs).as_posix() if target.is_relative_to(docs) else _shown_at(target)


def _shown_at(target: Path) -> str:
    return f"{SHOWN}/{target.relative_to(ROOT).as_posix()}.md"


def _children(target: Path) -> list[Path]:
    return sorted(path for path in target.iterdir() if path.is_file()) if target.is_dir() else []


def _as_page(target: Path) -> str:
    """A file as a block, a folder as a list of links to its files; neither is searched, for pages say it better."""
    name = target.relative_to(ROOT).as_posix()
    head = f"---\nsearch: {{exclude: true}}\n---\n# {name}\n\n"
    if target.is_dir():
        return head + "".join(f"- [{path.name}]({target.name}/{path.name}.md)\n" for path in _children(target))
    text = target.read_text(encoding="utf-8")
    fence = "`" * (1 + max([2, *map(len, re.findall(r"`+", text))]))
    return f"{head}{fence}{LANGUAGES.get(target.suffix, 'text')}\n{text.rstrip()}\n{fence}\n"
