"""Use case: say which small mistakes in the policies no policy test would notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.policies.mutation import Mutation, Survivor
    from headwater.policies.suites import Suite


@dataclass(frozen=True, slots=True)
class Mutated:
    """What became of the mutants of all suites, and the score that was asked for.

    ``modules`` are the files of Rego of the workspace's own, of which there are no mutants.
    """

    suites: tuple[Mutation, ...]
    cases: int
    required: float | None
    modules: tuple[str, ...] = ()

    @property
    def by_rego(self) -> int:
        """How many cases were left out, as only Rego of the workspace's own decides them."""
        return sum(suite.by_rego for suite in self.suites)

    @property
    def killed(self) -> int:
        """How many mutants some test noticed."""
        return sum(count for suite in self.suites for count in suite.killed.values())

    @property
    def survivors(self) -> tuple[Survivor, ...]:
        """Those that no test noticed although an input tells them apart."""
        return tuple(each for suite in self.suites for each in suite.survivors)

    @property
    def alike(self) -> tuple[Survivor, ...]:
        """Those that no input was found to tell apart."""
        return tuple(each for suite in self.suites for each in suite.alike)

    @property
    def total(self) -> int:
        """How many mutants there were."""
        return self.killed + len(self.survivors) + len(self.alike)

    @property
    def scores(self) -> dict[str, float]:
        """The score of each policy, in percent; those with nothing to notice are left out."""
        found = {}
        for suite in self.suites:
            left = {each.mutant.policy for each in suite.survivors}
            for policy, count in suite.killed.items():
                if count or policy in left:
                    found[policy] = suite.score_of(policy)
        return dict(sorted(found.items()))

    @property
    def score(self) -> float:
        """The share of the mutants that can be told apart which some test noticed."""
        return 100 * self.killed / ((self.killed + len(self.survivors)) or 1)

    @property
    def passed(self) -> bool:
        """Whether the score is what was asked for."""
        return self.required is None or self.score >= self.required


def mutate_policies(suites: tuple[Suite, ...], *, required: float | None) -> Mutated:
    """Return what the policy tests notice of the mutants of each suite's policies.

    Rego of the workspace's own is not mutated: only OPA evaluates that.

    Raises:
        InputError: Tests fail on the policies as they are.
    """
    from headwater.policies.mutation import mutate

    found = []
    for suite in suites:
        latest = max(fixture.now for fixture in suite.fixtures)
        found.append(
            mutate(suite.policies, suite.cases, suite.vocabulary, only=suite.own, as_of=latest)
        )
    files = sorted({module.file for suite in suites for module in suite.policies.modules})
    cases = sum(len(suite.cases) for suite in suites)
    return Mutated(tuple(found), cases, required, tuple(files))
