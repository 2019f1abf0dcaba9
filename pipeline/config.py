"""YAML files as typed, frozen objects: safe loader, unknown keys are errors, and each error is one clear line."""

import difflib
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import SpecError
from pipeline.file_names import is_file
from pipeline.one_line import one_line
from pipeline.safe_yaml import load_yaml

CONFIGS = Path(__file__).resolve().parent.parent / "configs"


class Config(BaseModel):
    """Base of everything that is read from YAML: frozen, strict about keys and about NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def find_config(name: str, folder: str) -> Path:
    """The file that `name` means: a path to a YAML file, or the name of one that ships under configs/`folder`.

    Raises:
        SpecError: neither exists; names the nearest that ships.
    """
    path = Path(name)
    if is_file(path):
        return path
    shipped = {file.stem: file for file in sorted((CONFIGS / folder).glob("*.yaml"))}
    if name in shipped:
        return shipped[name]
    raise SpecError(f"{name}: no such file, and no config of that name ships; allowed: {nearest(name, shipped)}")


def load_config[T: Config](path: Path, kind: type[T]) -> T:
    """Read a YAML file into `kind`.

    Raises:
        SpecError: the file cannot be read, is not YAML, or a key or value is wrong.
    """
    return parse_config(read_yaml(path), kind, path)


def read_yaml(path: Path) -> Any:
    """The plain values in a YAML file (safe loader: no Python objects).

    Raises:
        SpecError: the file cannot be read or is not YAML.
    """
    try:
        return load_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise SpecError(f"{path}{where}: is not valid YAML: {one_line(str(error.problem), 200)}") from error
    except RecursionError as error:
        raise SpecError(f"{path}: is nested too deep") from error
    except (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # PyYAML's constructors stumble over tags that do not fit their values
        raise SpecError(f"{path}: is not valid YAML: {one_line(str(error), 200)}") from error


def parse_config[T: Config](value: Any, kind: type[T], where: Path | str) -> T:
    """Plain values as `kind`; `where` names their source in errors.

    Raises:
        SpecError: a key or value is wrong; names the path in the file, the value, and what is allowed.
    """
    if not isinstance(value, dict):
        raise SpecError(f"{where}: must be a mapping of keys to values; got {type(value).__name__}")
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise SpecError(f"{where}: {describe(error, kind)}") from error


def describe(error: ValidationError, kind: type[BaseModel]) -> str:
    """The most telling of pydantic's errors as one line."""
    errors = error.errors(include_url=False)
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    line = _describe_one(first, kind)
    rest = len({e["loc"] for e in errors}) - 1
    return line + (f" (and {rest} more)" if rest > 0 else "")


def _describe_one(error: ErrorDetails, kind: type[BaseModel]) -> str:
    unions = {*_schema_of(kind).get("$defs", {}), "Constant"}
    path = ".".join(_plain(part) for part in error["loc"] if part not in unions) or "(top level)"
    if error["type"] == "extra_forbidden":
        keys = _allowed_keys(kind, error["loc"][:-1])
        return f"{path}: unknown key; allowed: {nearest(str(error['loc'][-1]), keys)}"
    if error["type"] == "missing":
        return f"{path}: is required and not given"
    message = one_line(error["msg"].removeprefix("Value error, "))
    shown = repr(error["input"])
    return f"{path}: {message[0].lower() + message[1:]}; got {shown if len(shown) < 80 else shown[:77] + '...'}"


@cache
def _schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Pydantic's JSON schema of a model: a dataset spec's takes it a tenth of a second."""
    return kind.model_json_schema()


def _plain(part: int | str) -> str:
    """A step of a path: a key may be any text."""
    return one_line(str(part), 80)


def _allowed_keys(kind: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the model at `loc`, walked through pydantic's JSON schema, which knows unions and lists."""
    schema = _schema_of(kind)
    definitions = schema.get("$defs", {})
    node = schema
    for part in loc:
        node = _child(node, part, definitions)
    return sorted(_resolve(node, definitions).get("properties", {}))


def _resolve(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    models = [one for one in node.get("anyOf", []) if "$ref" in one]
    node = models[0] if len(models) == 1 else node  # a section that may be left out
    return definitions[node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node


def _child(node: dict[str, Any], part: int | str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema one step down; pydantic puts the chosen member of a union into the path as a step of its own."""
    if part in definitions:
        return definitions[str(part)]
    node = node if isinstance(part, int) and "anyOf" in node else _resolve(node, definitions)
    if isinstance(part, int):
        lists = [one for one in (node, *node.get("anyOf", ())) if "items" in one]  # one thing may stand for a list
        return lists[0]["items"] if lists else {}
    return node.get("properties", {}).get(part) or node.get("additionalProperties") or {}


def nearest(name: str, allowed: Any) -> str:
    """`allowed` as a list in words, led by the name that was probably meant."""
    names = [str(a) for a in allowed]
    by_lower = {n.lower(): n for n in names}
    close = [by_lower[n] for n in difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)]
    listed = ", ".join(names) if names else "nothing"
    return listed + (f"; did you mean {close[0]!r}?" if close else "")
