"""Values worth asking about: those that conditions mention, their neighbours, and some others."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from headwater.policies.attributes import LARGEST, SETS, TREES, Kind
from headwater.policies.conditions import whole
from headwater.policies.facts import AS_OF, EPOCH, normalise, reaches
from headwater.policies.model import All, Atom, Not, Reference
from headwater.policies.model import Any as AnyOf
from headwater.policies.operators import PRESENCE
from headwater.policies.own_attributes import PERIOD_OPERATORS
from headwater.policies.pattern_samples import matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from headwater.policies.attributes import Attribute
    from headwater.policies.facts import Facts
    from headwater.policies.model import Condition, PolicySet, Value
    from headwater.policies.vocabulary import Vocabulary

FEW = 12
"""Up to so many departments or purposes are all tried."""
_MEMBERS = 3
_EPOCH = EPOCH.toordinal()


@dataclass(frozen=True, slots=True)
class Sample:
    """A value as people say it and as facts have it; both ``None`` where absent."""

    raw: object
    value: object


NONE = Sample(None, None)


def atoms_of(condition: Condition | None) -> Iterator[Atom]:
    """Yield the single conditions of a condition, in their order."""
    match condition:
        case Atom():
            yield condition
        case Not(part=part):
            yield from atoms_of(part)
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from atoms_of(part)


def _atoms(policies: PolicySet) -> Iterator[Atom]:
    for _, rule in policies.access_rules():
        yield from atoms_of(rule.applies_to)
        yield from atoms_of(rule.when)
        for each in rule.exceptions:
            yield from atoms_of(each.when)
    for _, term in policies.retention_rules():
        yield from atoms_of(term.applies_to)
        yield from atoms_of(term.when)


def mentioned(sets: Iterable[PolicySet]) -> dict[str, list[Value]]:
    """Return the operands by attribute; attributes that are compared share theirs."""
    found: dict[str, list[Value]] = {}
    pairs: set[tuple[str, str]] = set()
    for atom in (each for policies in sets for each in _atoms(policies)):
        values = found.setdefault(atom.attribute, [])
        if isinstance(atom.operand, Reference):
            pairs.add((atom.attribute, atom.operand.attribute))
        else:
            values += [value for value in _values(atom) if value not in values]
    for left, right in sorted(pairs):
        shared = [*found.get(left, []), *found.get(right, [])]
        found[left] = found[right] = list(dict.fromkeys(shared))
    return found


def _values(atom: Atom) -> Sequence[Value]:
    """Return the values that an operand names; a period names none."""
    if atom.op in (*PRESENCE, *PERIOD_OPERATORS) or isinstance(atom.operand, Reference):
        return ()
    if atom.op == "matches":
        return [text for pattern in atom.operand for text in matching(str(pattern))]
    return atom.operand


# --- values near what is mentioned ---------------------------------------------------------------


def candidates(
    attribute: Attribute, said: list[Value], vocabulary: Vocabulary, as_of: datetime.date
) -> tuple[list[object], list[object]]:
    """Return the values mentioned with their neighbours, and some others."""
    kind = attribute.kind
    if kind in TREES:
        return _tree(kind, said, vocabulary)
    if kind in SETS:
        return _sets(said, vocabulary.known(attribute) or ("other",))
    match kind:
        case Kind.NUMBER:
            near = [whole(float(value) + step) for value in said for step in (0, -1, 1, 0.5)]
            return [max(-LARGEST, min(LARGEST, value)) for value in near], [0, 1, 2]
        case Kind.DATE:
            return _dates(said, vocabulary, as_of), []
        case Kind.YES_NO:
            return [*said], [True, False]
        case Kind.REGION:
            return [*said], ["330100", "999999"]
        case Kind.TEXT:
            return [*said, *(f"{value}x" for value in said)], ["other", "another"]
        case _:
            return [*said], list(vocabulary.known(attribute) or ())


def _dates(said: list[Value], vocabulary: Vocabulary, as_of: datetime.date) -> list[object]:
    """Return the days mentioned, those that a period reaches back to, today, and those beside."""
    days = [datetime.date.fromisoformat(str(value)).toordinal() for value in said]
    days += [number + _EPOCH for number in reaches(as_of, vocabulary.periods).values()]
    near = [day + step for day in (*days, as_of.toordinal()) for step in (0, -1, 1)]
    latest = datetime.date.max.toordinal()
    return [datetime.date.fromordinal(day).isoformat() for day in near if 1 <= day <= latest]


def _tree(
    kind: Kind, said: list[Value], vocabulary: Vocabulary
) -> tuple[list[object], list[object]]:
    tree = vocabulary.departments if kind is Kind.DEPARTMENT else vocabulary.purposes
    below = [
        next((name for name, chain in tree.items() if value in chain[1:]), value) for value in said
    ]
    above = [chain[1] for value in said if len(chain := tree.get(str(value), ())) > 1]
    apart = [name for name, chain in tree.items() if not set(said) & set(chain)]
    some = list(tree) if len(tree) <= FEW else apart[:2]
    unknown = ["no-such-purpose"] if kind is Kind.PURPOSE else []
    return [*said, *below], [*above, *apart[:2], *some, *unknown]


def _sets(said: list[Value], known: tuple[str, ...]) -> tuple[list[object], list[object]]:
    apart = [name for name in known if name not in said][:1]
    singles: list[object] = [[value] for value in said]
    few = said[:_MEMBERS] if len(said) > FEW else said
    pairs: list[object] = [list(pair) for pair in combinations(few, 2)]
    without: list[object] = [[v for v in said if v != value] for value in said]
    return [*singles, [*said], *pairs], [[], *without, [*apart], [*said, *apart]]


def sampled(
    attribute: Attribute, raw: Iterable[object], vocabulary: Vocabulary, as_of: datetime.date
) -> list[Sample]:
    """Return the values as facts have them, less those that are as good as absent."""
    group, dot, inner = attribute.name.partition(".")
    found = []
    for value in raw:
        document = {group: {inner: value}} if dot else {group: value}
        facts = normalise(document, vocabulary, as_of)
        if facts.values[attribute.name] is not None:
            found.append(Sample(value, facts.values[attribute.name]))
    return found


def distinct(samples: Iterable[Sample]) -> list[Sample]:
    """Return the samples without repeats, the first of each kept."""
    return list({repr(sample.value): sample for sample in reversed(list(samples))}.values())[::-1]


def nested(raw: Mapping[str, object]) -> dict[str, object]:
    """Return attributes by name as the facts document that says them.

    Example:
        >>> nested({"action": "share", "subject.department": "health"})
        {'action': 'share', 'subject': {'department': 'health'}}
    """
    found: dict[str, Any] = {}
    for name, value in raw.items():
        group, dot, inner = name.partition(".")
        if dot:
            found.setdefault(group, {})[inner] = value
        else:
            found[group] = value
    return found


def day_of(facts: Facts) -> datetime.date:
    """Return the day that facts were asked of."""
    number = facts.values[AS_OF]
    assert isinstance(number, int)  # noqa: S101 - the normaliser wrote it
    return EPOCH + datetime.timedelta(number)
