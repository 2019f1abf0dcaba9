"""Values set in the text of a YAML file, each under comments that say why; all else, comments too, stays as it is."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
WIDTH = 110
"""Of a line of comment or of a value that stands on one line."""


@dataclass(frozen=True)
class Change:
    """One value to set: the keys that lead to it, the plain value, and sentences for the comment above it."""

    path: Path
    value: Any
    why: tuple[str, ...] = ()


def edited(text: str, changes: Sequence[Change]) -> str:
    """The text with every change made, in order.

    A file that uses aliases is written out anew first (without its comments): what an alias stands for is said twice
    then, and can differ.
    """
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
        text = yaml.dump(yaml.safe_load(text), Dumper=_Plain, sort_keys=False, allow_unicode=True)
    for change in changes:
        text = _set(text if text.endswith("\n") else text + "\n", change)
    return text


class _Plain(yaml.SafeDumper):
    """No anchors: equal values are written out."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _set(text: str, change: Change) -> str:
    """One change: in place of the value that is there, or as a new line at the end of its section."""
    node: yaml.Node = _root(text)
    key: yaml.Node | None = None
    for depth, step in enumerate(change.path):
        if not isinstance(node, yaml.MappingNode | yaml.SequenceNode) or node.flow_style:
            return _set_inside(text, node, key, change, depth)
        found = _child(node, step)
        if found is None:
            return _add(text, node, change, depth)
        key, node = found
    return _replace(text, key, node, change.path[-1], change.value, change.why)


def _root(text: str) -> yaml.Node:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        raise ValueError("an empty file has nothing to change")
    return node


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode):
        return (None, node.value[step]) if isinstance(step, int) and step < len(node.value) else None
    return next(((key, value) for key, value in node.value if key.value == step), None)


def _set_inside(text: str, node: yaml.Node, key: yaml.Node | None, change: Change, depth: int) -> str:
    """A change within what stands in braces, or where nothing stands: the whole of that is written anew."""
    inner = yaml.safe_load(text[node.start_mark.index : node.end_mark.index])
    value = _with(inner, change.path[depth:], change.value)
    return _replace(text, key, node, change.path[depth - 1], value, change.why)


def _with(inner: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    if isinstance(inner, list) and isinstance(path[0], int):
        return [_with(one, path[1:], value) if i == path[0] else one for i, one in enumerate(inner)]
    there: Mapping[Any, Any] = inner if isinstance(inner, dict) else {}
    return {**there, path[0]: _with(there.get(path[0]), path[1:], value)}


def _replace(
    text: str, key: yaml.Node | None, node: yaml.Node, name: str | int, value: Any, why: tuple[str, ...]
) -> str:
    start = (key or node).start_mark
    line_start = text.rfind("\n", 0, start.index) + 1
    lead = len(text[line_start : start.index]) - len(text[line_start : start.index].lstrip())
    new = _written(name, value, start.column) if key is not None else [_flow(value)]
    comments = "".join(f"{' ' * lead}{line}\n" for line in _comment(why))
    return text[:line_start] + comments + text[line_start : start.index] + "\n".join(new) + text[_end(node) :]


def _add(text: str, node: yaml.Node, change: Change, depth: int) -> str:
    """A new key after the last one of a section that stands in lines."""
    indent = node.start_mark.column
    value = _with(None, change.path[depth + 1 :], change.value)
    after = text.find("\n", _end(node)) + 1 or len(text)
    lines = [*_comment(change.why), *_written(change.path[depth], value, indent)]
    lines = [line if number > len(_comment(change.why)) else " " * indent + line for number, line in enumerate(lines)]
    return text[:after] + "\n".join(lines) + "\n" + text[after:]


def _end(node: yaml.Node) -> int:
    """Where the last value of a node ends: the end that YAML gives a section takes in the comments below it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return int(node.end_mark.index)


def _written(name: str | int, value: Any, indent: int) -> list[str]:
    """`name: value`, its first line without indent, on one line if it is short."""
    line = f"{name}: {_flow(value)}"
    if len(line) + indent <= WIDTH or not isinstance(value, dict):
        return [line]
    lines = [f"{name}:"]
    for key, inner in value.items():
        first, *rest = _written(key, inner, indent + 2)
        lines += [" " * (indent + 2) + first, *rest]
    return lines


def _flow(value: Any) -> str:
    text = yaml.dump(
        value, Dumper=_Plain, default_flow_style=True, width=float("inf"), sort_keys=False, allow_unicode=True
    )
    return text.strip().removesuffix("...").strip()


def _comment(why: Sequence[str]) -> list[str]:
    return [f"# {line}" for sentence in why for line in textwrap.wrap(sentence, WIDTH - 4)]
