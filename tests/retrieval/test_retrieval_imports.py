"""Retrieval is plain numpy: the network's libraries are loaded only when something is predicted."""

import pkgutil
import subprocess
import sys

import retrieval


def test_importing_retrieval_loads_neither_torch_nor_bpy():
    modules = [f"retrieval.{module.name}" for module in pkgutil.iter_modules(retrieval.__path__)]
    assert "retrieval.predictions" in modules
    code = f"import sys, {', '.join(modules)}; print([m for m in ('torch', 'bpy', 'training') if m in sys.modules])"
    root = retrieval.__path__[0] + "/.."
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
