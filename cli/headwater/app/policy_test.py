"""Use case: run policy tests, on the embedded engine and, where asked for, on OPA."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.catalog.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.app.loading import Loaded
    from headwater.policies.choose import Choice
    from headwater.policies.coverage import Coverage
    from headwater.policies.fixtures import Fixture, Outcome
    from headwater.policies.suites import Suite


@dataclass(frozen=True, slots=True)
class Run:
    """What one engine said of one file of tests."""

    engine: str
    fixture: Fixture
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """The outcomes of all files, and what the tests exercise of the policies they are about.

    ``required`` is the coverage that was asked for, in percent.
    """

    runs: tuple[Run, ...]
    coverage: Coverage
    required: float | None

    @property
    def failed(self) -> int:
        """How many cases did not come out as expected."""
        return sum(not outcome.passed for run in self.runs for outcome in run.outcomes)

    @property
    def total(self) -> int:
        """How many cases were run."""
        return sum(len(run.outcomes) for run in self.runs)

    @property
    def short(self) -> bool:
        """Whether less is exercised than was asked for."""
        return self.required is not None and self.coverage.percent < self.required

    @property
    def passed(self) -> bool:
        """Whether all came out as expected, and enough is exercised."""
        return not self.failed and not self.short


def suites_of(loaded: Loaded, start: Path, *, pack: bool) -> tuple[Suite, ...]:
    """Return the suites to run: the workspace's tests below ``start``, and the pack's if asked.

    Raises:
        DocumentError: Files of tests are wrong.
        InputError: There are no tests.
    """
    from headwater.policies.suites import own_suite, pack_suite

    own = own_suite(loaded.workspace, loaded.policies, chosen=_below(loaded, start))
    suites = [own, pack_suite(loaded.workspace)] if pack else [own]
    found = tuple(suite for suite in suites if suite.cases)
    if not found:
        raise InputError.of("no-policy-tests", path=start.name or loaded.workspace.root.name)
    return found


def _below(loaded: Loaded, start: Path) -> Callable[[str], bool]:
    here = start.resolve()
    root = loaded.workspace.root.resolve()

    def chosen(file: str) -> bool:
        at = root / file
        return at == here or here in at.parents

    return chosen


def run_suites(
    suites: tuple[Suite, ...],
    *,
    engine: Literal["opa", "native"],
    executable: str | None,
    required: float | None = None,
) -> Tested:
    """Return what the policies say of every case, natively, and on OPA too if it is asked for.

    Raises:
        EngineError: An engine gave no usable answer.
    """
    runs: list[Run] = []
    for suite in suites:
        runs += _run(suite, engine, executable)
    return Tested(tuple(runs), _coverage(suites), required)


def emit_rego(loaded: Loaded, suites: tuple[Suite, ...], folder: Path) -> None:
    """Write the workspace's own cases as Rego tests into ``folder``, to run beside its bundle.

    The pack's own tests are about the pack alone, which that bundle is not.

    Raises:
        InputError: The folder cannot be written, or the workspace would read it as its own Rego.
    """
    from headwater.policies.fixture_rego import rego_tests

    root, here = loaded.workspace.root.resolve(), folder.resolve()
    if here.is_relative_to(root) and not _hidden(here.relative_to(root)):
        raise InputError.of("rego-inside", path=str(folder))
    own = [suite for suite in suites if suite.policies is loaded.policies]
    modules = rego_tests(fixture for suite in own for fixture in suite.fixtures)
    try:
        for name, text in modules.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError.of("cannot-write", path=str(folder), reason=reason) from error


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _run(suite: Suite, engine: Literal["opa", "native"], executable: str | None) -> list[Run]:
    from headwater.policies import open_engine
    from headwater.policies.fixtures import run_cases

    # Rego of the workspace's own is evaluated by OPA alone.
    engines: tuple[Choice, ...] = ("native",)
    if engine == "opa":
        engines = ("opa",) if suite.policies.modules else ("native", "opa")
    runs = []
    for choice in engines:
        with open_engine(choice, suite.policies, executable=executable) as chosen:
            runs += [
                Run(chosen.name, fixture, run_cases(fixture.cases, chosen))
                for fixture in suite.fixtures
            ]
    return runs


def _coverage(suites: tuple[Suite, ...]) -> Coverage:
    from headwater.policies.coverage import Coverage, coverage_of

    rules = [
        rule
        for suite in suites
        for rule in coverage_of(
            suite.policies, [case.facts for case in suite.cases], suite.about
        ).rules
    ]
    return Coverage(tuple(rules))
