"""Reading a mapping by its form: known keys, right types, every problem with its position."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.nodes import Mapping, Node, Scalar, Sequence
from headwater.catalog.problems import Problem, closest, problem
from headwater.catalog.text import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.catalog.position import Position

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NAMES = {
    "text": "文本",
    "a number": "数字",
    "a whole number": "整数",
    "yes/no": "true 或 false",
    "a list": "列表",
    "a mapping": "映射",
    "nothing": "空",
}


class Problems:
    """Gathers every problem of a run, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._found)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def add(self, code: str, position: Position | None, **values: object) -> None:
        """Add the problem ``code`` of the catalogue."""
        self._found.append(problem(code, position, **values))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add problems found elsewhere."""
        self._found.extend(problems)

    def raise_any(self) -> None:
        """Raise all that was gathered.

        Raises:
            DocumentError: At least one problem was added.
        """
        if self._found:
            raise DocumentError(self._found)


class Form:
    """Reads one mapping. Whatever is wrong goes to ``problems``; a reader then returns a default.

    A value read after a problem is only a stand-in: call :meth:`Problems.raise_any` before use.
    """

    def __init__(self, node: Node | None, problems: Problems, key: str, *keys: str) -> None:
        """Read ``node``, which stands under ``key`` and may hold only ``keys``."""
        self._problems = problems
        if not isinstance(node, Mapping):
            if node is not None:
                wrong_type(problems, key, "a mapping", node)
            node = Mapping((), node.position if node else _nowhere())
        self.node = node
        self._meant: set[str | None] = set()
        for entry in node:
            if entry.key not in keys:
                near = closest(entry.key, keys)
                self._meant.add(near)
                problems.add(
                    "unknown-key", entry.position,
                    key=entry.key, suggestion=near, known=sorted(keys),
                )  # fmt: skip

    @property
    def position(self) -> Position:
        """Where the mapping begins."""
        return self.node.position

    def has(self, key: str) -> bool:
        """Say whether ``key`` was written."""
        return self.node.entry(key) is not None

    def at(self, key: str) -> Position:
        """Where the value of ``key`` stands, else where the mapping begins."""
        node = self.node.get(key)
        return node.position if node else self.position

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; missing is a problem unless there is a ``default``."""
        node = self._node(key, required=default is None)
        return text_of(node, self._problems, key) or default or ""

    def optional(self, key: str) -> str | None:
        """Return a text, or ``None`` where the key is missing."""
        return text_of(self.node.get(key), self._problems, key)

    def id(self, key: str = "id") -> str:
        """Return an id: letters, digits, ``-``, ``_``, ``.``."""
        value = self.text(key)
        if value and not _ID.fullmatch(value):
            self._problems.add("bad-id", self.at(key), value=value)
        return value

    def title(self, key: str, *, required: bool = True) -> Text | None:
        """Return a text in both languages: one string serves both."""
        node = self._node(key, required=required)
        return title_of(node, self._problems, key)

    def choice(self, key: str, known: Iterable[str], default: str | None = None) -> str:
        """Return one of ``known``."""
        value = self.text(key, default)
        self._check_choice(key, value, known)
        return value

    def optional_choice(self, key: str, known: Iterable[str]) -> str | None:
        """Return one of ``known``, or ``None`` where the key is missing."""
        value = self.optional(key)
        self._check_choice(key, value, known)
        return value

    def _check_choice(self, key: str, value: str | None, known: Iterable[str]) -> None:
        known = list(known)
        if value and value not in known:
            self._problems.add(
                "not-one-of",
                self.at(key),
                key=key,
                value=value,
                suggestion=closest(value, known),
                known=known,
            )

    def date(self, key: str, *, required: bool = False) -> datetime.date | None:
        """Return a date of the calendar, written ``YYYY-MM-DD``."""
        node = self._node(key, required=required)
        value = text_of(node, self._problems, key)
        return date_of(value, self._problems, self.at(key)) if value else None

    def dates(self, key: str) -> tuple[datetime.date | None, datetime.date | None]:
        """Return ``{from, until}``; ``until`` may be missing, and never lies before ``from``."""
        inner = self.form(key, "from", "until", required=False)
        if inner is None:
            return None, None
        start, until = inner.date("from"), inner.date("until")
        if start and until and until < start:
            self._problems.add("bad-range", inner.at("until"), start=start, until=until)
        return start, until

    def whole(self, key: str) -> int | None:
        """Return a whole number, or ``None`` where the key is missing."""
        node = self.node.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, int) and node.value is not True:
            return node.value
        wrong_type(self._problems, key, "a whole number", node)
        return None

    def yes_no(self, key: str, *, default: bool) -> bool:
        """Return a yes or no, or ``default`` where the key is missing."""
        node = self.node.get(key)
        if node is None:
            return default
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        wrong_type(self._problems, key, "yes/no", node)
        return default

    def items(self, key: str, *, required: bool = False) -> tuple[Node, ...]:
        """Return the values of a list; a required list may not be empty."""
        node = self._node(key, required=required)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            wrong_type(self._problems, key, "a list", node)
            return ()
        if required and not node.items:
            self._problems.add("empty", node.position, key=key)
        return node.items

    def texts(self, key: str, *, required: bool = False) -> tuple[tuple[str, Position], ...]:
        """Return the texts of a list, each with its position; one text stands for a list of one."""
        node = self.node.get(key)
        nodes: tuple[Node, ...] = (
            (node,) if isinstance(node, Scalar) and node.value is not None
            else self.items(key, required=required)
        )  # fmt: skip
        found = ((text_of(item, self._problems, key), item.position) for item in nodes)
        return tuple((value, position) for value, position in found if value)

    def form(self, key: str, *keys: str, required: bool = True) -> Form | None:
        """Return the reader of an inner mapping, or ``None`` where the key is missing."""
        node = self._node(key, required=required)
        return Form(node, self._problems, key, *keys) if node is not None else None

    def _node(self, key: str, *, required: bool) -> Node | None:
        node = self.node.get(key)
        if isinstance(node, Scalar) and node.value is None:
            if required:
                self._problems.add("empty", node.position, key=key)
            return None
        if node is None and required and key not in self._meant:
            self._problems.add("missing-key", self.position, key=key)
        return node


def text_of(node: Node | None, problems: Problems, key: str) -> str | None:
    """Return the text of a scalar; anything else is a problem."""
    if node is None:
        return None
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if not node.value.strip():
            problems.add("empty", node.position, key=key)
            return None
        return node.value
    wrong_type(problems, key, "text", node)
    return None


def title_of(node: Node | None, problems: Problems, key: str) -> Text | None:
    """Return a text in both languages, from one string or from ``{en, zh}``."""
    if not isinstance(node, Mapping):
        value = text_of(node, problems, key)
        return Text(value, value) if value else None
    form = Form(node, problems, key, *LANGUAGES)
    found = {language: form.optional(language) for language in LANGUAGES}
    for language, value in found.items():
        if value is None and not form.has(language):
            problems.add("text-language", node.position, language=language)
    return Text(found["en"] or "", found["zh"] or "")


def date_of(value: str, problems: Problems, position: Position) -> datetime.date | None:
    """Return the date that ``value`` names, or ``None`` after a problem."""
    match = _DATE.fullmatch(value)
    try:
        if match:
            return datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    problems.add("bad-date", position, value=value)
    return None


def wrong_type(problems: Problems, key: str, expected: str, node: Node) -> None:
    """Add the problem that ``node`` is not ``expected``."""
    found = kind_of(node)
    if expected == "text" and isinstance(node, Scalar) and node.value is not None:
        problems.add(
            "quote-it", node.position, key=key, text=node.text, found=Text(found, _NAMES[found])
        )
        return
    problems.add(
        "wrong-type",
        node.position,
        key=key,
        expected=Text(expected, _NAMES[expected]),
        found=Text(found, _NAMES[found]),
    )


def kind_of(node: Node) -> str:
    """Return what kind of value a node is, in words."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return "yes/no"
        case Scalar(value=str()):
            return "text"
        case _:
            return "a number"


def _nowhere() -> Position:
    from headwater.catalog.position import Position

    return Position("", 1, 1)
