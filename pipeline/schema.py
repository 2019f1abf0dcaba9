"""JSON Schemas of the YAML files that people write, from the types that read them: editors complete and check by them.

A schema refuses unknown keys, wrong types, forms and bounds. What only a whole says (that a range goes from low to
high, that weights fit their values) is left to the loader. Where YAML 1.1 and 1.2 differ the schema is of 1.2, as
editors are: `yes` is a word, and `1e-3` a number.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipeline.config import CONFIGS
from pipeline.distributions import WITHIN

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS = CONFIGS / "schemas"
_ATTRIBUTE = re.compile(r"(\w+(?:, \w+)*): (.+)")


def json_schema(kind: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of one kind of file, each key with what its type's docstring says of it."""
    schema = kind.model_json_schema()
    definitions: dict[str, Any] = schema.pop("$defs", {})
    for model in (schema, *definitions.values()):
        _describe_keys(model)
    bounds: dict[str, Any] = {}
    schema, definitions = _spelled_out(schema, bounds), _spelled_out(definitions, bounds)
    whole = {"$schema": DIALECT, **schema, "title": title}
    return {**whole, "$defs": dict(sorted({**definitions, **bounds}.items()))}


def schema_text(schema: Mapping[str, Any]) -> str:
    """The file's content."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def schema_file(name: str) -> Path:
    """Where the schema of a kind of file lies in the project."""
    return SCHEMAS / f"{name}.schema.json"


def schema_comment(name: str, file: Path) -> str:
    """The line that tells an editor by which schema `file` is checked, by a path relative to it."""
    relative = os.path.relpath(schema_file(name), file.parent.resolve())
    return f"# yaml-language-server: $schema={Path(relative).as_posix()}\n"


def _describe_keys(model: dict[str, Any]) -> None:
    """Move the docstring's "Attributes:" to the keys that they are of, in place."""
    text, _, attributes = model.get("description", "").partition("\n\nAttributes:\n")
    if not attributes:
        return
    model["description"] = text
    names: list[str] = []
    said: dict[str, list[str]] = {}
    for line in attributes.splitlines():
        found = _ATTRIBUTE.match(line.removeprefix("    "))
        if found:
            names = found[1].split(", ")
            said |= {name: [found[2]] for name in names}
        elif line.strip() and names:
            for name in names:
                said[name].append(line.strip())
    for name, lines in said.items():
        if name in model.get("properties", {}):
            model["properties"][name]["description"] = " ".join(lines)


def _spelled_out(node: Any, bounds: dict[str, Any]) -> Any:
    """A schema with the bounds of its numbers as keywords of JSON Schema; collects their definitions in `bounds`."""
    if isinstance(node, list):
        return [_spelled_out(one, bounds) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _spelled_out(value, bounds) for key, value in node.items() if key != WITHIN}
    if WITHIN not in node:
        return plain
    low, high = node[WITHIN]
    name = f"Within_{low:g}_{high:g}"
    bounds[name] = _within(low, high, {"$ref": f"#/$defs/{name}"})
    return {**plain, "allOf": [{"$ref": f"#/$defs/{name}"}]}


def _within(low: float, high: float, itself: Mapping[str, str]) -> dict[str, Any]:
    """Bounds of every number that a distribution can give; a keyword that does not fit its form says nothing of it."""
    number = {"minimum": low, "maximum": high}
    inside: dict[str, Any] = {name: {"items": number} for name in ("uniform", "loguniform", "choice")}
    inside["normal"] = {"properties": {"min": number, "max": number}}
    inside |= {name: itself for name in ("value", "otherwise")}
    return {"description": f"Between {low:g} and {high:g}.", **number, "properties": inside}
