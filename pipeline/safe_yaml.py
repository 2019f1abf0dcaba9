"""YAML from strangers as plain values: no Python objects, no key twice, and nothing that grows beyond its file.

An alias repeats what it names, and aliases of aliases multiply: forty lines can stand for a billion values. PyYAML
keeps them as one object, but whoever walks the values (validation, an error's text) walks each copy.
"""

from typing import Any

import yaml

MAX_REPEATED = 100_000
"""How many values aliases may add to those that the file writes out."""
MAX_DIGITS = 100
"""Characters of a number; 1:59:59:... with many thousand places would take minutes to multiply."""
MAX_BITS = 64


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, except that a key given twice is an error and not the last one's win."""


def load_yaml(text: str) -> Any:
    """The one document in `text`.

    Raises:
        yaml.YAMLError: it is not YAML, or its aliases multiply.
        RecursionError: it is nested too deep.
        ArithmeticError, AttributeError, LookupError, TypeError, ValueError: a tag does not fit its value.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None
        _require_few_repeats(root)
        return loader.construct_document(root)
    finally:
        loader.dispose()


def _require_few_repeats(root: yaml.Node) -> None:
    sizes: dict[int, int] = {}
    whole = _size(root, sizes, set())
    if whole - len(sizes) > MAX_REPEATED:
        raise _error(f"its aliases stand for {whole - len(sizes):.3g} more values; allowed: {MAX_REPEATED}", root)


def _size(node: yaml.Node, sizes: dict[int, int], above: set[int]) -> int:
    """How many values a node stands for, aliases written out; `sizes` remembers them, by the node's id."""
    if id(node) in above:
        raise _error("an alias stands inside of what it repeats", node)
    if id(node) in sizes:
        return sizes[id(node)]
    above.add(id(node))
    inside: list[yaml.Node] = []
    if isinstance(node, yaml.SequenceNode):
        inside = node.value
    elif isinstance(node, yaml.MappingNode):
        inside = [part for pair in node.value for part in pair]
    size = 1 + sum(_size(part, sizes, above) for part in inside)
    above.remove(id(node))
    sizes[id(node)] = size
    return size


def _mapping(loader: _Loader, node: yaml.Node) -> dict[Any, Any]:
    if not isinstance(node, yaml.MappingNode):
        raise _error("must be a mapping", node)
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                raise _error(f"key {key.value!r} is given twice", key)
            seen.add(key.value)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


def _int(loader: _Loader, node: yaml.Node) -> int:
    _require_short(node)
    value = loader.construct_yaml_int(node)  # type: ignore[arg-type]
    if value.bit_length() > MAX_BITS:
        raise _error(f"a whole number of {value.bit_length()} bits is too large; allowed: {MAX_BITS}", node)
    return value


def _float(loader: _Loader, node: yaml.Node) -> float:
    _require_short(node)
    return loader.construct_yaml_float(node)  # type: ignore[arg-type]


def _require_short(node: yaml.Node) -> None:
    if len(node.value) > MAX_DIGITS:
        raise _error(f"a number of {len(node.value)} characters is too long; allowed: {MAX_DIGITS}", node)


def _error(problem: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)
