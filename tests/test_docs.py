"""What docs/ tells people to type works, and its links lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs_pages import blocks_of, script_of, text_of

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
RUN = [page for page in PAGES if any(block.not_run is None for block in blocks_of(page))]
READ = [*PAGES, *sorted(DOCS.glob("*.ipynb")), ROOT / "README.md"]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(#[^)\s]*)?\)")


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_a_page_can_be_followed_from_its_beginning_to_its_end(page: Path, tmp_path: Path):
    """In an empty folder with photo.jpg and photos/, as the pages suppose."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, source in enumerate(sorted((DOCS / "examples").glob("*.jpg"))):
        shutil.copy(source, photos / f"{number}.jpg")
        shutil.copy(source, tmp_path / "photo.jpg")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    script = script_of(blocks_of(page))
    done = subprocess.run(
        ["bash", "-x", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, f"{page.name}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


@pytest.mark.parametrize("page", READ, ids=lambda page: page.stem)
def test_links_lead_to_files_that_are_there(page: Path):
    for target, _ in LINK.findall(text_of(page)):
        assert not target or (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", READ, ids=lambda page: page.stem)
def test_verbs_that_pages_name_are_there(page: Path):
    """`akd VERB`, wherever a page shows it."""
    said = subprocess.run([sys.executable, "akd.py", "--help"], cwd=ROOT, capture_output=True, text=True).stdout
    verbs = set(re.findall(r"^ {2,4}([a-z-]+)(?: |$)", said, re.M))
    named = set(re.findall(r"(?:^|`)\s*akd ([a-z][a-z-]+)", text_of(page), re.M))
    assert named <= verbs, f"{page.name} names verbs that there are not: {sorted(named - verbs)}"


def test_a_comment_that_makes_nothing_smaller_is_found(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("<!-- test: --images 9 => --images 1 -->\n\n```sh\nakd plan demo\n```\n")
    with pytest.raises(ValueError, match="--images 9"):
        blocks_of(page)


def test_blocks_become_a_script(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- test: --images 900 => --images 2 -->\n<!-- file: a.yaml -->\n```yaml\nname: a\n```\n"
        "```sh\nakd plan a.yaml --images 900\n```\n<!-- not run: it waits -->\n```sh\nakd label x\n```\n"
        "```text\nshown\n```\n```python\nprint(1)\n```\n"
    )
    blocks = blocks_of(page)
    assert [block.language for block in blocks] == ["yaml", "sh", "sh", "python"]
    script = script_of(blocks)
    assert "akd plan a.yaml --images 2" in script
    assert "cat > 'a.yaml'" in script
    assert "akd label" not in script
    assert "shown" not in script
