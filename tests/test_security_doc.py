"""docs/security.md names a test for each threat: they must exist."""

import ast
import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ")][1:]


def test_each_line_of_the_list_has_its_test():
    assert len(ROWS) > 20
    for cells in ROWS:
        assert len(cells) == 4, cells
        assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", cells[3].strip()), cells


@pytest.mark.parametrize("name", sorted({cells[3].strip(" `") for cells in ROWS}))
def test_the_test_exists(name: str):
    file, test = name.split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
