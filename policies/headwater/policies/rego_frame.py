"""The modules that are the same for every workspace, save the ids and packages they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.policies.facts import FORM
from headwater.policies.model import Effect, Mode
from headwater.policies.rego_text import literal, metadata, rule, set_of, source
from headwater.policies.vocabulary import ATTRIBUTES, GROUPS, SETS, TREES, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Attribute

NOT_NORMALISED = "headwater/not-normalised"
"""The rule that refuses facts which were never normalised."""

_DOCUMENT = ("scope: document",)
_SETS = {
    "verdict": ("deny", "warn", "allow"),
    "terms": ("holds",),
}
_ABOUT = {
    "deny": "The denying rules that are true.",
    "warn": "The warning rules that are true.",
    "allow": "The allowing rules that are true.",
    "holds": "The retention rules that are true.",
    "refuted": "The rules that are false.",
    "gaps": "Rules and the absent attributes they ask about.",
}


def place(effect: Effect, mode: Mode) -> str | None:
    """Return the set in which a rule counts; an allow of a policy that only advises has none."""
    if mode is Mode.ADVISE:
        return None if effect is Effect.ALLOW else "warn"
    return effect.value


def revision_module(revision: str) -> str:
    """Return the module that says which policies these are."""
    head = [*metadata("Headwater", "Policies of a workspace."), "package headwater"]
    about = metadata("Revision", "The identity of everything here that decides.")
    return source([head, [*about, f"revision := {literal(revision)}"]])


def facts_module() -> str:
    """Return the module that knows normalised facts: every attribute there, each of its shape."""
    head = metadata("Facts", "Whether the input was normalised. What was not is never judged.")
    body = [f"input.headwater == {literal(FORM)}", 'type_name(input.as_of) == "number"']
    body += [_shape(ATTRIBUTES["action"]), *(f"_{group}" for group in GROUPS)]
    about = metadata("Normalised", "True where every attribute has its shape, or is null.")
    blocks = [[*head, "package headwater.facts"], [*about, *rule("normalised", body)]]
    for group in GROUPS:
        names = [name for name in ATTRIBUTES if name.startswith(f"{group}.")]
        blocks.append(rule(f"_{group}", [_shape(ATTRIBUTES[name]) for name in names]))
    return source(blocks)


def _shape(attribute: Attribute) -> str:
    if attribute.kind in TREES | SETS:
        shape = "array"
    else:
        shape = {
            Kind.YES_NO: "boolean",
            Kind.NUMBER: "number",
            Kind.LEVEL: "number",
            Kind.ADMINISTRATIVE: "number",
        }.get(attribute.kind, "string")
    return f'type_name(input.{attribute.name}) in {{"null", "{shape}"}}'


def joined_module(package: str, policies: Mapping[str, Mapping[str, list[str]]]) -> str:
    """Return the module that joins the sets of every policy's package.

    Args:
        package: ``verdict`` or ``terms``.
        policies: For each package, the ids of its rules by the set in which they count.
    """
    head = metadata(package.capitalize(), "What the rules of all policies say together.")
    blocks = [[*head, f"package headwater.{package}"]]
    if policies:
        blocks.append([f"import data.headwater.rules.{name}" for name in policies])
    for kept in _SETS[package]:
        blocks += _union(kept, [name for name, sets in policies.items() if sets.get(kept)])
    refutable = [name for name, sets in policies.items() if set(sets) - {"allow"}]
    blocks += _union("refuted", refutable)
    blocks += _union("gaps", refutable)
    for kept in _SETS[package]:
        if kept == "allow":
            continue
        ids = [name for sets in policies.values() for name in sets.get(kept, ())]
        about = metadata(f"Open {kept}", "The rules that are neither true nor false.")
        blocks.append([*about, f"open_{kept} := (_every_{kept} - {kept}) - refuted"])
        blocks.append(f"_every_{kept} := {set_of(sorted(ids))}".split("\n"))
    return source(blocks)


def _union(name: str, packages: list[str]) -> list[list[str]]:
    about = metadata(name.capitalize(), _ABOUT[name], *_DOCUMENT)
    if not packages:
        return [[*about, f"{name} := set()"]]
    blocks = [rule(f"{name} contains each", [f"some each in {where}.{name}"]) for where in packages]
    return [[*about, *blocks[0]], *blocks[1:]]


_DECISION = """\
# METADATA
# title: Decision
# description: The answer to one question. Nothing is allowed by accident.
# entrypoint: true
package headwater.decision

import data.headwater.facts
import data.headwater.owed
import data.headwater.verdict

# METADATA
# title: Allow
# description: True where a rule allows, and none denies or might deny.
# scope: document
default allow := false

allow if {
	facts.normalised
	count(verdict.allow) > 0
	count(verdict.deny) == 0
	count(verdict.open_deny) == 0
}

# METADATA
# title: Rules
# description: The rules that deny or might deny; where there are none, those that allow.
# scope: document
default rules := [NOT_NORMALISED]

rules := sort(verdict.deny | verdict.open_deny) if {
	facts.normalised
	count(verdict.deny | verdict.open_deny) > 0
}

rules := sort(verdict.allow) if {
	facts.normalised
	count(verdict.deny | verdict.open_deny) == 0
}

# METADATA
# title: Unknown
# description: The attributes whose absence left a denying rule unknown.
# scope: document
default unknown := []

unknown := sort({gap[1] | some gap in verdict.gaps; gap[0] in verdict.open_deny}) if {
	facts.normalised
}

# METADATA
# title: Unknown rules
# description: The denying and warning rules that are unknown, with their attributes.
# scope: document
default unknown_rules := {}

unknown_rules := {id: names |
	some id in (verdict.open_deny | verdict.open_warn)
	names := sort({gap[1] | some gap in verdict.gaps; gap[0] == id})
} if {
	facts.normalised
}

# METADATA
# title: Warnings
# description: The warning rules that are true or unknown; they refuse nothing.
# scope: document
default warnings := []

warnings := sort(verdict.warn | verdict.open_warn) if facts.normalised

# METADATA
# title: Obligations
# description: What must be done by whoever was allowed.
# scope: document
default obligations := []

obligations := [owed.known[n] | some n in sort(owed.due)] if allow
"""


def decision_module() -> str:
    """Return the entrypoint's module."""
    return _DECISION.replace("NOT_NORMALISED", literal(NOT_NORMALISED))


def owed_module(policies: PolicySet) -> str:
    """Return the module of the obligations: those there are, and those now due, by number."""
    owed = {
        each.id: each.obligations
        for policy, each in policies.access_rules()
        if each.obligations and place(each.effect, policy.mode) == "allow"
    }
    known = sorted({obligation for given in owed.values() for obligation in given})
    head = metadata("Obligations", "What the allowing rules ask of whoever is allowed.")
    imports = ["import data.headwater.verdict"] if owed else []
    listed = [f"\t{_document(text)}," for text in known]
    about = metadata("Due", "The numbers of the obligations of the rules that allow.", *_DOCUMENT)
    due = [
        rule(f"due contains {known.index(text)}", [f"{literal(name)} in verdict.allow"])
        for name, given in sorted(owed.items())
        for text in given
    ] or [["due := set()"]]
    return source(
        [
            [*head, "package headwater.owed"],
            *([imports] if imports else []),
            [
                *metadata("Known", "Every obligation."),
                *(["known := [", *listed, "]"] if known else ["known := []"]),
            ],
            [*about, *due[0]],
            *due[1:],
        ]
    )


def _document(text: str) -> str:
    return literal(json.loads(text))


_RETENTION = """\
# METADATA
# title: Retention
# description: Which retention rules hold for a dataset; every field is always defined.
# entrypoint: true
package headwater.retention

import data.headwater.facts
import data.headwater.terms as joined

# METADATA
# title: Terms
# description: The rules that hold.
# scope: document
default terms := []

terms := sort(joined.holds) if facts.normalised

# METADATA
# title: Unknown
# description: The rules that might hold, with the attributes whose absence leaves them open.
# scope: document
default unknown := {NOT_NORMALISED: []}

unknown := {id: names |
	some id in joined.open_holds
	names := sort({gap[1] | some gap in joined.gaps; gap[0] == id})
} if {
	facts.normalised
}
"""


def retention_module() -> str:
    """Return the module of the retention questions."""
    return _RETENTION.replace("NOT_NORMALISED", literal(NOT_NORMALISED))


_BATCH = """\
# METADATA
# title: Batch
# description: Many questions in one request, answered in their order.
package headwater.batch

import data.headwater
import data.headwater.decision
import data.headwater.retention

# METADATA
# title: Access
# description: The decisions for `input.requests`, and by which policies they were made.
access := {
	"revision": headwater.revision,
	"decisions": [found | some request in input.requests; found := decision with input as request],
}

# METADATA
# title: Terms
# description: The retention rules for `input.requests`, and by which policies.
terms := {
	"revision": headwater.revision,
	"terms": [found | some request in input.requests; found := retention with input as request],
}
"""


def batch_module() -> str:
    """Return the module that answers many questions at once."""
    return _BATCH
