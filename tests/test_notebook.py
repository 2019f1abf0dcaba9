"""docs/python.ipynb runs, and shows what it gives."""

import nbformat
import pytest

from tests.notebook import NOTEBOOK, executed, shape_of


@pytest.mark.slow
@pytest.mark.blender
def test_the_notebook_can_be_followed_and_shows_what_its_cells_give():
    """From an empty folder; numbers, and so pictures, may differ between machines, words and kinds may not."""
    shown, now = shape_of(nbformat.read(NOTEBOOK, as_version=4)), shape_of(executed(NOTEBOOK))
    for (source, before), (_, after) in zip(shown, now, strict=True):
        assert before == after, f"python -m tests.notebook writes anew what this cell gives:\n{source}"
    assert sum("image/jpeg" in output for _, outputs in shown for output in outputs) >= 3


def test_the_notebook_is_one_that_jupyter_opens_and_a_browser_shows():
    nbformat.validate(nbformat.read(NOTEBOOK, as_version=4))
    assert NOTEBOOK.stat().st_size < 600_000, "GitHub shows no larger one readily"
