"""Facts: the one place where a question is made safe and complete before any engine sees it.

Raw facts say what is known, in people's words. Normalised facts say something of every declared
attribute: null where it is absent, a number where it is a level, the chain up to the root where
it is a department or a purpose. Engines compare; they never look anything up.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

from headwater.catalog.errors import InputError
from headwater.catalog.problems import closest, problem
from headwater.catalog.text import Text
from headwater.policies.model import canonical
from headwater.policies.vocabulary import ATTRIBUTES, GROUPS, LARGEST, REGION, TREES, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from headwater.catalog.problems import Problem
    from headwater.policies.vocabulary import Attribute, Vocabulary

FORM = "facts/1"
"""What ``headwater`` says in a normalised document; without it nothing is allowed."""

AS_OF = "as_of"
EPOCH = datetime.date(1970, 1, 1)
MAX_TEXT = 4096
MAX_SET = 1024
MAX_PROBLEMS = 50
_SHOWN = 100


@dataclass(frozen=True)
class Facts:
    """One question, normalised.

    Attributes:
        values: Every declared attribute by name, and ``as_of``; ``None`` where absent.
        raw: What was known, as it was said.
    """

    values: Mapping[str, object]
    raw: Mapping[str, object]

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The declared attributes that are absent, sorted."""
        return tuple(sorted(name for name in ATTRIBUTES if self.values[name] is None))

    @cached_property
    def document(self) -> dict[str, object]:
        """The JSON form that engines read."""
        found: dict[str, object] = {
            "headwater": FORM,
            "as_of": self.values[AS_OF],
            "missing": list(self.missing),
            "action": self.values["action"],
        }
        for group in GROUPS:
            found[group] = {
                name.partition(".")[2]: self.values[name]
                for name in ATTRIBUTES
                if name.startswith(f"{group}.")
            }
        return found

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
    values: dict[str, object] = dict.fromkeys(ATTRIBUTES)
    raw: dict[str, object] = {}
    for name, value in _flat(document, problems):
        if value is None:
            continue
        found = _normal(ATTRIBUTES[name], value, vocabulary, problems)
        values[name], raw[name] = found, value
    if problems:
        raise InputError(problems)
    values[AS_OF] = (as_of - EPOCH).days
    return Facts(values, raw)


def _flat(document: object, problems: list[Problem]) -> Iterator[tuple[str, object]]:
    for key, value in _entries("facts", document, ("action", *GROUPS), problems):
        if key in GROUPS:
            if value is None:
                continue
            known = [n.partition(".")[2] for n in ATTRIBUTES if n.startswith(f"{key}.")]
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


def _named(value: object, attribute: Attribute, vocabulary: Vocabulary) -> TypeGuard[str]:
    """Say whether ``value`` is a text that ``attribute`` may have."""
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT or not _encodes(value):
        return False
    match attribute.kind:
        case Kind.TEXT | Kind.PURPOSE:  # an undeclared purpose is known, and lies under nothing
            return True
        case Kind.REGION:
            return REGION.fullmatch(value) is not None
        case Kind.NUMBER | Kind.YES_NO:
            return False
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
    if attribute.kind in (Kind.LEVEL, Kind.ADMINISTRATIVE):
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
