"""What holds for the project as a whole: layers, dependencies, files that must not be there."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT

PACKAGES = ("blender_scenes", "pipeline", "training", "retrieval")
# package: other packages of ours that it may import
ALLOWED = {"pipeline": set(), "blender_scenes": {"pipeline"}, "training": {"pipeline"}, "retrieval": {"pipeline"}}
LAZY = {("retrieval", "training")}
"""Allowed inside a function only: retrieval predicts with a detector when it is asked to."""
BANNED = {
    "bpy": {"blender_scenes"},
    "mathutils": {"blender_scenes"},
    "torch": {"training"},
    "torchvision": {"training"},
}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> list[tuple[str, bool]]:
    """(top-level module, whether it is imported at import time) of each import in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f) if n is not f}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name.split(".")[0], id(node) not in inside) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append((node.module.split(".")[0], id(node) not in inside))
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_layers_point_to_the_base(package: str):
    assert sources(package)
    for path in sources(package):
        for module, eager in imports(path):
            if module in PACKAGES and module != package and module not in ALLOWED[package]:
                lazily = (package, module) in LAZY and not eager
                assert lazily, f"{path.relative_to(ROOT)} imports {module}: talk to it through files instead"
            if module in BANNED:
                assert package in BANNED[module], f"{path.relative_to(ROOT)} imports {module}: not in {package}"


def test_the_parametric_vehicle_needs_no_blender():
    for path in sources("blender_scenes/vehicle"):
        assert not {module for module, _ in imports(path)} & {"bpy", "mathutils"}, path


@pytest.mark.parametrize("package", ["pipeline", "training", "retrieval", "akd", "blender_scenes.vehicle"])
def test_importing_needs_no_blender_and_the_base_no_torch(package: str):
    banned = ["bpy"] + (["torch"] if package != "training" else [])
    modules = [package]
    if (ROOT / package).is_dir():
        modules += [f"{package}.{p.stem}" for p in sources(package) if p.stem != "__init__"]
    code = f"import sys, importlib\nfor m in {modules!r}: importlib.import_module(m)\n"
    code += f"bad = [m for m in {banned!r} if m in sys.modules]\nassert not bad, bad"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-800:]


def test_no_import_cycles():
    graph: dict[str, set[str]] = {}
    for package in PACKAGES:
        for path in sources(package):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            tree = ast.parse(path.read_text(encoding="utf-8"))
            graph[name] = {n.module for n in tree.body if isinstance(n, ast.ImportFrom) and n.module}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail, name])
        if name in graph and name not in done:
            for target in graph[name]:
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def bare(requirement: str) -> str:
    return re.sub(r"\s*;.*", "", requirement).strip()


def test_environment_yml_equals_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    assert "python=3.13" in conda
    project = pyproject()["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert sorted(pip["pip"]) == sorted(map(bare, wanted))


def test_every_dependency_is_pinned_in_one_place():
    project = pyproject()["project"]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower()
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        name = re.split(r"[<>=;\s]", requirement)[0].lower()
        assert f"\n{name}==" in pins, f"{name} is not pinned in constraints.txt"


def test_packages_that_setuptools_installs_are_all_there_are():
    listed = set(pyproject()["tool"]["setuptools"]["packages"])
    found = {".".join(p.parent.relative_to(ROOT).parts) for package in PACKAGES for p in sources(package)}
    assert found <= listed


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return done.stdout.split()


def test_no_registry_is_named_and_nothing_large_is_committed():
    files = [ROOT / name for name in tracked()]
    assert not [f.name for f in files if f.name in ("uv.lock", "poetry.lock", "package-lock.json", "pip.conf")]
    for file in files:
        if file.suffix in (".txt", ".toml", ".yml", ".yaml", ".cfg", "") and file.is_file():
            assert not re.search(r"(extra-)?index-url|https?://\S*/simple", file.read_text(encoding="utf-8")), file
    assert sum(f.stat().st_size for f in files if f.is_file()) < 30_000_000


def test_top_level_is_as_given():
    allowed = {*PACKAGES, "configs", "tests", "environment.yml", "README.md", "akd.py", "pyproject.toml", "LICENSE"}
    allowed |= {"constraints.txt", "Makefile", ".python-version", ".ci", ".gitignore", "CHANGELOG.md", "docs"}
    assert {name.split("/")[0] for name in tracked()} <= allowed


def test_clocks_and_global_generators_are_not_used_where_datasets_are_made():
    banned = re.compile(
        r"np\.random\.(seed|rand|normal|uniform|choice)\(|\brandom\.(random|seed|choice)\(|time\.time\("
    )
    tell_the_time = {"progress.py", "status.py"}  # how long it takes, never what is in it
    for package in ("pipeline", "blender_scenes"):
        for path in sources(package):
            if path.name in tell_the_time:
                continue
            assert not banned.search(path.read_text(encoding="utf-8")), f"{path}: randomness is an argument"


def test_what_python_users_import_is_there_and_costs_nothing_until_it_is_asked_for():
    import akd

    source = (ROOT / "akd.py").read_text(encoding="utf-8")
    for name, module in akd.PUBLIC.items():
        assert f"    from {module} import {name} as {name}\n" in source, "editors and type checkers read these lines"
    asked = "; ".join(f"akd.{name}" for name in akd.PUBLIC)
    loaded = "print(sorted({'torch', 'bpy', 'numba'} & set(sys.modules)))"
    code = f"import sys, akd; {loaded}; {asked}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
    with pytest.raises(AttributeError, match="akd has no 'predict'; it has: load_spec"):
        _ = akd.predict
