"""The element dictionary (``kind: elements``) and the categories: what columns may refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, Problems, text_of
from headwater.catalog.levels import CATEGORIES, LEVELS, SENSITIVE
from headwater.catalog.nodes import Mapping as Node_
from headwater.catalog.nodes import Sequence
from headwater.catalog.problems import closest
from headwater.catalog.shapes import (
    ID,
    Shape,
    choice,
    inner,
    keys,
    mapping,
    pattern,
    some,
    text,
    texts,
    title,
)
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.catalog.nodes import Node
    from headwater.catalog.position import Position

ELEMENTS = mapping(
    {
        "kind": {"const": "elements"},
        "elements": some(
            mapping(
                {
                    "id": pattern(ID),
                    "name": title(),
                    "level": choice(LEVELS),
                    "categories": texts(),
                },
                ("id", "name"),
            )
        ),
    },
    ("kind", "elements"),
)

CATEGORY: Shape = {"anyOf": [text(), mapping({"id": pattern(ID), "under": text()}, ["id"])]}
"""A category of a workspace's own: its id, or with the category that it lies under."""


@dataclass(frozen=True, slots=True)
class Element:
    """An entry of the shared dictionary of data elements, with the label it gives its columns."""

    id: str
    name: Text
    level: str | None
    categories: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The categories that labels may name, and the elements that columns may refer to.

    Attributes:
        categories: All of them, sorted.
        under: A category → the one that it lies under, and so implies.
        elements: By id.
    """

    categories: tuple[str, ...]
    under: Mapping[str, str]
    elements: Mapping[str, Element] = field(default_factory=dict)

    def implied(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the categories with all that they lie under, sorted.

        Example:
            >>> BUILT_IN.implied(["health"])
            ('health', 'personal')
        """
        found = set(names)
        waiting = list(found)
        while waiting:
            above = self.under.get(waiting.pop())
            if above is not None and above not in found:
                found.add(above)
                waiting.append(above)
        return tuple(sorted(found))

    def below(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the categories with all that lie under them, sorted.

        Example:
            >>> "health" in BUILT_IN.below(["personal"])
            True
        """
        wanted = set(names)
        return tuple(sorted(each for each in self.categories if wanted & {*self.implied([each])}))


_UNDER = dict.fromkeys(SENSITIVE, "personal")
BUILT_IN = Dictionary(CATEGORIES, _UNDER)
"""What is known without any workspace."""


def read_categories(form: Form, problems: Problems) -> Dictionary:
    """Return the built-in categories with those that ``headwater.yaml`` adds."""
    found: dict[str, tuple[str | None, Position]] = {}
    for item in _listed(form.node.get("categories")):
        name, under, position = _category(item, problems)
        if name:
            found.setdefault(name, (under, position))
    known = {*CATEGORIES, *found}
    above = dict(_UNDER)
    for name, (under, position) in found.items():
        if under is None:
            continue
        if under not in known:
            _unknown(problems, under, position, known)
        elif name in CATEGORIES or _leads_to(under, name, found):
            problems.add("cycle", position, id=name, path=f"{name} → {under}")
        else:
            above[name] = under
    return Dictionary(tuple(sorted(known)), above)


def _listed(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def _category(item: Node, problems: Problems) -> tuple[str, str | None, Position]:
    if not isinstance(item, Node_):
        return text_of(item, problems, "categories") or "", None, item.position
    form = Form(item, problems, "categories", "id", "under")
    return form.id(), form.optional("under"), form.at("under")


def _leads_to(start: str, goal: str, found: Mapping[str, tuple[str | None, Position]]) -> bool:
    at: str | None = start
    for _ in range(len(found) + 1):
        if at is None or at == goal:
            return at == goal
        at = found[at][0] if at in found else None
    return True


def _unknown(problems: Problems, name: str, at: Position, known: Iterable[str]) -> None:
    problems.add(
        "unknown-reference",
        at,
        what=Text("category", "类别"),
        id=name,
        suggestion=closest(name, known),
    )


def known_categories(
    form: Form, key: str, dictionary: Dictionary, problems: Problems
) -> tuple[str, ...]:
    """Return the categories that ``key`` lists; one that nobody knows is a problem."""
    found = []
    for name, at in form.texts(key):
        if name in dictionary.categories:
            found.append(name)
        else:
            _unknown(problems, name, at, dictionary.categories)
    return tuple(sorted({*found}))


def read_elements(node: Node_, dictionary: Dictionary, problems: Problems) -> tuple[Element, ...]:
    """Return the elements of one file."""
    form = Form(node, problems, "elements", *keys(ELEMENTS))
    return tuple(
        _element(item, dictionary, problems) for item in form.items("elements", required=True)
    )


def _element(item: Node, dictionary: Dictionary, problems: Problems) -> Element:
    form = Form(item, problems, "elements", *keys(inner(ELEMENTS, "elements")))
    name = form.id()
    level = form.optional_choice("level", LEVELS)
    return Element(
        id=name,
        name=form.title("name") or Text(name, name),
        level=level if level in LEVELS else None,
        categories=known_categories(form, "categories", dictionary, problems),
        position=form.position,
    )
