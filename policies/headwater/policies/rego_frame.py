"""The modules that are the same for every workspace, save the ids and packages they name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from headwater.policies.facts import FORM
from headwater.policies.model import Effect, Mode
from headwater.policies.rego_schema import FACTS
from headwater.policies.rego_text import literal, metadata, rule, source
from headwater.policies.vocabulary import SETS, Kind
from headwater.policies.workspace_rego import NOT_A_SET, PACKAGE, PREFIX

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from headwater.policies.model import PolicySet
    from headwater.policies.vocabulary import Attribute

_LINES = 20
"""So many expressions stand in one rule."""

NOT_NORMALISED = "headwater/not-normalised"
"""The rule that refuses facts which were never normalised."""

_DOCUMENT = ("scope: document",)
_SETS = {
    "verdict": ("deny", "warn", "allow", "excepted"),
    "terms": ("holds",),
}
_PLAIN = frozenset({"allow", "excepted"})
_ABOUT = {
    "deny": "The denying rules that are true.",
    "warn": "The warning rules that are true.",
    "allow": "The allowing rules that are true.",
    "holds": "The retention rules that are true.",
    "open_deny": "The denying rules that are neither true nor false.",
    "open_warn": "The warning rules that are neither true nor false.",
    "open_holds": "The retention rules that are neither true nor false.",
    "unknown": "Such rules, and what is absent for them.",
    "excepted": "The exceptions that are used.",
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


def facts_module(attributes: Iterable[Attribute], periods: Iterable[str] = ()) -> str:
    """Return the module that knows normalised facts: all that is asked about, of its shape.

    Args:
        attributes: What any rule asks about.
        periods: The periods whose reach any rule asks about.
    """
    about = "Whether the input was normalised. What was not is never judged."
    head = metadata("Facts", about, *FACTS)
    body = [f"input.headwater == {literal(FORM)}", "is_number(input.as_of)"]
    body += [f"is_number(input.reach.{period})" for period in periods]
    body += [_shape(each) for each in attributes]
    said = metadata("Normalised", "True where all that is asked about has its shape, or is null.")
    parts = [body[start : start + _LINES] for start in range(0, len(body), _LINES)]
    more = [f"_part_{number:04d}" for number in range(2, len(parts) + 1)]
    blocks = [[*head, "package headwater.facts"], [*said, *rule("normalised", [*parts[0], *more])]]
    blocks += [rule(name, part) for name, part in zip(more, parts[1:], strict=True)]
    chain = rule("_chain(value)", ["is_array(value)", "count(value) > 0"])
    return source([*blocks, ["_chain(null)"], chain])


def _shape(attribute: Attribute) -> str:
    """Return the expression that holds for null and for values as the attribute has them."""
    name = f"input.{attribute.name}"
    match attribute.kind:
        case Kind.DEPARTMENT | Kind.PURPOSE:  # itself first, then all it lies under
            return f"_chain({name})"
        case Kind.YES_NO:
            return f"{name} in {{false, null, true}}"
        case Kind.CHOICE:
            return f"{name} in {{null, {', '.join(map(literal, attribute.choices))}}}"
        case Kind.LEVEL | Kind.ADMINISTRATIVE:
            ranks = ", ".join(str(rank) for rank in range(1, len(attribute.choices) + 1))
            return f"{name} in {{null, {ranks}}}"
        case kind:
            numbers = (Kind.NUMBER, Kind.DATE)
            shape = "array" if kind in SETS else "number" if kind in numbers else "string"
            return f'type_name({name}) in {{"null", "{shape}"}}'


def joined_module(package: str, policies: Mapping[str, set[str]], *, custom: bool = False) -> str:
    """Return the module that joins the sets of every policy's package.

    Args:
        package: ``verdict`` or ``terms``.
        policies: For each package, the sets in which its rules may be.
        custom: Whether there is Rego of the workspace's own.
    """
    head = metadata(package.capitalize(), "What the rules of all policies say together.")
    blocks = [[*head, f"package headwater.{package}"]]
    imports = ["import data.headwater.facts"] if package == "verdict" else []
    imports += [f"import data.headwater.rules.{name}" for name in policies]
    blocks += [imports] if imports else []
    judged = [kept for kept in _SETS[package] if kept not in _PLAIN]
    for kept in _SETS[package]:
        blocks += _union(kept, [name for name, sets in policies.items() if kept in sets])
    for kept in judged:
        blocks += _union(f"open_{kept}", [name for name, sets in policies.items() if kept in sets])
    blocks += _union("unknown", [name for name, sets in policies.items() if sets & set(judged)])
    if package == "verdict":
        warned = any("warn" in sets for sets in policies.values())
        about = metadata("Open", "The denying and warning rules that are neither true nor false.")
        blocks.append([*about, f"open := {'open_deny | open_warn' if warned else 'open_deny'}"])
        about = metadata("Refusing", "What denies or might deny, where facts are normalised.")
        own = "(deny | open_deny) | data.headwater.custom.deny"
        refusing = f"refusing := {own if custom else 'deny | open_deny'} if facts.normalised"
        blocks.append([*about, refusing])
    return source(blocks)


def _union(name: str, packages: list[str]) -> list[list[str]]:
    about = metadata(name.replace("_", " ").capitalize(), _ABOUT[name], *_DOCUMENT)
    sets = [f"{where}.{name}" for where in packages]
    joined = f"union({{{', '.join(sets)}}})" if len(sets) > 1 else sets[0] if sets else "set()"
    return [[*about, f"{name} := {joined}"]]


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
	verdict.allow != set()
	verdict.refusing == set()
}

# METADATA
# title: Rules
# description: The rules that deny or might deny; where there are none, those that allow.
# scope: document
default rules := [NOT_NORMALISED]

rules := sort(verdict.refusing) if verdict.refusing != set()

rules := sort(verdict.allow) if verdict.refusing == set()

# METADATA
# title: Unknown
# description: The attributes whose absence left a denying rule unknown.
# scope: document
default unknown := []

unknown := sort({gap[1] | some gap in verdict.unknown; gap[0] in verdict.open_deny}) if {
	verdict.open_deny != set()
	facts.normalised
}

# METADATA
# title: Unknown rules
# description: The denying and warning rules that are unknown, with their attributes.
# scope: document
default unknown_rules := {}

unknown_rules := {id: names |
	some id in verdict.open
	names := sort({gap[1] | some gap in verdict.unknown; gap[0] == id})
} if {
	verdict.open != set()
	facts.normalised
}

# METADATA
# title: Warnings
# description: The warning rules that are true or unknown; they refuse nothing.
# scope: document
default warnings := []

warnings := sort(verdict.warn | verdict.open_warn) if facts.normalised

# METADATA
# title: Exceptions
# description: The exceptions that kept a rule from refusing or warning.
# scope: document
default exceptions := []

exceptions := sort(verdict.excepted) if facts.normalised

# METADATA
# title: Obligations
# description: What must be done by whoever was allowed.
# scope: document
default obligations := []

obligations := [owed.known[n] | some n in sort(owed.due)] if allow
"""


def decision_module(kinds: Collection[str]) -> str:
    """Return the entrypoint's module.

    Args:
        kinds: Which of ``warn``, ``excepted`` and ``owed`` there can be at all; for the others
            nothing is evaluated.
    """
    text = _DECISION.replace("NOT_NORMALISED", literal(NOT_NORMALISED))
    for kind, (name, rule_) in _OPTIONAL.items():
        if kind not in kinds:
            text = text.replace(f"default {name} := []\n\n{rule_}\n", f"{name} := []\n")
    if "warn" not in kinds:
        text = text.replace("verdict.open ", "verdict.open_deny ").replace(
            "verdict.open\n", "verdict.open_deny\n"
        )
    return text if "owed" in kinds else text.replace("import data.headwater.owed\n", "")


_OPTIONAL = {
    "warn": ("warnings", "warnings := sort(verdict.warn | verdict.open_warn) if facts.normalised"),
    "excepted": ("exceptions", "exceptions := sort(verdict.excepted) if facts.normalised"),
    "owed": ("obligations", "obligations := [owed.known[n] | some n in sort(owed.due)] if allow"),
}


def custom_module(names: Iterable[str]) -> str:
    """Return the module that joins what the workspace's own Rego refuses.

    Args:
        names: The names of its packages; a ``deny`` that is no set refuses by itself.
    """
    head = metadata("Custom", "What the workspace's own Rego refuses.")
    about = metadata("Deny", "The rules of any of its packages that deny.", *_DOCUMENT)
    blocks: list[list[str]] = []
    helpers: list[list[str]] = []
    for number, name in enumerate(names, 1):
        where, offers = f"data.{PACKAGE}.{name}.deny", f"_offers_{number:04d}"
        blocks.append(rule("deny contains id", [f"some id in {where}"]))
        unfit = literal(f"{PREFIX}{name}/{NOT_A_SET}")
        blocks.append(rule(f"deny contains {unfit}", [f"not {offers}"]))
        # A rule of its own: where the argument is undefined, so is `not is_set(argument)`.
        helpers.append(rule(offers, [f"is_set({where})"]))
    first, *others = blocks or [["deny := set()"]]
    return source([[*head, "package headwater.custom"], [*about, *first], *others, *helpers])


def owed_module(policies: PolicySet) -> str:
    """Return the module of the obligations: those there are, and those now due, by number."""
    owed = [
        (each.id, f"p_{n:04d}" if len(policies.versions(policy.id)) > 1 else None, each.obligations)
        for n, policy in enumerate(policies.access, 1)
        for each in policy.rules
        if each.obligations and place(each.effect, policy.mode) == "allow"
    ]
    known = sorted({obligation for *_, given in owed for obligation in given})
    head = metadata("Obligations", "What the allowing rules ask of whoever is allowed.")
    dated = sorted({package for _, package, _ in owed if package})
    imports = [f"import data.headwater.rules.{package}" for package in dated]
    imports += ["import data.headwater.verdict"] if owed else []
    listed = [f"\t{_document(text)}," for text in known]
    about = metadata("Due", "The numbers of the obligations of the rules that allow.", *_DOCUMENT)
    due = [
        rule(
            f"due contains {known.index(text)}",
            [
                *([f"{package}.in_force"] if package else []),
                f"{literal(name)} in verdict.allow",
            ],
        )
        for name, package, given in sorted(owed, key=lambda each: each[0])
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
	names := sort({gap[1] | some gap in joined.unknown; gap[0] == id})
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
# schemas:
#   - input: schema.batch
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
