"""Facts: the one place where a question is made safe and complete before any engine sees it.

Raw facts say what is known, in people's words. Normalised facts say something of every declared
attribute: null where it is absent, a number where it is a level, the chain up to the root where
it is a department or a purpose. Engines compare; they never look anything up.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeGuard

from headwater.catalog.errors import InputError
from headwater.catalog.periods import reach
from headwater.catalog.problems import closest, problem
from headwater.catalog.text import Text
from headwater.policies.attributes import GROUPS, LARGEST, RANKED, REGION, TREES, Kind
from headwater.policies.model import canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from headwater.catalog.problems import Problem
    from headwater.policies.attributes import Attribute
    from headwater.policies.vocabulary import Vocabulary

FORM = "facts/1"
"""What ``headwater`` says in a normalised document; without it nothing is allowed."""

AS_OF = "as_of"
REACH = "reach."
"""Before a period: the last day whose term of that period is over, as days are counted."""

EPOCH = datetime.date(1970, 1, 1)
MAX_TEXT = 4096
MAX_SET = 1024
MAX_PROBLEMS = 50
_SHOWN = 100
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Facts:
    """One question, normalised.

    Attributes:
        values: Every declared attribute by name, ``None`` where absent; ``as_of``, and how far
            each period of the vocabulary reaches back, as ``reach.PERIOD``.
        raw: What was known, as it was said.
    """

    values: Mapping[str, object]
    raw: Mapping[str, object]

    @property
    def day(self) -> datetime.date:
        """The day of the question."""
        as_of = self.values[AS_OF]
        assert isinstance(as_of, int)  # noqa: S101 - normalised
        return EPOCH + datetime.timedelta(days=as_of)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The declared attributes that are absent, sorted."""
        return tuple(sorted(name for name, value in self.values.items() if value is None))

    @cached_property
    def document(self) -> dict[str, object]:
        """The JSON form that engines read."""
        found: dict[str, object] = {
            "headwater": FORM,
            "as_of": self.values[AS_OF],
            "missing": list(self.missing),
            "action": self.values["action"],
        }
        groups: dict[str, dict[str, object]] = {group: {} for group in GROUPS}
        for name, value in self.values.items():
            group, _, inner = name.partition(".")
            if inner:
                groups.setdefault(group, {})[inner] = value
        return found | groups

    @cached_property
    def key(self) -> str:
        """The canonical JSON: equal questions have equal keys."""
        return canonical(self.document)


def normalise(document: object, vocabulary: Vocabulary, as_of: datetime.date) -> Facts:
    """Return the facts that ``document`` says, as of a day.

    Args:
        document: ``{"action": …, "subject": {…}, "resource": {…}, "context": {…}}``; what is
            left out or null is not known.
        vocabulary: The attributes and the names that they may take.
        as_of: The day of the question.

    Raises:
        InputError: An attribute is not declared, or a value does not fit; all such problems.
    """
    problems: list[Problem] = []
    attributes = vocabulary.attributes
    values: dict[str, object] = dict.fromkeys(attributes)
    raw: dict[str, object] = {}
    for name, value in _flat(document, attributes, problems):
        if value is None:
            continue
        found = _normal(attributes[name], value, vocabulary, problems)
        values[name], raw[name] = found, value
    if problems:
        raise InputError(problems)
    values[AS_OF] = days_of(as_of)
    values.update(reaches(as_of, vocabulary.periods))
    return Facts(values, raw)


class Normaliser:
    """Normalises many documents of one day: what it has seen once it does not look at again.

    It gives what :func:`normalise` gives, and of documents that say the same the same facts.
    """

    def __init__(self, vocabulary: Vocabulary, as_of: datetime.date) -> None:
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._empty: dict[str, object] = dict.fromkeys(vocabulary.attributes)
        self._day = {AS_OF: days_of(as_of), **reaches(as_of, vocabulary.periods)}
        self._numbers: dict[tuple[str, str | None, object], int] = {}
        self._known: list[tuple[str, object, object]] = []
        self._facts: dict[tuple[int, ...], Facts] = {}

    def facts(self, document: Mapping[str, object]) -> Facts:
        """Return the facts that ``document`` says.

        Raises:
            InputError: As :func:`normalise` does.
        """
        numbers = self._said(document)
        if numbers is None:
            self._learn(document)
            numbers = self._said(document)
            if numbers is None:  # a value that is not even like itself
                return normalise(document, self._vocabulary, self._as_of)
        found = self._facts.get(numbers)
        if found is None:
            values = self._empty.copy()
            raw: dict[str, object] = {}
            for number in numbers:
                name, normal, value = self._known[number]
                values[name], raw[name] = normal, value
            values.update(self._day)
            found = self._facts[numbers] = Facts(values, raw)
        return found

    def _said(self, document: Mapping[str, object]) -> tuple[int, ...] | None:
        """Return what is said, by number; ``None`` where some of it is new."""
        found: list[int] = []
        numbers = self._numbers
        for group, inner in document.items():
            for key, value in inner.items() if isinstance(inner, dict) else ((None, inner),):
                if value is not None:
                    number = numbers.get((group, key, _hashable(value)))
                    if number is None:
                        return None
                    found.append(number)
        return tuple(found)

    def _learn(self, document: Mapping[str, object]) -> None:
        """Normalise as always, and remember what became of each single value."""
        facts = normalise(document, self._vocabulary, self._as_of)
        for name, value in facts.raw.items():
            group, dot, key = name.partition(".")
            known = (group, key if dot else None, _hashable(value))
            if known not in self._numbers:
                self._numbers[known] = len(self._known)
                self._known.append((name, facts.values[name], value))


def _hashable(value: object) -> object:
    """Return what tells a value from others: a number, a yes and a text that look alike differ."""
    if isinstance(value, list | tuple):
        return (value.__class__, *value)
    return (value.__class__, value)


def days_of(day: datetime.date) -> int:
    """Return a date as engines compare it.

    Example:
        >>> days_of(datetime.date(1970, 1, 2))
        1
    """
    return (day - EPOCH).days


def reaches(as_of: datetime.date, periods: Iterable[str]) -> dict[str, int]:
    """Return ``reach.PERIOD`` of every period: the last day whose term is over on ``as_of``."""
    return {f"{REACH}{period}": _reach(as_of, period) for period in periods}


@lru_cache(maxsize=4096)
def _reach(as_of: datetime.date, period: str) -> int:
    day = reach(as_of, period)
    return days_of(datetime.date.min) - 1 if day is None else days_of(day)


def _flat(
    document: object, attributes: Mapping[str, Attribute], problems: list[Problem]
) -> Iterator[tuple[str, object]]:
    for key, value in _entries("facts", document, ("action", *GROUPS), problems):
        if key in GROUPS:
            if value is None:
                continue
            known = [n.partition(".")[2] for n in attributes if n.startswith(f"{key}.")]
            for inner, found in _entries(key, value, known, problems):
                yield f"{key}.{inner}", found
        else:
            yield key, value


def _entries(
    name: str, value: object, known: tuple[str, ...] | list[str], problems: list[Problem]
) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        problems.append(_bad(name, Text("a mapping", "映射"), value))
        return
    prefix = "" if name == "facts" else f"{name}."
    for key, inner in value.items():
        if key in known:
            yield key, inner
            continue
        if len(problems) >= MAX_PROBLEMS:
            return
        name = str(key)[:_SHOWN]
        near = closest(name, known)
        problems.append(
            problem(
                "unknown-attribute",
                name=f"{prefix}{name}",
                known=[f"{prefix}{other}" for other in known],
                suggestion=f"{prefix}{near}" if near else None,
            )
        )


def _normal(
    attribute: Attribute, value: object, vocabulary: Vocabulary, problems: list[Problem]
) -> object:
    """Return the value as engines compare it; no departments between two is no ``via`` at all."""
    found: object = None
    if attribute.multiple:
        if _members(value, attribute, vocabulary):
            return sorted(set(value)) or (None if attribute.kind is Kind.DEPARTMENTS else [])
    elif attribute.kind is Kind.YES_NO:
        found = value if isinstance(value, bool) else None
    elif attribute.kind is Kind.NUMBER:
        found = _number(value)
    elif attribute.kind is Kind.DATE:
        found = _date(value)
    elif _named(value, attribute, vocabulary):
        found = _resolved(attribute, value, vocabulary)
    if found is None:
        problems.append(_misfit(attribute, value, vocabulary))
    return found


def _members(
    value: object, attribute: Attribute, vocabulary: Vocabulary
) -> TypeGuard[Collection[str]]:
    if not isinstance(value, list | tuple) or len(value) > MAX_SET:
        return False
    return all(_named(item, attribute, vocabulary) for item in value)


def _number(value: object) -> int | float | None:
    if type(value) is int:
        return value if abs(value) <= LARGEST else None
    if type(value) is float and abs(value) <= LARGEST:  # neither infinite nor no number
        return int(value) if value.is_integer() else value
    return None


def _date(value: object) -> int | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return days_of(datetime.date.fromisoformat(value))
    except ValueError:
        return None


def _named(value: object, attribute: Attribute, vocabulary: Vocabulary) -> TypeGuard[str]:
    """Say whether ``value`` is a text that ``attribute`` may have."""
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT or not _encodes(value):
        return False
    match attribute.kind:
        case Kind.TEXT | Kind.PURPOSE:  # an undeclared purpose is known, and lies under nothing
            return True
        case Kind.REGION:
            return REGION.fullmatch(value) is not None
        case Kind.NUMBER | Kind.YES_NO | Kind.DATE:
            return False
        case Kind.SET if not attribute.choices:
            return True
        case _:
            return value in (vocabulary.known(attribute) or ())


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _resolved(attribute: Attribute, value: str, vocabulary: Vocabulary) -> object:
    if attribute.kind in TREES:
        return list(vocabulary.chain(attribute.kind, value))
    if attribute.kind in RANKED:
        return attribute.rank(value)
    return value


def _misfit(attribute: Attribute, value: object, vocabulary: Vocabulary) -> Problem:
    known = vocabulary.known(attribute)
    expected = attribute.kind.text
    if known is not None:
        names = ", ".join(known)
        expected = Text(f"{expected.en} ({names})", f"{expected.zh}（{names}）")
    near = closest(value[:_SHOWN], known) if isinstance(value, str) and known else None
    return _bad(attribute.name, expected, value, near)


def _bad(name: str, expected: Text, value: object, suggestion: str | None = None) -> Problem:
    return problem(
        "bad-fact",
        name=name,
        expected=expected,
        found=_found(value),
        suggestion=suggestion,
    )


def _found(value: object) -> Text:
    match value:
        case None:
            return Text("nothing", "空")
        case bool():
            return Text(str(value).lower(), str(value).lower())
        case str() if len(value) <= _SHOWN:
            return Text(f"`{value}`", f"`{value}`")
        case str():
            return Text("a long text", "过长的文本")
        case int() | float():
            return Text("a number", "数字")
        case list() | tuple():
            return Text("a list that does not fit", "不符合要求的列表")
        case _:
            return Text("a mapping", "映射")
