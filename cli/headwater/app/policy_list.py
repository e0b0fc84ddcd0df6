"""Use case: list every policy and rule, and say which are in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime

    from headwater.app.loading import Loaded
    from headwater.catalog.position import Position
    from headwater.catalog.text import Text
    from headwater.policies import Vocabulary
    from headwater.policies.model import (
        AccessPolicy,
        Dates,
        PolicyException,
        RetentionPolicy,
        Rule,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One rule.

    Attributes:
        effect: ``allow``, ``deny`` or ``warn``; of a term ``at_most`` or ``at_least``; of an
            exception ``excuse``: the rule of this id does not count.
        term: The period of a retention rule.
        says: What it says when it is true, if it says anything.
        when: When it holds, in words.
        owed: What it obliges to, each as a document and in words.
    """

    id: str
    effect: str
    term: str | None
    says: Text | None
    when: Text
    basis: tuple[str, ...]
    position: Position
    owed: tuple[tuple[object, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One policy with its rules; ``owner`` is ``None`` of the built-in pack."""

    kind: str
    id: str
    title: Text
    owner: str | None
    basis: tuple[str, ...]
    mode: str
    dates: Dates
    in_force: bool
    position: Position
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that decides, sorted by kind and id, as on one day."""

    as_of: datetime.date
    revision: str
    policies: tuple[Listed, ...]
    vocabulary: Vocabulary


def list_policies(loaded: Loaded, *, as_of: datetime.date) -> Listing:
    """Return every policy and rule that is loaded, in force on ``as_of`` or not."""
    from headwater.policies import Vocabulary

    vocabulary = Vocabulary.of(loaded.workspace)
    found = loaded.policies
    access = [_access(policy, as_of, vocabulary) for policy in found.access]
    terms = [_retention(policy, as_of, vocabulary) for policy in found.retention]
    excused = [_exception(each, as_of, vocabulary) for each in found.exceptions.values()]
    return Listing(as_of, found.revision, (*access, *terms, *excused), vocabulary)


def _access(policy: AccessPolicy, as_of: datetime.date, vocabulary: Vocabulary) -> Listed:
    from headwater.policies.words import when_text

    rows = tuple(
        Row(
            rule.id,
            rule.effect.value,
            None,
            rule.message,
            when_text(rule, vocabulary),
            rule.basis,
            rule.position,
            _owed(rule, vocabulary),
        )
        for rule in policy.rules
    )
    return _listed("access-policy", policy, as_of, rows)


def _owed(rule: Rule, vocabulary: Vocabulary) -> tuple[tuple[object, Text], ...]:
    from headwater.policies.obligation_words import obligation_text

    return tuple(
        (document, obligation_text(document, vocabulary))
        for document in rule.obligation_documents()
        if isinstance(document, dict)
    )


def _retention(policy: RetentionPolicy, as_of: datetime.date, vocabulary: Vocabulary) -> Listed:
    from headwater.policies.words import when_text

    rows = tuple(
        Row(
            rule.id,
            "at_most" if rule.at_most else "at_least",
            rule.at_most or rule.at_least,
            rule.remedy,
            when_text(rule, vocabulary),
            rule.basis,
            rule.position,
        )
        for rule in policy.rules
    )
    return _listed("retention-policy", policy, as_of, rows)


def _exception(exception: PolicyException, as_of: datetime.date, vocabulary: Vocabulary) -> Listed:
    from headwater.policies.words import phrase

    when = phrase(exception.when, vocabulary)
    row = Row(exception.rule, "excuse", None, exception.reason, when, (), exception.position)
    return Listed(
        kind="exception",
        id=exception.id,
        title=exception.title,
        owner=exception.owner,
        basis=(),
        mode="enforce",
        dates=exception.dates,
        in_force=exception.dates.include(as_of),
        position=exception.position,
        rows=(row,),
    )


def _listed(
    kind: str,
    policy: AccessPolicy | RetentionPolicy,
    as_of: datetime.date,
    rows: tuple[Row, ...],
) -> Listed:
    return Listed(
        kind=kind,
        id=policy.id,
        title=policy.title,
        owner=policy.owner,
        basis=policy.basis,
        mode=policy.mode.value,
        dates=policy.dates,
        in_force=policy.dates.include(as_of),
        position=policy.position,
        rows=rows,
    )
