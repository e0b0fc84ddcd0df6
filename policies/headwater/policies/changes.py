"""Which facts people can change, in which direction, and how hard that is."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from headwater.policies.facts import EPOCH, days_of, normalise
from headwater.policies.native import truth_of
from headwater.policies.samples import nested
from headwater.policies.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from headwater.policies.facts import Facts
    from headwater.policies.formula import Test
    from headwater.policies.vocabulary import Attribute, Vocabulary

COSTS = {
    "context.agreement": 2,
    "context.granted": 2,
    "context.purpose_agreed": 2,
    "context.onward_granted": 2,
    "context.checks": 2,
    "context.masked": 2,
    "context.purpose": 3,
    "context.max_level": 3,
    "context.masking_required": 3,
    "context.min_k": 3,
    "context.k": 3,
    "context.location_agreed": 3,
    "context.evidence": 3,
    "subject.clearance": 6,
    "action": 50,
    "context.influence": 12,
    "context.via": 12,
    "resource.level": 40,
    "resource.categories": 40,
    "subject.department": 60,
}
"""The attributes that a change may be proposed for. Agreements, purposes, checks and masking are
what departments arrange among themselves; what data it is, and who asks, come last. Where data
lies, and how far it has come, nobody changes."""

_OWN_COST = 4
_OWN_GROUPS = ("context.", "subject.")

_WANTED: dict[str, tuple[object, ...]] = {
    "context.agreement": ("active",),
    "context.granted": (True,),
    "context.purpose_agreed": (True,),
    "context.onward_granted": (True,),
    "context.checks": ("passing",),
    "context.masked": (True,),
    "context.masking_required": (False,),
    "context.location_agreed": (True,),
    "context.influence": ("indirect",),
    "context.via": (None,),
}
"""The only values that are worth proposing, where not every other one is."""

_BETTER = {"context.evidence": ("observed", "declared", "implied")}
"""Values from the best to the worst; only a better one is proposed."""

_UP = ("subject.clearance", "context.max_level")
_DOWN = ("resource.level",)
_FOLLOWERS = {
    "context.agreement": ("context.granted", "context.purpose_agreed", "context.max_level"),
    "context.granted": ("context.purpose_agreed", "context.max_level"),
    "context.purpose": ("context.purpose_agreed",),
    "context.via": ("context.agreement", "context.granted", "context.purpose_agreed"),
    "subject.department": (
        "subject.level",
        "subject.region",
        "subject.clearance",
        "context.agreement",
        "context.granted",
        "context.purpose_agreed",
        "context.max_level",
    ),
    "context.masked": ("resource.level", "resource.categories"),
}
"""Facts that may well change along with another one."""

_MOST_MEMBERS = 5
_MOST_NAMES = 64
_FIRST, _LAST = days_of(datetime.date.min), days_of(datetime.date.max)


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that would have to be another.

    Attributes:
        attribute: Its name.
        before: What it is, as it was said; ``None`` where absent.
        after: What it would be; ``None``: absent.
        normal: ``after`` as engines compare it.
        cost: How hard the change is.
    """

    attribute: str
    before: object
    after: object
    normal: object
    cost: int

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"attribute": self.attribute, "from": self.before, "to": self.after}


def followers_of(changes: Iterable[Change]) -> frozenset[str]:
    """Return the facts that may well change along with ``changes``, and are not among them."""
    changed = {change.attribute for change in changes}
    return frozenset(name for each in changed for name in _FOLLOWERS.get(each, ())) - changed


class Changeable:
    """What may be proposed, given every test that decides."""

    def __init__(
        self,
        tests: Iterable[Test],
        vocabulary: Vocabulary,
        preferred: Mapping[str, Sequence[object]],
    ) -> None:
        self._vocabulary = vocabulary
        self._preferred = preferred
        self._tests: dict[str, list[Test]] = {}
        for test in dict.fromkeys(tests):
            for name in {test.attribute, test.other or test.attribute}:
                self._tests.setdefault(name, []).append(test)

    def cost(self, name: str) -> int | None:
        """Return how hard it is to change ``name``; ``None`` where nobody can."""
        if name in COSTS:
            return COSTS[name]
        own = name in {attribute.name for attribute in self._vocabulary.own}
        return _OWN_COST if own and name.startswith(_OWN_GROUPS) else None

    def steps(self, name: str, raw: object, values: Mapping[str, object]) -> Iterator[Change]:
        """Yield the changes of ``name``, one for each way in which tests could answer."""
        cost = self.cost(name)
        if cost is None:
            return
        attribute = self._vocabulary.attributes[name]
        truths = [truth_of(test) for test in self._tests.get(name, ())]
        # a comparison with another attribute may turn out otherwise once that one changes too
        apart = any(test.other and test.other in values for test in self._tests.get(name, ()))
        seen = {_signature(truths, values)}
        for after in self._candidates(attribute, raw, values):
            normal = self._normal(attribute, after)
            signature = _signature(truths, {**values, name: normal})
            if after == raw or (signature in seen and not apart):
                continue
            seen.add(signature)
            yield Change(name, raw, after, normal, cost)

    def restated(self, facts: Facts, changes: Sequence[Change]) -> Facts:
        """Return ``facts`` with ``changes``, normalised anew."""
        raw = {**facts.raw, **{change.attribute: change.after for change in changes}}
        return normalise(nested(raw), self._vocabulary, facts.day)

    def _candidates(
        self, attribute: Attribute, raw: object, values: Mapping[str, object]
    ) -> list[object]:
        name = attribute.name
        if name in _WANTED:
            return list(_WANTED[name])
        if name in _BETTER:
            order = _BETTER[name]
            return list(order[: order.index(str(raw))] if raw in order else order[:-1])
        if name in _UP or name in _DOWN:
            return _ranked(attribute, raw, up=name in _UP)
        return self._others(attribute, raw, values)

    def _others(
        self, attribute: Attribute, raw: object, values: Mapping[str, object]
    ) -> list[object]:
        mentioned = self._mentioned(attribute.name)
        match attribute.kind:
            case Kind.YES_NO:
                return [True, False]
            case Kind.CHOICE | Kind.LEVEL | Kind.ADMINISTRATIVE:
                return list(attribute.choices)
            case Kind.DEPARTMENT | Kind.PURPOSE:
                known = list(self._vocabulary.known(attribute) or ())
                wanted = self._preferred.get(attribute.name, ())
                first = [*wanted, *mentioned, *self._compared(attribute.name, values)]
                return list(dict.fromkeys([*first, *known[:_MOST_NAMES]]))
            case Kind.NUMBER:
                return _around([*mentioned, *self._compared(attribute.name, values)])
            case Kind.DATE:
                return [_day(day) for day in self._days(attribute.name, values)]
            case _ if attribute.multiple:
                return _subsets(raw, mentioned, adding=attribute.name not in COSTS)
            case _:
                return mentioned

    def _mentioned(self, name: str) -> list[object]:
        return list(
            dict.fromkeys(
                value
                for test in self._tests.get(name, ())
                if test.op not in ("matches", "not_matches")
                for value in test.values
            )
        )

    def _compared(self, name: str, values: Mapping[str, object]) -> Iterator[object]:
        """Yield the values of the attributes that ``name`` is compared with."""
        for test in self._tests.get(name, ()):
            other = test.other if test.attribute == name else test.attribute
            value = values.get(other) if test.other and other else None
            if value is not None:
                yield from (value[:1] if isinstance(value, list) else [value])

    def _days(self, name: str, values: Mapping[str, object]) -> list[int]:
        found = {value for value in self._mentioned(name) if isinstance(value, int)}
        found |= {value for value in self._compared(name, values) if isinstance(value, int)}
        near = {day + step for day in found for step in (-1, 0, 1)}
        return sorted((day for day in near if _FIRST <= day <= _LAST), reverse=True)

    def _normal(self, attribute: Attribute, value: object) -> object:
        if value is None:
            return None
        match attribute.kind:
            case Kind.DEPARTMENT | Kind.PURPOSE:
                return list(self._vocabulary.chain(attribute.kind, str(value)))
            case Kind.LEVEL | Kind.ADMINISTRATIVE:
                return attribute.rank(str(value))
            case Kind.DATE:
                return days_of(datetime.date.fromisoformat(str(value)))
            case _:
                return value


def _signature(
    truths: Sequence[Callable[[Mapping[str, object]], bool | None]], values: Mapping[str, object]
) -> tuple[bool | None, ...]:
    return tuple(truth(values) for truth in truths)


def _ranked(attribute: Attribute, raw: object, *, up: bool) -> list[object]:
    """Return the levels above, or below, the present one, the nearest first; all if unknown."""
    if raw not in attribute.choices:
        return list(attribute.choices if up else reversed(attribute.choices))
    at = attribute.choices.index(str(raw))
    return list(attribute.choices[at + 1 :] if up else reversed(attribute.choices[:at]))


def _around(mentioned: Iterable[object]) -> list[object]:
    numbers = [value for value in mentioned if isinstance(value, int | float)]
    found = {value + step for value in numbers for step in (-1, 0, 1)}
    return [int(value) if float(value).is_integer() else value for value in sorted(found)]


def _subsets(raw: object, mentioned: Sequence[object], *, adding: bool) -> list[object]:
    """Return what a set could be, the fewest changes of members first."""
    now = set(raw) if isinstance(raw, list | tuple) else set()
    known = sorted({str(item) for item in mentioned if adding or item in now})[:_MOST_MEMBERS]
    found: list[object] = []
    for count in range(1, len(known) + 1):
        found += [sorted(now ^ set(flipped)) for flipped in combinations(known, count)]
    return found if raw is not None else [[], *found]


def _day(number: int) -> str:
    return (EPOCH + datetime.timedelta(days=number)).isoformat()
