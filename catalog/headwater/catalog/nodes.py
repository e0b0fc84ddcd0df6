"""YAML as read: values that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.position import Position


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. ``value`` is text, a number, yes/no or nothing; ``text`` is as written.

    Dates stay the text that the author wrote.
    """

    value: str | int | float | bool | None
    text: str
    position: Position


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    items: tuple[Node, ...]
    position: Position

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, where it stands, and its value."""

    key: str
    position: Position
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order written; keys are unique."""

    entries: tuple[Entry, ...]
    position: Position

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def entry(self, key: str) -> Entry | None:
        """Return the entry with ``key``, or ``None``."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def get(self, key: str) -> Node | None:
        """Return the value of ``key``, or ``None``."""
        entry = self.entry(key)
        return entry.value if entry else None

    def at(self, key: str) -> Position:
        """Return where ``key`` stands, else where the mapping begins."""
        entry = self.entry(key)
        return entry.position if entry else self.position

    def text(self, key: str) -> str | None:
        """Return the value of ``key`` if it is text, else ``None``."""
        node = self.get(key)
        return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


type_names = {str: "text", bool: "yes/no", int: "a number", float: "a number"}

Node = Scalar | Sequence | Mapping


def plain(node: Node) -> object:
    """Return the node as plain dictionaries, lists and scalars."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {entry.key: plain(entry.value) for entry in entries}
