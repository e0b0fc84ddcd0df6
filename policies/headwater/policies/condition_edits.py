"""Conditions with one small mistake in them, one for each mistake that a person might make."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from headwater.catalog.text import Text
from headwater.policies.attributes import ATTRIBUTES, RANKED, RANKS, TREES, Kind
from headwater.policies.model import All, Any, Atom, Not, Reference
from headwater.policies.operators import LISTS, PRESENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.position import Position
    from headwater.policies.model import Condition, Value

_FLIPS = {
    "at_least": ("above",),
    "above": ("at_least",),
    "at_most": ("below",),
    "below": ("at_most",),
    "has_any": ("has_all",),
    "has_all": ("has_any",),
    "under": ("eq",),
    "older_than": ("within",),
    "within": ("older_than",),
}
_BOUNDS = ("at_least", "above", "at_most", "below", "between")

_DROPPED = Text("left out `{condition}`", "去掉了 `{condition}`")
_NEGATED = Text("`{condition}` became its opposite", "`{condition}` 变为其反面")
_CHANGED = Text("`{condition}` became `{other}`", "`{condition}` 变为 `{other}`")
_JOINED = Text("`{join}` became `{other}`", "`{join}` 变为 `{other}`")


class Edit(NamedTuple):
    """A changed condition (``None``: none is left), what was changed, and where."""

    condition: Condition | None
    change: Text
    position: Position | None


def edits(condition: Condition) -> Iterator[Edit]:
    """Yield every condition that differs from ``condition`` in one place, itself left out first."""
    if not isinstance(condition, All | Any) or len(condition.parts) < 2:
        yield Edit(None, filled(_DROPPED, condition=said(condition)), position_of(condition))
    yield from _inner(condition)


def _inner(condition: Condition) -> Iterator[Edit]:
    match condition:
        case Atom():
            negated = filled(_NEGATED, condition=said(condition))
            yield Edit(Not(condition), negated, condition.position)
            for changed in _atoms(condition):
                change = filled(_CHANGED, condition=said(condition), other=said(changed))
                yield Edit(changed, change, condition.position)
        case Not(part=part):
            negated = filled(_NEGATED, condition=said(condition))
            yield Edit(part, negated, position_of(part))
            for edit in _inner(part):
                if edit.condition is not None:
                    yield edit._replace(condition=Not(edit.condition))
        case All() | Any():
            yield from _parts(condition)


def _parts(whole: All | Any) -> Iterator[Edit]:
    """Yield the whole with one part left out, with one part changed, and joined the other way."""
    parts, join = whole.parts, type(whole)
    other: type[All | Any] = Any if join is All else All
    if len(parts) > 1:
        change = filled(_JOINED, join=join.__name__.lower(), other=other.__name__.lower())
        yield Edit(other(parts), change, position_of(whole))
    for number, part in enumerate(parts):
        before, after = parts[:number], parts[number + 1 :]
        if len(parts) > 1:
            dropped = filled(_DROPPED, condition=said(part))
            yield Edit(join((*before, *after)), dropped, position_of(part))
        for edit in _inner(part):
            if edit.condition is not None:
                yield edit._replace(condition=join((*before, edit.condition, *after)))


def _atoms(atom: Atom) -> Iterator[Atom]:
    """Yield the condition with another operator, another bound, or one value less."""
    kind = atom.kind or ATTRIBUTES[atom.attribute].kind
    for op in _FLIPS.get(atom.op, ()):
        yield replace(atom, op=op)
    if atom.op == "eq" and kind in TREES:
        yield replace(atom, op="under")
    if not isinstance(atom.operand, Reference):
        yield from (
            replace(atom, operand=values) for values in _operands(atom.op, atom.operand, kind)
        )


def _operands(op: str, values: tuple[Value, ...], kind: Kind) -> Iterator[tuple[Value, ...]]:
    """Yield the values with one bound a step further, or with one value less."""
    if op in _BOUNDS:
        for number, value in enumerate(values):
            for bound in _next(kind, value):
                yield (*values[:number], bound, *values[number + 1 :])
    if op in LISTS and len(values) > 1:
        for value in values:
            yield tuple(other for other in values if other != value)


def _next(kind: Kind, value: Value) -> list[Value]:
    """Return the bounds one step below and above."""
    if kind in RANKED:
        names = RANKS[kind]
        place = names.index(str(value))
        return [names[near] for near in (place - 1, place + 1) if 0 <= near < len(names)]
    if kind is Kind.DATE:
        day = datetime.date.fromisoformat(str(value)).toordinal()
        last = datetime.date.max.toordinal()
        near_days = [near for near in (day - 1, day + 1) if 1 <= near <= last]
        return [datetime.date.fromordinal(near).isoformat() for near in near_days]
    assert isinstance(value, int | float)  # noqa: S101 - of ordered kinds only numbers are left
    return [value - 1, value + 1]


def filled(text: Text, **values: str) -> Text:
    """Return ``text`` with its blanks filled word for word: a pattern keeps its braces."""
    en, zh = text.en, text.zh
    for name, value in values.items():
        blank = f"{{{name}}}"
        en, zh = en.replace(blank, value), zh.replace(blank, value)
    return Text(en, zh)


def position_of(condition: Condition) -> Position | None:
    """Return where the first single condition of ``condition`` stands."""
    match condition:
        case Atom(position=position):
            return position
        case Not(part=part):
            return position_of(part)
        case All(parts=parts) | Any(parts=parts):
            return position_of(parts[0]) if parts else None


def said(condition: Condition) -> str:
    """Return the condition as a file says it, on one line.

    Example:
        >>> said(Not(Atom("resource.level", "above", ("general-2",))))
        'not: resource.level: above general-2'
    """
    match condition:
        case Atom(attribute=attribute, op=op) if op in PRESENCE:
            return f"{attribute}: {op}"
        case Atom(attribute=attribute, op=op, operand=Reference(attribute=other)):
            return f"{attribute}: {op} {other}"
        case Atom(attribute=attribute, op=op, operand=tuple(values)):
            shown = ", ".join(_value(value) for value in values)
            many = op in LISTS or len(values) > 1
            return f"{attribute}: {op} [{shown}]" if many else f"{attribute}: {op} {shown}"
        case Not(part=part):
            return f"not: {said(part)}"
        case All(parts=parts):
            return f"all: [{'; '.join(map(said, parts))}]"
        case Any(parts=parts):
            return f"any: [{'; '.join(map(said, parts))}]"
    raise TypeError(condition)


def _value(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
