"""Generates the Rego v1 modules of the bundle from the policies: what OPA evaluates.

One package per policy, with one rule per policy rule. Each offers sets of rule ids: ``deny``,
``warn`` and ``allow`` hold those that are true, ``refuted`` the denying and warning ones that are
false; ``gaps`` holds pairs of an id and an absent attribute. ``headwater.verdict`` joins them: a
denying rule that is neither true nor refuted is unknown, and refuses. So an input that lacks
something, or has it in the wrong shape, can only lose allows, never denials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.policies.formula import formula_of, opposite
from headwater.policies.rego_formula import Helpers
from headwater.policies.rego_frame import (
    batch_module,
    decision_module,
    facts_module,
    joined_module,
    owed_module,
    place,
    retention_module,
    revision_module,
)
from headwater.policies.rego_text import literal, metadata, rule, source

if TYPE_CHECKING:
    from headwater.policies.formula import AllOf
    from headwater.policies.model import AccessPolicy, Dates, PolicySet, RetentionPolicy

_DOCUMENT = "scope: document"


def rego_modules(policies: PolicySet) -> dict[str, str]:
    """Return the text of every module by its path in the bundle; the same for the same policies.

    The entrypoint is ``headwater.decision``; ``headwater.batch`` answers many questions at once.
    """
    access = {f"p_{n:04d}": policy for n, policy in enumerate(policies.access, 1)}
    retention = {f"t_{n:04d}": policy for n, policy in enumerate(policies.retention, 1)}
    found = {
        "headwater/revision.rego": revision_module(policies.revision),
        "headwater/facts/facts.rego": facts_module(),
        "headwater/batch/batch.rego": batch_module(),
        "headwater/decision/decision.rego": decision_module(),
        "headwater/owed/owed.rego": owed_module(policies),
        "headwater/retention/retention.rego": retention_module(),
        "headwater/verdict/verdict.rego": joined_module(
            "verdict", {name: _access_sets(policy) for name, policy in access.items()}
        ),
        "headwater/terms/terms.rego": joined_module(
            "terms", {name: {"holds": _ids(policy)} for name, policy in retention.items()}
        ),
    }
    for name, policy in access.items():
        found[f"headwater/rules/{name}/{name}.rego"] = _access_module(name, policy)
    for name, kept in retention.items():
        found[f"headwater/rules/{name}/{name}.rego"] = _retention_module(name, kept)
    return dict(sorted(found.items()))


def _access_sets(policy: AccessPolicy) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in policy.rules:
        if (name := place(each.effect, policy.mode)) is not None:
            found.setdefault(name, []).append(each.id)
    return found


def _ids(policy: RetentionPolicy) -> list[str]:
    return [each.id for each in policy.rules]


def _access_module(name: str, policy: AccessPolicy) -> str:
    module = _Module(name, policy)
    for each in policy.rules:
        kept = place(each.effect, policy.mode)
        if kept is None:
            continue
        said = each.message.en if each.message else f"Allows what `{each.id}` says."
        module.add(each.id, kept, said, formula_of(each, policy.dates))
    return module.text()


def _retention_module(name: str, policy: RetentionPolicy) -> str:
    module = _Module(name, policy)
    for each in policy.rules:
        said = f"at least {each.at_least}" if each.at_least else f"at most {each.at_most}"
        module.add(each.id, "holds", f"Kept {said}.", formula_of(each, policy.dates))
    return module.text()


class _Module:
    """One policy's package, written rule by rule."""

    def __init__(self, name: str, policy: AccessPolicy | RetentionPolicy) -> None:
        about = f"The policy `{policy.id}`: {policy.mode.value}, {_in_force(policy.dates)}."
        self._head = [*metadata(policy.title.en, about), f"package headwater.rules.{name}"]
        self._helpers = Helpers()
        self._rules: list[list[str]] = []
        self._refuted: list[list[str]] = []
        self._gaps: list[list[str]] = []
        self._judging = False

    def add(self, name: str, kept: str, said: str, formula: AllOf) -> None:
        """Write the rule ``name`` into the set ``kept``."""
        (body,) = self._helpers.bodies(formula)
        head = f"{kept} contains {literal(name)}"
        self._rules.append([*metadata(name, said), *rule(head, body)])
        if kept == "allow":
            return
        self._judging = True
        head = f"refuted contains {literal(name)}"
        self._refuted += [rule(head, body) for body in self._helpers.bodies(opposite(formula))]
        self._gaps += self._helpers.gaps(
            formula, lambda term: f"gaps contains [{literal(name)}, {term}]"
        )

    def text(self) -> str:
        """Return the whole module."""
        refuted = _documented("refuted", "The rules that are false.", self._refuted)
        gaps = _documented("gaps", "Rules and the absent attributes they ask about.", self._gaps)
        sets = [*refuted, *gaps] if self._judging else []
        return source([self._head, *self._rules, *sets, *self._helpers.blocks])


def _documented(name: str, about: str, blocks: list[list[str]]) -> list[list[str]]:
    """Return the set's rules, annotated; a set that others name is there even when empty."""
    found = blocks or [[f"{name} := set()"]]
    return [[*metadata(name.capitalize(), about, _DOCUMENT), *found[0]], *found[1:]]


def _in_force(dates: Dates) -> str:
    if dates.start is None:
        return "always in force"
    until = f" until {dates.until.isoformat()}" if dates.until else ""
    return f"in force from {dates.start.isoformat()}{until}"
