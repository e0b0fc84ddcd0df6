"""Suites: policies, the policy tests about them, and the vocabulary that both speak."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.forms import Problems
from headwater.catalog.model import CATEGORIES
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import read_yaml
from headwater.policies.fixture_documents import read_fixtures
from headwater.policies.load import load_policies, pack_folder
from headwater.policies.names import PACK
from headwater.policies.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.catalog.model import Workspace
    from headwater.policies.fixtures import Case, Fixture
    from headwater.policies.model import PolicySet

_PACK_TESTS = ("sharing.policy-test.yaml",)
_DEPARTMENTS = ("provider", "consumer", "between")
_PURPOSES = ("agreed", "other")


@dataclass(frozen=True, slots=True)
class Suite:
    """Policies and what is expected of them.

    Attributes:
        policies: What decides.
        vocabulary: What the tests may say.
        fixtures: The files of tests.
        about: The ids of the policies whose coverage the tests answer for.
        own: The ids of all policies that such tests should guard.
    """

    policies: PolicySet
    vocabulary: Vocabulary
    fixtures: tuple[Fixture, ...]
    about: frozenset[str]
    own: frozenset[str]

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases of all files."""
        return tuple(case for fixture in self.fixtures for case in fixture.cases)


def own_suite(
    workspace: Workspace,
    policies: PolicySet,
    *,
    chosen: Callable[[str], bool] = lambda _: True,
) -> Suite:
    """Return the workspace's own tests; ``chosen`` says of a file whether it is wanted.

    They answer for the policies that they name; where none names any, for all the workspace's own.

    Raises:
        DocumentError: Files of tests are wrong.
    """
    problems = Problems()
    vocabulary = Vocabulary.of(workspace)
    fixtures = read_fixtures(workspace.test_documents, policies, vocabulary, problems)
    problems.raise_any()
    fixtures = tuple(each for each in fixtures if chosen(each.position.file))
    named = {policy for fixture in fixtures for policy in fixture.policies}
    every = {policy.id for policy in policies.access} | {kept.id for kept in policies.retention}
    own = frozenset(every - {PACK})
    return Suite(policies, vocabulary, fixtures, frozenset(named) or own, own)


def pack_suite(workspace: Workspace) -> Suite:
    """Return the tests that ship with the pack, and the pack alone, all its rules switched on.

    They speak of departments and purposes of their own, so they mean the same everywhere.
    """
    problems = Problems()
    bare = replace(workspace, disabled_rules=(), policy_documents=(), rego_modules=())
    policies = load_policies(bare, problems=problems)
    vocabulary = Vocabulary(
        {name: (name,) for name in _DEPARTMENTS},
        {name: (name,) for name in _PURPOSES},
        CATEGORIES,
        {},
    )
    documents = [
        node
        for name in _PACK_TESTS
        if isinstance(
            node := read_yaml(
                pack_folder() / "tests" / name, f"headwater/policies/packs/tests/{name}"
            ),
            Mapping,
        )
    ]
    fixtures = read_fixtures(documents, policies, vocabulary, problems)
    problems.raise_any()
    only = frozenset({PACK})
    return Suite(policies, vocabulary, fixtures, only, only)
