"""Suffixes of 3D models: those that are read, and those that are known and have to be converted first."""

from pathlib import Path

from pipeline.errors import ModelError

READABLE = (".glb", ".gltf", ".blend", ".obj", ".fbx", ".ply", ".stl", ".usd", ".usda", ".usdc", ".usdz")
CAD = "open it in FreeCAD and export OBJ or glTF"
CONVERT = {
    ".dae": "pip install pycollada, then python -c \"import trimesh; trimesh.load('{name}').export('{stem}.glb')\"",
    ".3ds": "assimp export {name} {stem}.glb",
    ".max": "open it in 3ds Max and export FBX or glTF",
    ".skp": "open it in SketchUp and export glTF (.glb)",
    ".c4d": "open it in Cinema 4D and export FBX or glTF",
    ".ma": "open it in Maya and export FBX",
    ".mb": "open it in Maya and export FBX",
    ".lwo": "assimp export {name} {stem}.glb",
    ".x": "assimp export {name} {stem}.glb",
    ".3mf": "python -c \"import trimesh; trimesh.load('{name}').export('{stem}.glb')\"",
    ".abc": "open it in Blender (File > Import > Alembic) and save it as .blend",
    ".wrl": "open it in MeshLab and export PLY or OBJ",
    ".3dm": "open it in Rhino and export FBX or OBJ",
    ".step": CAD,
    ".stp": CAD,
    ".iges": CAD,
    ".igs": CAD,
    ".dwg": CAD,
}
"""Suffix to how a file of that kind becomes one that is read."""


def require_readable(path: Path) -> None:
    """See that `path` is a file of a kind that is imported.

    Raises:
        ModelError: it is not; says how to convert what is known.
    """
    if not path.is_file():
        raise ModelError(f"{path}: no such model file")
    suffix = path.suffix.lower()
    if suffix in READABLE:
        return
    kind = f"a {path.suffix} file" if path.suffix else "a file without suffix"
    advice = f"; convert it: {CONVERT[suffix].format(name=path.name, stem=path.stem)}" if suffix in CONVERT else ""
    raise ModelError(f"{path}: {kind} is not read as a model{advice}; allowed: {', '.join(READABLE)}")
