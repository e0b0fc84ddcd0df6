"""Generates the Rego v1 modules of the bundle from the policies: what OPA evaluates.

One package per policy, with one rule per policy rule. Each offers sets of rule ids: ``deny``,
``warn`` and ``allow`` hold those that are true, ``open_deny`` and ``open_warn`` those that ask
about something absent and are neither true nor false; ``unknown`` holds pairs of such an id and
an absent attribute. ``headwater.verdict`` joins them: a denying rule that is open refuses.

Where everything that a rule asks about is there, and of its shape, the rule is either true or
false: so only rules that ask about something absent are looked at a second time. That everything
is of its shape is seen to first, by ``headwater.facts``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.policies.formula import (
    AnyOf,
    Test,
    dates_of,
    exception_of,
    formula_of,
    opposite,
    periods_of,
    tests_of,
    used_of,
)
from headwater.policies.rego_formula import Helpers, path
from headwater.policies.rego_frame import (
    batch_module,
    custom_module,
    decision_module,
    facts_module,
    joined_module,
    owed_module,
    place,
    retention_module,
    revision_module,
)
from headwater.policies.rego_schema import FACTS, schema_files
from headwater.policies.rego_text import literal, metadata, rule, set_of, source
from headwater.policies.workspace_rego import custom_names, custom_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.policies.formula import AllOf, Formula
    from headwater.policies.model import AccessPolicy, Dates, PolicySet, RetentionPolicy
    from headwater.policies.vocabulary import Attribute, Vocabulary

_DOCUMENT = "scope: document"


def rego_modules(policies: PolicySet) -> dict[str, str]:
    """Return the text of every module by its path in the bundle; the same for the same policies.

    The entrypoint is ``headwater.decision``; ``headwater.batch`` answers many questions at once.
    """
    access = {f"p_{n:04d}": policy for n, policy in enumerate(policies.access, 1)}
    retention = {f"t_{n:04d}": policy for n, policy in enumerate(policies.retention, 1)}
    found = {
        "headwater/revision.rego": revision_module(policies.revision),
        "headwater/facts/facts.rego": facts_module(_asked(policies), periods_of(policies)),
        "headwater/batch/batch.rego": batch_module(),
        "headwater/decision/decision.rego": decision_module(_kinds(policies)),
        "headwater/owed/owed.rego": owed_module(policies),
        "headwater/retention/retention.rego": retention_module(),
        "headwater/verdict/verdict.rego": joined_module(
            "verdict",
            # a package of which nothing counts must not be imported: OPA checks strictly
            {name: sets for name, policy in access.items() if (sets := _access_sets(policy))},
            custom=bool(policies.modules),
        ),
        "headwater/terms/terms.rego": joined_module(
            "terms", {name: {"holds"} for name, policy in retention.items() if policy.rules}
        ),
    }
    if policies.modules:
        names = custom_names(policies.modules)
        found["headwater/custom/custom.rego"] = custom_module(names)
    for name, policy in access.items():
        found[f"headwater/rules/{name}/{name}.rego"] = _access_module(name, policy, policies)
    for name, kept in retention.items():
        found[f"headwater/rules/{name}/{name}.rego"] = _retention_module(name, kept, policies)
    return dict(sorted(found.items()))


def bundle_files(policies: PolicySet, tested: Vocabulary | None = None) -> dict[str, str]:
    """Return the text of every file of the bundle but its manifest, by path, sorted.

    That is the generated modules, the workspace's own, and the schemas by which ``opa check``
    knows the input; with ``tested``, the names that inputs may use, the generated tests too.
    """
    found = rego_modules(policies) | schema_files(policies.attributes, periods_of(policies))
    found |= {path: module.text for path, module in custom_paths(policies.modules).items()}
    if tested is not None:
        from headwater.policies.rego_tests import PATH, test_module

        found[PATH] = test_module(policies, tested)
    return dict(sorted(found.items()))


def asked_names(policies: PolicySet) -> frozenset[str] | None:
    """Return what any rule asks about: attributes, the day, periods' reach.

    Answers differ only where these do. ``None`` is everything: OPA alone knows what Rego of the
    workspace's own asks about.
    """
    if policies.modules:
        return None
    formulas: list[Formula] = []
    formulas += [formula_of(each, owner.dates) for owner, each in policies.access_rules()]
    formulas += [formula_of(each, owner.dates) for owner, each in policies.retention_rules()]
    formulas += [exception_of(each) for each in policies.exceptions.values()]
    tests = [test for formula in formulas for test in tests_of(formula)]
    names = {name for test in tests for name in (test.attribute, test.other)}
    return frozenset(name for name in names if name is not None)


def _asked(policies: PolicySet) -> list[Attribute]:
    names = asked_names(policies)
    return [each for each in policies.attributes.values() if names is None or each.name in names]


def _kinds(policies: PolicySet) -> set[str]:
    """Return of what kinds answers can be."""
    sets = {name for policy in policies.access for name in _access_sets(policy)}
    owed = {"owed"} if any(each.obligations for _, each in policies.access_rules()) else set()
    return sets | owed


def _access_sets(policy: AccessPolicy) -> set[str]:
    """Return the sets in which the policy's rules may be."""
    kept = {place(each.effect, policy.mode) for each in policy.rules}
    excepted = {"excepted"} if any(each.exceptions for each in policy.rules) else set()
    return {name for name in kept if name is not None} | excepted


def _access_module(name: str, policy: AccessPolicy, policies: PolicySet) -> str:
    module = _Module(name, policy, policies.attributes)
    if len(policies.versions(policy.id)) > 1:
        module.date(policy.dates)
    for each in policy.rules:
        kept = place(each.effect, policy.mode)
        if kept is None:
            continue
        said = each.message.en if each.message else f"Allows what `{each.id}` says."
        module.add(each.id, kept, said, formula_of(each, policy.dates))
        for exception in each.exceptions:
            module.except_(exception.id, used_of(each, exception, policy.dates))
    return module.text()


def _retention_module(name: str, policy: RetentionPolicy, policies: PolicySet) -> str:
    module = _Module(name, policy, policies.attributes)
    if len(policies.versions(policy.id)) > 1:
        module.date(policy.dates)
    for each in policy.rules:
        said = f"at least {each.at_least}" if each.at_least else f"at most {each.at_most}"
        module.add(each.id, "holds", f"Kept {said}.", formula_of(each, policy.dates))
    return module.text()


class _Module:
    """One policy's package, written rule by rule."""

    def __init__(
        self,
        name: str,
        policy: AccessPolicy | RetentionPolicy,
        attributes: Mapping[str, Attribute],
    ) -> None:
        about = f"The policy `{policy.id}`: {policy.mode.value}, {_in_force(policy.dates)}."
        self._head = [*metadata(policy.title.en, about, *FACTS), f"package headwater.rules.{name}"]
        self._helpers = Helpers(attributes)
        self._rules: list[list[str]] = []
        self._refuted: list[list[str]] = []
        self._dates: list[list[str]] = []
        self._gaps: list[list[str]] = []
        self._excepted: list[list[str]] = []
        self._judged: dict[str, list[str]] = {}
        self._asking: dict[str, list[str]] = {}

    def add(self, name: str, kept: str, said: str, formula: AllOf) -> None:
        """Write the rule ``name`` into the set ``kept``."""
        (body,) = self._helpers.bodies(formula)
        head = f"{kept} contains {literal(name)}"
        self._rules.append([*metadata(name, said), *rule(head, body)])
        if kept == "allow":
            return
        self._judged.setdefault(kept, []).append(name)
        asked = {each for test in tests_of(formula) for each in test.attributes}
        for attribute in sorted(asked):
            self._asking.setdefault(attribute, []).append(name)
        self._refute(name, opposite(formula), asked)
        self._gaps += self._helpers.gaps(
            formula, lambda term: f"_gaps[{literal(name)}] contains {term}"
        )

    def _refute(self, name: str, formula: Formula, asked: set[str]) -> None:
        """Write when the rule is false, of those times when something that it asks is absent."""
        parts = formula.parts if isinstance(formula, AnyOf) else (formula,)
        for part in parts:
            if isinstance(part, Test) and asked <= set(part.attributes):
                continue  # true only where all is there, and then nobody looks
            for body in self._helpers.bodies(part):
                self._refuted.append(rule(f"_refuted({literal(name)})", body))

    def date(self, dates: Dates) -> None:
        """Write on which days this version of the policy counts."""
        (body,) = self._helpers.bodies(dates_of(dates))
        about = metadata("In force", f"True on its days: {_in_force(dates)}.")
        self._dates = [[*about, *(rule("in_force", body) if body else ["in_force := true"])]]

    def except_(self, name: str, formula: AllOf) -> None:
        """Write when the exception ``name`` is used."""
        (body,) = self._helpers.bodies(formula)
        self._excepted.append(rule(f"excepted contains {literal(name)}", body))

    def text(self) -> str:
        """Return the whole module."""
        blocks = [*self._dates, *self._rules, *self._open_sets()]
        if self._excepted:
            blocks += _documented("excepted", "The exceptions that are used.", self._excepted)
        return source([self._head, *blocks, *self._helpers.blocks])

    def _open_sets(self) -> list[list[str]]:
        if not self._judged:
            return []
        found: list[list[str]] = []
        for kept, ids in self._judged.items():
            body = [f"some id in (_asking & {set_of(sorted(ids))})", f"not id in {kept}"]
            block = rule(f"open_{kept} contains id", [*body, "not _refuted(id)"])
            found += _documented(f"open_{kept}", "Rules neither true nor false.", [block])
        opened = " | ".join(f"open_{kept}" for kept in self._judged)
        many = f"({opened})" if len(self._judged) > 1 else opened
        block = rule(
            "unknown contains [id, name]", [f"some id in {many}", "some name in _gaps[id]"]
        )
        found += _documented("unknown", "Such rules, and what is absent for them.", [block])
        asking = [
            rule("_asking contains id", [f"{path(name)} == null", f"some id in {set_of(ids)}"])
            for name, ids in sorted(self._asking.items())
        ]
        found += asking or [["_asking := set()"]]
        found += self._refuted or [["_refuted(_) := false"]]
        return found + (self._gaps or [["_gaps := {}"]])


def _documented(name: str, about: str, blocks: list[list[str]]) -> list[list[str]]:
    """Return the rules of a set, the first annotated."""
    title = name.replace("_", " ").capitalize()
    return [[*metadata(title, about, _DOCUMENT), *blocks[0]], *blocks[1:]]


def _in_force(dates: Dates) -> str:
    if dates.start is None:
        return "always in force"
    until = f" until {dates.until.isoformat()}" if dates.until else ""
    return f"in force from {dates.start.isoformat()}{until}"
