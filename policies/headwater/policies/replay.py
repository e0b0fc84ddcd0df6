"""Replay: the same questions put to two sets of policies, told apart only where they differ.

All questions are of one day and one vocabulary. Whatever the flows are, the policies can tell only
a few kinds of them apart; each kind is judged once, by tables over the rules of both sides.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from headwater.policies.facts import AS_OF, days_of, normalise, reaches
from headwater.policies.formula import formula_of, periods_of
from headwater.policies.native import NativeEngine, truth_of
from headwater.policies.rego_frame import place
from headwater.policies.tables import Tables, frozen
from headwater.policies.vocabulary import SETS

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.policies.engine import Decision, Engine
    from headwater.policies.facts import Facts
    from headwater.policies.formula import Formula
    from headwater.policies.model import PolicySet
    from headwater.policies.tables import Table, Verdict
    from headwater.policies.vocabulary import Vocabulary

_Place = tuple[str, str]
_NOTHING: Mapping[str, object] = {}

MOST_CHANGES = 10_000
"""How many ways in which answers have changed are told of."""


class Turn(StrEnum):
    """How the answer to a question has changed."""

    ALLOWED = "newly-allowed"
    REFUSED = "newly-refused"
    OBLIGATIONS = "changed-obligations"
    WARNINGS = "changed-warnings"


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which answers have changed, and the questions that it befell.

    Attributes:
        turn: How.
        questions: Their places in the order of asking, from 0.
        facts: The first of them.
        old: What was answered.
        new: What is answered now.
    """

    turn: Turn
    questions: tuple[int, ...]
    facts: Facts
    old: Decision
    new: Decision

    def rules(self) -> tuple[str, ...]:
        """Return the rules that are responsible, sorted.

        A denial that is new, or is no more; where there is none, what allows now, or did. Of
        warnings, those that only one of the answers has.
        """
        if self.turn is Turn.WARNINGS:
            return tuple(sorted({*self.old.warnings} ^ {*self.new.warnings}))
        if self.turn is Turn.OBLIGATIONS:
            return tuple(sorted({*self.old.rules, *self.new.rules}))
        refused, allowed = self.new, self.old
        if self.turn is Turn.ALLOWED:
            refused, allowed = self.old, self.new
        return refused.rules or allowed.rules


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay.

    Attributes:
        questions: How many were asked.
        kinds: How many kinds of them the policies can tell apart.
        counts: How many questions had each turn; one may have another and changed warnings.
        changes: The changes, in the order in which they were first seen.
        more: How many further changes there are, which are only counted.
    """

    questions: int
    kinds: int
    counts: Mapping[Turn, int]
    changes: tuple[Change, ...]
    more: int = 0


def turns_of(old: Decision, new: Decision) -> tuple[Turn, ...]:
    """Return how the answer has changed: what is allowed or owed, then what is warned of."""
    turn = turn_of(old, new)
    warned = (Turn.WARNINGS,) if old.warnings != new.warnings else ()
    return warned if turn is None else (turn, *warned)


def turn_of(old: Decision, new: Decision) -> Turn | None:
    """Return how what is allowed or owed has changed; ``None`` where it has not."""
    if old.allow is not new.allow:
        return Turn.ALLOWED if new.allow else Turn.REFUSED
    return Turn.OBLIGATIONS if old.obligations != new.obligations else None


def replay(
    documents: Iterable[Mapping[str, object]],
    old: PolicySet,
    new: PolicySet,
    vocabulary: Vocabulary,
    as_of: datetime.date,
    *,
    most: int = MOST_CHANGES,
) -> Replayed:
    """Return how the answers to ``documents`` differ between ``old`` and ``new``.

    Args:
        documents: The questions, as the gate asks them: of declared attributes, with values of
            their types.
        old: What decided before.
        new: What decides now.
        vocabulary: The attributes and names of the questions and of both policies.
        as_of: The day of the questions.
        most: How many changes to tell of; beyond them questions are only counted.

    Raises:
        InputError: A value is not one that its attribute may have.
    """
    return _Replay(old, new, vocabulary, as_of).run(documents, most)


def replay_through(
    facts: Sequence[Facts], old: Engine, new: Engine, *, most: int = MOST_CHANGES
) -> Replayed:
    """Return how the answers of two engines differ; equal facts are asked once.

    Raises:
        EngineError: An engine gave no usable answer.
    """
    distinct = {each.key: each for each in facts}
    asked = list(distinct.values())
    places: dict[str, list[int]] = {key: [] for key in distinct}
    for number, each in enumerate(facts):
        places[each.key].append(number)
    counts = Counter[Turn]()
    changes: list[Change] = []
    for each, before, after in zip(asked, old.decide(asked), new.decide(asked), strict=True):
        for turn in turns_of(before, after):
            counts[turn] += len(places[each.key])
            changes.append(Change(turn, tuple(places[each.key]), each, before, after))
    more = max(0, len(changes) - most)
    return Replayed(len(facts), len(distinct), counts, tuple(changes[:most]), more)


class _Side:
    """One set of policies within the tables of both."""

    def __init__(self, policies: PolicySet, first: int) -> None:
        self.engine = NativeEngine(policies)
        self.formulas: list[Formula] = []
        self._obligations: dict[int, tuple[str, ...]] = {}
        self._warnings: dict[int, str] = {}
        self._denying: set[int] = set()
        self._allowing: set[int] = set()
        for policy, rule in policies.access_rules():
            kept = place(rule.effect, policy.mode)
            if kept is None:
                continue
            number = first + len(self.formulas)
            self.formulas.append(formula_of(rule, policy.dates))
            if kept == "warn":
                self._warnings[number] = rule.id
                continue
            (self._denying if kept == "deny" else self._allowing).add(number)
            if rule.obligations:
                self._obligations[number] = rule.obligations
        self._masks = (0, 0, 0, 0)

    def place(self, tables: Tables) -> None:
        """Take note of the bits that stand for these policies' rules."""
        self._masks = (
            tables.parts_of(self._denying),
            tables.parts_of(self._allowing),
            tables.parts_of(self._obligations),
            tables.parts_of(self._warnings),
        )

    def answer(self, verdict: Verdict, tables: Tables) -> frozenset[str] | None:
        """Return the obligations where these policies allow; ``None`` where they refuse."""
        denying, allowing, obliging, _ = self._masks
        if (verdict.true | verdict.unknown) & denying or not verdict.true & allowing:
            return None
        return frozenset(
            text
            for number in tables.formulas(verdict.true & obliging)
            for text in self._obligations[number]
        )

    def warnings(self, verdict: Verdict, tables: Tables) -> frozenset[str]:
        """Return the rules that warn, or may."""
        open_ = (verdict.true | verdict.unknown) & self._masks[3]
        return frozenset(self._warnings[number] for number in tables.formulas(open_))


class _Replay:
    def __init__(
        self, old: PolicySet, new: PolicySet, vocabulary: Vocabulary, as_of: datetime.date
    ) -> None:
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._old = _Side(old, 0)
        self._new = _Side(new, len(self._old.formulas))
        formulas = [*self._old.formulas, *self._new.formulas]
        periods = {*periods_of(old), *periods_of(new)}
        fixed = {AS_OF: days_of(as_of), **reaches(as_of, periods)}
        self._tables = Tables(formulas, truth_of, fixed=fixed, normal=self._normal)
        self._read = self._read_raw
        if not self._tables.whole:
            self._tables = Tables(formulas, truth_of)
            self._read = self._read_normal
        for side in (self._old, self._new):
            side.place(self._tables)
        self._groups: dict[str, list[tuple[str, Table]]] = {}
        self._lists: list[tuple[_Place, Table]] = []
        self._arrange()
        self._pairs = [(_split(a), _split(b), table) for a, b, table in self._tables.paired]

    def _normal(self, name: str, value: object) -> object:
        group, _, inner = name.partition(".")
        document = {group: {inner: value}} if inner else {group: value}
        return normalise(document, self._vocabulary, self._as_of).values[name]

    def _arrange(self) -> None:
        """Put the tables as documents are nested: those of lists apart, the others by group."""
        for name, table in self._tables.plain:
            attribute = self._vocabulary.attributes.get(name)
            if attribute is not None and attribute.kind in SETS:
                self._lists.append((_split(name), table))
            else:
                group, inner = _split(name)
                self._groups.setdefault(group, []).append((inner, table))

    def run(self, documents: Iterable[Mapping[str, object]], most: int) -> Replayed:
        known: dict[int, list[int] | None] = {}
        seen: dict[Verdict, _Seen | None] = {}
        read = self._read
        count = 0
        for count, document in enumerate(documents, 1):
            found = read(document)
            try:
                places = known[found]
            except KeyError:
                places = known[found] = self._places(found, document, seen)
            if places is not None:
                places.append(count - 1)
        changed = [each for each in seen.values() if each is not None]
        pairs = [(turn, each) for each in changed for turn in each.turns]
        counts = Counter[Turn]()
        for turn, each in pairs:
            counts[turn] += len(each.places)
        changes = tuple(self._change(turn, each) for turn, each in pairs[:most])
        return Replayed(count, len(seen), counts, changes, max(0, len(pairs) - most))

    def _places(
        self, read: int, document: Mapping[str, object], seen: dict[Verdict, _Seen | None]
    ) -> list[int] | None:
        """Return where to note questions that read so; ``None`` where nothing has changed."""
        verdict = self._tables.verdict(read)
        if verdict not in seen:
            turns = self._turns(verdict)
            seen[verdict] = _Seen(turns, [], document) if turns else None
        found = seen[verdict]
        return None if found is None else found.places

    def _turns(self, verdict: Verdict) -> tuple[Turn, ...]:
        turn = self._turn(verdict)
        warned = [side.warnings(verdict, self._tables) for side in (self._old, self._new)]
        found = () if warned[0] == warned[1] else (Turn.WARNINGS,)
        return found if turn is None else (turn, *found)

    def _turn(self, verdict: Verdict) -> Turn | None:
        old = self._old.answer(verdict, self._tables)
        new = self._new.answer(verdict, self._tables)
        if old is None or new is None:
            return None if old is new else Turn.ALLOWED if old is None else Turn.REFUSED
        return Turn.OBLIGATIONS if old != new else None

    def _change(self, turn: Turn, seen: _Seen) -> Change:
        facts = normalise(seen.first, self._vocabulary, self._as_of)
        (old,), (new,) = self._old.engine.decide([facts]), self._new.engine.decide([facts])
        if turns_of(old, new) != seen.turns:
            raise AssertionError(f"{seen.turns} of {seen.first}")
        return Change(turn, tuple(seen.places), facts, old, new)

    def _read_raw(self, document: Mapping[str, object]) -> int:
        found = self._tables.base
        try:
            for group, rows in self._groups.items():
                within = (document.get(group) or _NOTHING) if group else document
                for name, table in rows:
                    found |= table[within.get(name)]  # type: ignore[attr-defined]
        except (TypeError, AttributeError):
            normalise(document, self._vocabulary, self._as_of)  # says what is wrong
            raise
        for where, table in self._lists:
            found |= table[_at(document, where)]
        for where, other, table in self._pairs:
            found |= table[_at(document, where), _at(document, other)]
        return found

    def _read_normal(self, document: Mapping[str, object]) -> int:
        """Read a document where some rules are too intricate for tables of what is said."""
        return self._tables.read(normalise(document, self._vocabulary, self._as_of).values)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Questions on which the policies differ in the same ways."""

    turns: tuple[Turn, ...]
    places: list[int]
    first: Mapping[str, object]


def _split(name: str) -> _Place:
    group, dot, inner = name.partition(".")
    return (group, inner) if dot else ("", name)


def _at(document: Mapping[str, object], place: _Place) -> object:
    group, name = place
    within = document.get(group) if group else document
    return frozen(within.get(name)) if isinstance(within, dict) else None
