"""docs/python.ipynb, run as a reader would: from its first cell to its last, by Jupyter's own kernel.

After a change of its cells (in Jupyter, or in an editor) this writes what they give:

    python -m tests.notebook
"""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs" / "python.ipynb"
TIMEOUT_S = 600
"""Of a cell: those that render take half a minute on a machine with nothing else to do."""
NUMBER = re.compile(r"\s*-?\d+(\.\d+)?")


def executed(path: Path) -> NotebookNode:
    """The notebook with what its cells give now; progress bars, which are on stderr, are left out.

    Raises:
        CellExecutionError: a cell raised.
    """
    notebook = nbformat.read(path, as_version=4)
    about = notebook.metadata.copy()
    with TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            startup_timeout=TIMEOUT_S,
            record_timing=False,
            resources={"metadata": {"path": folder}},
            # sockets in that folder, and no port that others could connect to
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}}),
        )
        sources = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))  # of this checkout
        client.execute(env=os.environ | {"PYTHONPATH": sources, "IPYTHONDIR": f"{folder}/.ipython"})
    notebook.metadata = about  # without the version of Python that happened to run it
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
    return notebook


def shape_of(notebook: NotebookNode) -> list[tuple[str, list[str]]]:
    """Each code cell, and what it gives: the words of a text without its numbers, and which kind of picture."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [(cell.source, [_shape(output) for output in cell.outputs]) for cell in cells]


def _shape(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return NUMBER.sub(" #", output.text)
    return " ".join(sorted(output.get("data", {})))


if __name__ == "__main__":
    nbformat.write(executed(NOTEBOOK), NOTEBOOK)
    print(f"wrote {NOTEBOOK}: {NOTEBOOK.stat().st_size / 1000:.0f} kB")
