"""Two sets of policies, rule by rule: what was added, removed, changed, and in what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

from headwater.catalog.errors import InputError
from headwater.catalog.text import Text
from headwater.policies.model import AccessPolicy, RetentionPolicy, RetentionRule, Rule
from headwater.policies.words import phrase, when_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.policies.model import PolicyException, PolicySet
    from headwater.policies.vocabulary import Attribute, Vocabulary

_EXCEPTION = Text("`{id}`: {when}, {start} .. {until}", "`{id}`：{when}，{start} .. {until}")

Owned = tuple[AccessPolicy | RetentionPolicy, Rule | RetentionRule]
"""A rule with the policy that it stands in."""


WORDING = ("message", "remedy", "basis")
"""What people read and no engine does."""


class Edit(StrEnum):
    """What was done to a rule."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REWORDED = "reworded"
    """Only what people read is another: message, remedy, law."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that differs between two versions of a rule.

    Attributes:
        name: ``effect``, ``when``, ``obligations``, ``mode``, ``from``, ``until``,
            ``exceptions``; of a term ``at_most`` and so on; ``message``, ``remedy``, ``basis``.
        old: As it was, to be shown: a :class:`Text`, a text, a list of them, or ``None``.
        new: As it is.
    """

    name: str
    old: object
    new: object

    @property
    def decides(self) -> bool:
        """Whether decisions can depend on it."""
        return self.name not in WORDING


@dataclass(frozen=True, slots=True)
class RuleEdit:
    """One rule that is not in both sets as it is; ``rule`` is the newer version that there is."""

    id: str
    edit: Edit
    rule: Rule | RetentionRule
    aspects: tuple[Aspect, ...]


def edits(
    old: PolicySet, new: PolicySet, before: Vocabulary, after: Vocabulary
) -> tuple[RuleEdit, ...]:
    """Return the rules that differ, by id.

    Args:
        old: The policies as they were.
        new: The policies as they are.
        before: The names that ``old`` uses, to say conditions in words.
        after: The names that ``new`` uses.
    """
    olds, news = _by_id(old), _by_id(new)
    found: list[RuleEdit] = []
    for name in sorted({*olds, *news}):
        for one, other in zip_longest(olds.get(name, []), news.get(name, [])):
            edit = _edit(name, one, other, before, after)
            if edit is not None:
                found.append(edit)
    return tuple(found)


def rego_edits(old: PolicySet, new: PolicySet) -> tuple[tuple[str, Edit], ...]:
    """Return the files of Rego that differ, sorted; what they decide is for OPA to say."""
    olds = {module.file: module.hash for module in old.modules}
    news = {module.file: module.hash for module in new.modules}
    found: list[tuple[str, Edit]] = []
    for file in sorted({*olds, *news}):
        if file not in olds:
            found.append((file, Edit.ADDED))
        elif file not in news:
            found.append((file, Edit.REMOVED))
        elif olds[file] != news[file]:
            found.append((file, Edit.CHANGED))
    return tuple(found)


def _by_id(policies: PolicySet) -> dict[str, list[Owned]]:
    """Return the rules by id: several where a policy has versions, one after the other."""
    found: dict[str, list[Owned]] = {}
    for owned in _owned(policies):
        found.setdefault(owned[1].id, []).append(owned)
    for versions in found.values():
        versions.sort(key=lambda owned: str(owned[0].dates.start or ""))
    return found


def _owned(policies: PolicySet) -> Iterator[Owned]:
    yield from policies.access_rules()
    yield from policies.retention_rules()


def _edit(
    name: str, old: Owned | None, new: Owned | None, before: Vocabulary, after: Vocabulary
) -> RuleEdit | None:
    first = {} if old is None else _aspects(*old, before)
    second = {} if new is None else _aspects(*new, after)
    names = dict.fromkeys([*first, *second])
    if old is None or new is None:
        present = new or old
        assert present is not None  # noqa: S101 - one of the two is there
        aspects = [Aspect(each, first.get(each), second.get(each)) for each in names]
        said = tuple(each for each in aspects if each.decides and (each.old or each.new))
        edit = Edit.ADDED if old is None else Edit.REMOVED
        return RuleEdit(name, edit, present[1], said)
    changed = {each for each in names if first.get(each) != second.get(each) and each != "when"} | (
        {"when"} if _conditions(old[1]) != _conditions(new[1]) else set()
    )
    if not changed:
        return None
    aspects = [Aspect(each, first.get(each), second.get(each)) for each in names if each in changed]
    decides = any(each.decides for each in aspects)
    edit = Edit.CHANGED if decides else Edit.REWORDED
    return RuleEdit(name, edit, new[1], tuple(aspects))


def _conditions(rule: Rule | RetentionRule) -> object:
    return rule.applies_to, rule.when


def _aspects(
    policy: AccessPolicy | RetentionPolicy, rule: Rule | RetentionRule, vocabulary: Vocabulary
) -> dict[str, object]:
    """Return what can differ, in the order in which people read it."""
    found: dict[str, object] = {}
    if isinstance(rule, Rule):
        found["effect"] = rule.effect.value
    else:
        found |= _term(rule)
    found["when"] = when_text(rule, vocabulary)
    found["mode"] = policy.mode.value
    found["from"] = _day(policy.dates.start)
    found["until"] = _day(policy.dates.until)
    if isinstance(rule, Rule):
        found["obligations"] = list(rule.obligations)
        found["exceptions"] = [_exception(each, vocabulary) for each in rule.exceptions]
        found["message"] = rule.message
    found["remedy"] = rule.remedy
    found["basis"] = list(rule.basis)
    return found


def _exception(exception: PolicyException, vocabulary: Vocabulary) -> Text:
    said = {
        "id": exception.id,
        "when": phrase(exception.when, vocabulary),
        "start": str(exception.dates.start),
        "until": str(exception.dates.until),
    }
    return _EXCEPTION.fill(said)


def _term(rule: RetentionRule) -> dict[str, object]:
    since = rule.since
    return {
        "at_most": rule.at_most,
        "at_least": rule.at_least,
        "since": since.event or since.column,
        "then": rule.then.value if rule.then else None,
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)


def joined(old: Vocabulary, new: Vocabulary) -> Vocabulary:
    """Return a vocabulary in which both sets of policies can be asked; ``new`` comes first.

    Raises:
        InputError: An attribute is of one kind in the one and of another kind in the other.
    """
    return replace(
        new,
        departments={**old.departments, **new.departments},
        purposes={**old.purposes, **new.purposes},
        categories=tuple(dict.fromkeys((*new.categories, *old.categories))),
        names={**old.names, **new.names},
        attributes=_attributes(old.attributes, new.attributes),
        periods=tuple(sorted({*old.periods, *new.periods})),
    )


def _attributes(old: Mapping[str, Attribute], new: Mapping[str, Attribute]) -> dict[str, Attribute]:
    found = {**old, **new}
    for name, attribute in new.items():
        before = old.get(name, attribute)
        if before.kind is not attribute.kind:
            raise InputError.of(
                "attribute-changed",
                attribute.position,
                name=name,
                old=before.kind.text,
                new=attribute.kind.text,
            )
        if before.choices != attribute.choices:
            choices = tuple(dict.fromkeys((*attribute.choices, *before.choices)))
            found[name] = replace(attribute, choices=choices)
    return found
