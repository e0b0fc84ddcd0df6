"""YAML that we write: values, and lines put into a list that a person wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.nodes import Mapping, Sequence, plain
from headwater.catalog.yaml_source import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as Items

    from headwater.catalog.nodes import Node

_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def scalar(value: str) -> str:
    """Return a text as YAML: plain where nothing in it could mean anything else.

    Example:
        >>> scalar("public-health"), scalar("no"), scalar("a: b")
        ('public-health', '"no"', '"a: b"')
    """
    letters = value.replace("-", "").replace("_", "")
    if letters.isascii() and letters.isalnum() and letters[0].isalpha() and value[0].isalpha():
        return value if value.lower() not in _WORDS else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


def listed(values: Iterable[str]) -> str:
    """Return texts as a YAML list on one line."""
    return f"[{', '.join(map(scalar, values))}]"


def with_item(text: str, file: str, path: Items[str | int], item: Items[str]) -> str:
    """Return a YAML text with one more item at the end of a list; nothing else changes.

    Args:
        text: The file's text.
        file: Its name, for errors.
        path: The keys and numbers that lead to the list; where the last key is missing, it is
            added to its mapping with a list of this item.
        item: The item's lines, without a dash.

    Raises:
        DocumentError: The place is written in a form that is not changed safely; the message says
            what to put where.
    """
    before = parse_yaml(text.encode(), file)
    for changed in _candidates(text, before, path, item):
        try:
            after = plain(parse_yaml(changed.encode(), file))
        except DocumentError:
            continue
        if after == _expected(before, path, item):
            return changed
    at = _reach(before, path[:-1])
    raise DocumentError.of("cannot-insert", at.position if at else None, key=path[-1], item=item)


def _candidates(text: str, root: Node, path: Items[str | int], item: Items[str]) -> Iterable[str]:
    found = _reach(root, path)
    lines = text.splitlines()
    if isinstance(found, Sequence) and found.items:
        first = found.items[0].position
        indent = lines[first.line - 1].find("-")
        end = _end(lines, found.items[-1].position.line, indent)
        yield _joined(lines[:end], _dashed(item, indent), lines[end:])
    holder = _reach(root, path[:-1])
    if found is None and isinstance(holder, Mapping) and holder.entries:
        at = holder.entries[0].position
        indent = at.column - 1
        end = _end(lines, holder.entries[-1].position.line, indent - 1)
        key = [f"{' ' * indent}{path[-1]}:", *_dashed(item, indent + 2)]
        yield _joined(lines[:end], key, lines[end:])
        line = lines[holder.position.line - 1]
        closing = line.rfind("}")
        if len(item) == 1 and closing > holder.position.column - 1:
            flowing = f"{line[:closing]}, {path[-1]}: [{item[0]}]{line[closing:]}"
            number = holder.position.line - 1
            yield _joined(lines[:number], [flowing], lines[number + 1 :])


def _end(lines: list[str], line: int, indent: int) -> int:
    """Return after how many lines a block ends whose dash stands at ``indent``."""
    end = line
    for number in range(line, len(lines)):
        written = lines[number]
        if not written.strip():
            continue
        if len(written) - len(written.lstrip()) <= indent:
            break
        end = number + 1
    return end


def _dashed(item: Items[str], indent: int) -> list[str]:
    first, *rest = item
    return [f"{' ' * indent}- {first}", *(f"{' ' * (indent + 2)}{line}" for line in rest)]


def _joined(*parts: list[str]) -> str:
    return "".join(f"{line}\n" for part in parts for line in part)


def _reach(node: Node, path: Items[str | int]) -> Node | None:
    found: Node | None = node
    for step in path:
        if isinstance(step, int) and isinstance(found, Sequence):
            found = found.items[step]
        elif isinstance(found, Mapping):
            found = found.get(str(step))
        else:
            return None
    return found


def _expected(root: Node, path: Items[str | int], item: Items[str]) -> object:
    whole = plain(root)
    holder: object = whole
    for step in path[:-1]:
        holder = holder[step]  # type: ignore[index]
    assert isinstance(holder, dict)  # noqa: S101 - the path led there
    new = plain(parse_yaml("\n".join(item).encode(), "item"))
    holder[path[-1]] = [*holder.get(path[-1], []), new]
    return whole
