"""The label that a contract's property declares: its own words and its element's, together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.levels import LEVELS
from headwater.catalog.nodes import Mapping, Scalar, Sequence
from headwater.catalog.problems import closest
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.elements import Dictionary, Element
    from headwater.catalog.forms import Problems
    from headwater.catalog.nodes import Node
    from headwater.catalog.position import Position

_ONE = Text("one name", "一个名称")
_NAMES = Text("names of categories", "类别名称")


def declared_label(
    node: Mapping, dictionary: Dictionary, problems: Problems
) -> tuple[str | None, tuple[str, ...]]:
    """Return the level and the categories of a property, the highest and the union of all said.

    The level stands in ``classification`` or in the custom property ``level``; categories are
    the ``tags`` that name one, and the custom property ``categories``. An element of the
    dictionary, named by the custom property ``element`` or by an authoritative definition of type
    ``element``, adds its own. Categories bring those that they lie under.
    """
    levels = [_level(node, "classification", node.get("classification"), problems)]
    names = {name for name, _ in _texts(node.get("tags")) if name in dictionary.categories}
    for key, value in _custom(node):
        if key == "level":
            levels.append(_level(node, key, value, problems))
        elif key == "categories":
            names.update(_categories(value, dictionary, problems))
    for element in _elements(node, dictionary, problems):
        levels.append(element.level)
        names.update(element.categories)
    known = [level for level in levels if level]
    return max(known, key=LEVELS.index, default=None), dictionary.implied(names)


def _custom(node: Mapping) -> Iterator[tuple[str, Node | None]]:
    """Yield the custom properties, name and value."""
    for item in _mappings(node.get("customProperties")):
        name = item.text("property")
        if name:
            yield name, item.get("value")


def _level(node: Mapping, key: str, value: Node | None, problems: Problems) -> str | None:
    if value is None:
        return None
    name = _one(value, key, problems)
    if name is not None and name not in LEVELS:
        problems.add(
            "not-one-of",
            node.at(key) if node.entry(key) else value.position,
            key=key,
            value=name,
            known=LEVELS,
            suggestion=closest(name, LEVELS),
        )
        return None
    return name


def _categories(value: Node | None, dictionary: Dictionary, problems: Problems) -> Iterator[str]:
    if value is None or isinstance(value, Mapping):
        if value is not None:
            problems.add("bad-label", value.position, property="categories", expected=_NAMES)
        return
    for name, at in _texts(value):
        if name in dictionary.categories:
            yield name
        else:
            _unknown("category", "类别", name, at, dictionary.categories, problems)


def _elements(node: Mapping, dictionary: Dictionary, problems: Problems) -> Iterator[Element]:
    named = [(value, "element") for key, value in _custom(node) if key == "element"]
    named += [
        (item.get("url"), "url")
        for item in _mappings(node.get("authoritativeDefinitions"))
        if item.text("type") == "element"
    ]
    for value, key in named:
        name = _one(value, key, problems) if value is not None else None
        if name is None or value is None:
            continue
        if (found := dictionary.elements.get(name)) is not None:
            yield found
        else:
            _unknown("element", "数据元", name, value.position, dictionary.elements, problems)


def _unknown(
    what: str, zh: str, name: str, at: Position, known: Iterable[str], problems: Problems
) -> None:
    near = closest(name, known)
    problems.add("unknown-reference", at, what=Text(what, zh), id=name, suggestion=near)


def _one(value: Node, key: str, problems: Problems) -> str | None:
    if isinstance(value, Scalar) and isinstance(value.value, str):
        return value.value
    if not (isinstance(value, Scalar) and value.value is None):
        problems.add("bad-label", value.position, property=key, expected=_ONE)
    return None


def _texts(value: Node | None) -> Iterator[tuple[str, Position]]:
    """Yield the texts of a list; one text stands for a list of one."""
    items = value.items if isinstance(value, Sequence) else (value,)
    for item in items:
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield item.value, item.position


def _mappings(node: Node | None) -> Iterator[Mapping]:
    if isinstance(node, Sequence):
        yield from (item for item in node if isinstance(item, Mapping))
