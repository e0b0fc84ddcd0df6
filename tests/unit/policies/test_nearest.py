"""The nearest allow: proved, cheapest, and only what people can bring about."""

from __future__ import annotations

import datetime
import itertools
import random
from typing import TYPE_CHECKING, Any

import pytest

from headwater.policies import Facts, PolicySet, Vocabulary, normalise
from headwater.policies.changes import COSTS
from headwater.policies.native import NativeEngine
from headwater.policies.nearest import Search, find_nearest
from headwater.policies.samples import nested

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = datetime.date(2026, 11, 1)

SHARED = {
    "action": "share",
    "subject.department": "tax",
    "subject.clearance": "general-3",
    "resource.department": "health",
    "resource.level": "general-2",
    "resource.categories": ["health"],
    "context.agreement": "active",
    "context.granted": True,
    "context.purpose": "public-health",
    "context.purpose_agreed": True,
    "context.checks": "passing",
    "context.evidence": "observed",
    "context.masked": False,
}


@pytest.fixture
def nearest(
    load: Callable[..., Any], facts: Callable[..., Facts], vocabulary: Vocabulary
) -> Callable[..., Search]:
    def found(changed: dict[str, Any], *texts: str, **options: Any) -> Search:
        policies, problems = load(*texts)
        assert problems == []
        return find_nearest(facts({**SHARED, **changed}), policies, vocabulary, **options)

    return found


def changes(search: Search) -> dict[str, object]:
    assert search.nearest is not None
    assert search.complete
    assert search.nearest.decision.allow
    return {change.attribute: change.after for change in search.nearest.changes}


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"context.masking_required": True}, {"context.masked": True}),
        ({"context.min_k": 10, "context.k": 4}, {"context.k": 10}),
        ({"context.min_k": 10}, {"context.k": 10}),
        ({"context.location_agreed": False}, {"context.location_agreed": True}),
        ({"context.checks": "failing"}, {"context.checks": "passing"}),
        ({"context.purpose_agreed": False}, {"context.purpose_agreed": True}),
        (
            {
                "context.agreement": "none",
                "context.granted": False,
                "context.purpose_agreed": None,
            },
            {
                "context.agreement": "active",
                "context.granted": True,
                "context.purpose_agreed": True,
            },
        ),
        ({"resource.level": "general-4"}, {"subject.clearance": "general-4"}),
        (
            {"resource.level": "important", "context.max_level": "general-2"},
            {"subject.clearance": "important", "context.max_level": "important"},
        ),
        (
            {
                "context.via": ["police"],
                "context.onward_granted": False,
                "context.agreement": "none",
                "context.granted": False,
                "context.purpose_agreed": None,
            },
            {"context.onward_granted": True},
        ),
        ({"resource.level": None}, {"resource.level": "general-3"}),
    ],
)
def test_the_pack_is_satisfied_by_the_change_that_a_person_would_make(
    nearest: Callable[..., Search], changed: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert changes(nearest(changed)) == wanted


def test_a_change_breaks_a_denying_rule_and_keeps_an_allowing_one(
    nearest: Callable[..., Search],
) -> None:
    text = """\
rules:
  - id: purpose
    deny: "not for {context.purpose}"
    when: {not: {context.purpose: {under: public-health}}}
"""
    search = nearest({"context.purpose": "marketing"}, text)
    assert changes(search) == {"context.purpose": "public-health"}
    assert search.nearest is not None
    assert search.nearest.rules == ("sharing/covered",)
    assert search.nearest.assumed == ("context.purpose_agreed",)


def test_a_value_that_is_preferred_is_proposed_first(nearest: Callable[..., Search]) -> None:
    text = """\
rules:
  - {id: purpose, deny: "not for this", when: {context.purpose: {eq: marketing}}}
"""
    asked = {"context.purpose": "marketing"}
    preferred = {"context.purpose": ["immunisation"]}
    assert changes(nearest(asked, text, preferred=preferred)) == {"context.purpose": "immunisation"}
    assert changes(nearest(asked, text)) == {"context.purpose": "public-health"}


def test_who_asks_is_changed_only_where_nothing_else_helps(nearest: Callable[..., Search]) -> None:
    text = """\
rules:
  - id: only
    deny: "only the police"
    when: {subject.department: {not: police}}
"""
    assert changes(nearest({}, text)) == {"subject.department": "police"}
    either = text.replace(
        "{subject.department: {not: police}}",
        "{all: [{subject.department: {not: police}}, {context.masked: {eq: false}}]}",
    )
    assert changes(nearest({}, either)) == {"context.masked": True}


def test_nothing_is_proposed_that_nobody_can_bring_about(nearest: Callable[..., Search]) -> None:
    text = """\
rules:
  - {id: far, deny: "too far", when: {context.hops: {above: 2}}}
  - {id: name, deny: "this one", when: {resource.name: {eq: visits}}}
"""
    search = nearest({"context.hops": 3, "resource.name": "visits"}, text)
    assert (search.nearest, search.complete) == (None, True)


def test_knowing_less_is_never_a_way_to_be_allowed(nearest: Callable[..., Search]) -> None:
    text = """\
rules:
  - {id: any, deny: "never with a purpose", when: {context.purpose: {present: true}}}
"""
    assert nearest({}, text).nearest is None


def test_a_search_that_gives_up_says_so(nearest: Callable[..., Search]) -> None:
    search = nearest({"context.agreement": "none", "context.granted": False}, limit=2)
    assert (search.nearest, search.complete) == (None, False)


def test_an_attribute_of_the_workspace_itself_may_be_changed(
    nearest: Callable[..., Search],
) -> None:
    text = """\
rules:
  - {id: sets, deny: "no", when: {resource.categories: {has_any: [health, personal]}}}
"""
    assert changes(nearest({"resource.categories": ["health", "personal", "minors"]}, text)) == {
        "resource.categories": ["minors"]
    }


DOMAIN: dict[str, list[object]] = {
    "action": ["read", "share"],
    "context.agreement": ["active", "none"],
    "context.granted": [True, False],
    "context.masked": [True, False],
    "context.purpose": ["public-health", "immunisation", "marketing"],
    "resource.level": ["general-1", "general-3", "core"],
    "subject.clearance": ["general-2", "core"],
}


@pytest.mark.parametrize("seed", range(60))
def test_no_cheaper_change_exists_by_trying_them_all(
    seed: int, load: Callable[..., Any], vocabulary: Vocabulary
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test, the same each time
    text = "rules:\n" + "".join(_rule(chance, number) for number in range(chance.randint(2, 6)))
    policies, problems = load(text, off=tuple(f"sharing/{name}" for name in PACK))
    assert problems == []
    for _ in range(4):
        start = {name: chance.choice(values) for name, values in DOMAIN.items()}
        facts = normalise(nested(start), vocabulary, DAY)
        if NativeEngine(policies).decide([facts])[0].allow:
            continue
        found = find_nearest(facts, policies, vocabulary)
        assert found.complete
        best = _cheapest(start, policies, vocabulary)
        cost = sum(change.cost for change in found.nearest.changes) if found.nearest else None
        assert cost == best


def _rule(chance: random.Random, number: int) -> str:
    atoms = [
        f"{{{name}: {{{op}: {value}}}}}"
        for name, op, value in chance.sample(ATOMS, chance.randint(1, 3))
    ]
    joint = chance.choice(["all", "any"])
    effect = chance.choice(["allow: true", "deny: no way", "allow: true"])
    return f"  - {{id: r{number}, {effect}, when: {{{joint}: [{', '.join(atoms)}]}}}}\n"


ATOMS = [
    ("action", "eq", "share"),
    ("action", "not", "share"),
    ("context.agreement", "eq", "active"),
    ("context.agreement", "not", "active"),
    ("context.granted", "eq", "true"),
    ("context.granted", "eq", "false"),
    ("context.masked", "eq", "false"),
    ("context.masked", "eq", "true"),
    ("context.purpose", "under", "public-health"),
    ("context.purpose", "not", "immunisation"),
    ("context.purpose", "in", "[marketing, immunisation]"),
    ("resource.level", "above", "{attribute: subject.clearance}"),
    ("resource.level", "at_least", "general-3"),
    ("subject.clearance", "at_most", "general-2"),
]
PACK = (
    *("no-agreement", "agreement-not-in-force", "column-not-granted", "columns-unknown"),
    *("purpose-drift", "purpose-unknown", "onward-not-granted", "level-above-clearance"),
    *("level-above-agreement", "checks-failing", "checks-missing", "covered", "onward"),
    *("not-masked", "group-too-small", "outside-location", "rows-unjudged"),
)


def _cheapest(start: dict[str, object], policies: PolicySet, vocabulary: Vocabulary) -> int | None:
    """Return the least cost over every way to change what may be changed, tried one by one."""
    engine = NativeEngine(policies)
    open_: dict[str, list[object]] = {
        "action": ["read", "share", "export"],
        "context.agreement": _up(start, "context.agreement", "active"),
        "context.granted": _up(start, "context.granted", True),
        "context.masked": _up(start, "context.masked", True),
        "context.purpose": ["public-health", "immunisation", "marketing"],
        "resource.level": _levels(str(start["resource.level"]), up=False),
        "subject.clearance": _levels(str(start["subject.clearance"]), up=True),
    }
    ways = itertools.product(*([*dict.fromkeys([start[name], *open_[name]])] for name in DOMAIN))
    costs = []
    for way in ways:
        changed = dict(zip(DOMAIN, way, strict=True))
        cost = sum(COSTS[name] for name in DOMAIN if changed[name] != start[name])
        costs.append((cost, changed))
    for cost, changed in sorted(costs, key=lambda pair: pair[0]):
        if engine.decide([normalise(nested(changed), vocabulary, DAY)])[0].allow:
            return cost
    return None


def _up(start: dict[str, object], name: str, better: object) -> list[object]:
    return [start[name], better]


def _levels(level: str, *, up: bool) -> list[object]:
    from headwater.catalog.model import LEVELS

    at = LEVELS.index(level)
    return list(LEVELS[at:] if up else LEVELS[: at + 1])
