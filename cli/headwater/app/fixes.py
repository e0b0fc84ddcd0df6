"""The smallest change by which the flow of a finding would pass, proved by judging again.

The policies room finds the nearest change of facts that would be allowed; here it becomes a change
of agreements, contracts or jobs. It is made in memory, everything is asked anew, and so on until
nothing refuses; what turns out not to be needed is left out again. At last the engine of the run
is asked about every flow with every change made: only what it allows is called proved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.app.remedies import KINDS, Remedy
from headwater.app.remedy_search import ORDER, remedies_for
from headwater.app.remedy_words import change_of
from headwater.app.supposed import Supposed
from headwater.catalog.errors import InputError
from headwater.catalog.witness import Fix

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.app.flow_findings import Case
    from headwater.app.labels import WorkspaceLabels
    from headwater.app.questions import Question
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.model import Workspace
    from headwater.policies import Decision, Engine, Facts, PolicySet, Vocabulary
    from headwater.policies.native import NativeEngine

MOST_SOUGHT = 200
"""For how many different refusals a run looks for changes; the findings beyond say so."""

MOST_ROUNDS = 12
MOST_FLOWS = 400
_LOOKED_AT = 2_000
NOTHING = Fix((), proved=False)
NOT_SOUGHT = Fix((), proved=False, sought=False)

_Key = tuple[object, ...]


class Fixes:
    """Looks for changes, each refusal's once however many findings it makes."""

    def __init__(
        self,
        workspace: Workspace,
        policies: PolicySet,
        as_of: datetime.date,
        checks: Mapping[DatasetId, str],
        labels: WorkspaceLabels,
    ) -> None:
        from headwater.policies import Vocabulary
        from headwater.policies.native import NativeEngine

        self._workspace = workspace
        self._policies = policies
        self._as_of = as_of
        self._checks = checks
        self._labels = labels
        self._vocabulary = Vocabulary.of(workspace)
        self._native = NativeEngine(policies)

    def of(self, cases: Sequence[Case], engine: Engine) -> list[Fix | None]:
        """Return the fix of each case; ``None`` for what refuses nothing.

        Raises:
            EngineError: The engine gave no usable answer.
        """
        sought: dict[_Key, _Search] = {}
        keys: list[_Key] = []
        for case in cases:
            flows = tuple(each.question.flow for each in case.members if not each.decision.allow)
            key = tuple(map(id, flows))  # findings of different rules share their flows
            keys.append(key)
            if flows and key not in sought and len(sought) < MOST_SOUGHT:
                start = Supposed(self._workspace, self._as_of, self._checks, self._labels, flows)
                search = _Search(start, self._policies, self._vocabulary, self._native)
                sought[key] = search
        self._prove(list(sought.values()), engine)
        return [self._fix(sought.get(key)) if key else None for key in keys]

    def _prove(self, searches: Iterable[_Search], engine: Engine) -> None:
        """Ask the engine about everything that was changed, all at once."""
        found = [search for search in searches if search.remedies]
        facts = [each.facts(self._vocabulary) for each in found]
        flat = {one.key: one for many in facts for one in many}
        answers: dict[str, Decision] = dict(
            zip(flat, engine.decide(list(flat.values())), strict=True) if flat else ()
        )
        for search, many in zip(found, facts, strict=True):
            search.proved = all(answers[one.key].allow for one in many)

    def _fix(self, search: _Search | None) -> Fix:
        if search is None:
            return NOT_SOUGHT
        if not search.proved:
            return self._without_contract(search)
        changes = (change_of(each, self._workspace) for each in search.remedies)
        return Fix(tuple(changes), proved=True)

    def _without_contract(self, search: _Search) -> Fix:
        """Return what comes before any agreement: that the dataset has a contract at all."""
        source = search.start.flows[0].source
        if source in self._workspace.datasets:
            return NOTHING
        first = Remedy("write-contract", dataset=source)
        return Fix((change_of(first, self._workspace),), proved=False)


class _Search:
    """The search for one set of flows."""

    def __init__(
        self, start: Supposed, policies: PolicySet, vocabulary: Vocabulary, engine: NativeEngine
    ) -> None:
        self.start = start
        self._policies = policies
        self._vocabulary = vocabulary
        self._engine = engine
        self.proved = False
        self.remedies: tuple[Remedy, ...] = ()
        if len(start.flows) <= MOST_FLOWS:
            try:
                self.remedies = self._needed(self._found())
            except InputError:  # a name that no file can hold, or no fact can have
                self.remedies = ()

    def facts(self, vocabulary: Vocabulary) -> list[Facts]:
        """Return what would be asked with the changes made."""
        supposed = self._with(self.remedies)
        return [supposed.facts(question, vocabulary) for question in supposed.questions()]

    def _with(self, remedies: Iterable[Remedy]) -> Supposed:
        supposed = self.start
        for remedy in remedies:
            supposed = remedy.applied(supposed)
        return supposed

    def _found(self) -> tuple[Remedy, ...]:
        """Add changes until nothing refuses; none at all where that is not reached."""
        chosen: dict[_Key, Remedy] = {}
        for _ in range(MOST_ROUNDS):
            supposed = self._with(chosen.values())
            refused = self._refused(supposed)
            if not refused:
                return tuple(chosen.values())
            before = dict(chosen)
            for remedy in self._next(refused, supposed):
                key = remedy.key()
                chosen[key] = chosen[key].joined(remedy) if key in chosen else remedy
            if chosen == before:
                return ()
        return ()

    def _refused(self, supposed: Supposed) -> list[tuple[Question, Facts, Decision]]:
        questions = supposed.questions()
        facts = [supposed.facts(question, self._vocabulary) for question in questions]
        decisions = self._engine.decide(facts)
        asked = zip(questions, facts, decisions, strict=True)
        return [each for each in asked if not each[2].allow]

    def _next(
        self, refused: list[tuple[Question, Facts, Decision]], supposed: Supposed
    ) -> Iterable[Remedy]:
        """Yield what the nearest change of the first refusal asks for, of all that are like it."""
        from headwater.policies.nearest import find_nearest

        first, facts, decision = refused[0]
        preferred = self._preferred(first, supposed)
        nearest = find_nearest(
            facts, self._policies, self._vocabulary, preferred=preferred, limit=_LOOKED_AT
        ).nearest
        if nearest is None:
            return
        changes = {change.attribute: change for change in nearest.changes}
        for attribute in (name for name in ORDER if name in changes):
            after = changes[attribute].after
            alike = [
                question
                for question, other, answer in refused
                if answer.rules == decision.rules
                and other.raw.get(attribute) == facts.raw.get(attribute)
            ]
            found = [
                each
                for question in alike
                for each in remedies_for(attribute, after, question, supposed)
            ]
            if found:
                yield from found
                return

    def _preferred(self, question: Question, supposed: Supposed) -> dict[str, list[object]]:
        """Return the purposes that the two departments have agreed on already."""
        flow = question.flow
        active = supposed.active(flow, flow.consumer)
        return {"context.purpose": [purpose for each in active for purpose in each.purposes]}

    def _needed(self, remedies: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
        """Leave out one by one what is not needed: changes, then single purposes."""
        kept = sorted(remedies, key=lambda each: (KINDS.index(each.kind), str(each.key())))
        for remedy in tuple(kept):
            rest = [each for each in kept if each is not remedy]
            if rest and not self._refused(self._with(rest)):
                kept = rest
        for place, remedy in enumerate(kept):
            for purpose in sorted(remedy.purposes) if len(remedy.purposes) > 1 else ():
                less = replace(kept[place], purposes=kept[place].purposes - {purpose})
                rest = [*kept[:place], less, *kept[place + 1 :]]
                if less.purposes and not self._refused(self._with(rest)):
                    kept = rest
        return tuple(kept)
