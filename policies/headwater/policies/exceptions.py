"""Reads files of kind ``exception``: cases in which one rule does not count, for a while."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form
from headwater.catalog.nodes import Mapping
from headwater.catalog.problems import closest
from headwater.catalog.shapes import keys
from headwater.catalog.text import Text
from headwater.policies.model import All, Dates, Effect, PolicyException
from headwater.policies.shapes import EXCEPTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.policies.documents import PolicyReader
    from headwater.policies.model import AccessPolicy, Condition

LONGEST = 366
"""How many days an exception may last; what lasts longer is a policy."""


def read_exceptions(
    documents: Iterable[Mapping], reader: PolicyReader, policies: Iterable[AccessPolicy]
) -> tuple[AccessPolicy, ...]:
    """Return ``policies`` with the exceptions that ``documents`` make of their rules.

    What is wrong goes to the reader's problems.
    """
    policies = tuple(policies)
    effects: dict[str, set[Effect]] = {}
    for policy in policies:
        for rule in policy.rules:
            effects.setdefault(rule.id, set()).add(rule.effect)
    found: dict[str, PolicyException] = {}
    for node in documents:
        exception = _exception(
            Form(node, reader.problems, "exception", *keys(EXCEPTION)), reader, effects
        )
        first = found.setdefault(exception.id, exception)
        if first is not exception:
            reader.problems.add(
                "duplicate-id",
                exception.position,
                what=Text("exception", "例外"),
                id=exception.id,
                first=str(first.position),
            )
    kept = [found[name] for name in sorted(found)]
    return tuple(_excepted(policy, kept) if kept else policy for policy in policies)


def _excepted(policy: AccessPolicy, exceptions: list[PolicyException]) -> AccessPolicy:
    return replace(
        policy,
        rules=tuple(
            rule
            if rule.effect is Effect.ALLOW
            else replace(
                rule, exceptions=tuple(each for each in exceptions if each.rule == rule.id)
            )
            for rule in policy.rules
        ),
    )


def _exception(
    form: Form, reader: PolicyReader, effects: dict[str, set[Effect]]
) -> PolicyException:
    name = form.id()
    return PolicyException(
        id=name,
        title=form.title("title") or Text(name, name),
        owner=reader.department(form, "owner"),
        approver=form.text("approver"),
        reason=form.title("reason") or Text("", ""),
        rule=_rule(form, reader, effects),
        when=_when(form, reader),
        dates=_dates(form, reader),
        position=form.at("id"),
    )


def _rule(form: Form, reader: PolicyReader, effects: dict[str, set[Effect]]) -> str:
    name = form.text("rule")
    known = [rule for rule, found in effects.items() if found != {Effect.ALLOW}]
    if name and effects.get(name) == {Effect.ALLOW}:
        reader.problems.add("exception-of-allow", form.at("rule"), rule=name)
    elif name and name not in known:
        reader.problems.add(
            "unknown-reference",
            form.at("rule"),
            what=Text("rule", "规则"),
            id=name,
            suggestion=closest(name, known),
        )
    return name


def _when(form: Form, reader: PolicyReader) -> Condition:
    node = form.node.get("when")
    if node is None:
        reader.problems.add("missing-key", form.position, key="when")
        return All(())
    return reader.conditions.read(node)


def _dates(form: Form, reader: PolicyReader) -> Dates:
    start, until = form.dates("effective")
    for key, day in (("from", start), ("until", until)):
        node = form.node.get("effective")
        if day is None and not (isinstance(node, Mapping) and node.entry(key)):
            reader.problems.add("missing-key", form.at("effective"), key=f"effective.{key}")
    if start and until and (until - start).days >= LONGEST:
        reader.problems.add("exception-too-long", form.at("effective"), limit=LONGEST)
    return Dates(start, until)
