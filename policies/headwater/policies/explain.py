"""Says in words why an engine answered as it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.policies.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.catalog.position import Position
    from headwater.policies.engine import Decision
    from headwater.policies.facts import Facts
    from headwater.policies.model import Effect, PolicySet, Rule
    from headwater.policies.vocabulary import Vocabulary

NOT_KNOWN = Text("(not known)", "（未知）")
_ALLOWS = Text("`{rule}` allows it", "`{rule}` 允许")
_BECAUSE = Text(
    "it is not known whether `{rule}` holds, because {names} is absent: {message}",
    "无法确定 `{rule}` 是否成立，因为缺少 {names}：{message}",
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that bore on a decision, in words.

    Attributes:
        rule: Its id.
        effect: What it does when true.
        unknown: The attributes whose absence left it unknown; empty where it is true.
        message: What it says of these facts.
        remedy: What to do about it.
        basis: The law it rests on.
        position: Where it is written.
    """

    rule: str
    effect: Effect
    unknown: tuple[str, ...]
    message: Text
    remedy: Text | None
    basis: tuple[str, ...]
    position: Position

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        found: dict[str, object] = {
            "rule": self.rule,
            "effect": self.effect.value,
            "message": {"en": self.message.en, "zh": self.message.zh},
            "basis": list(self.basis),
            "location": self.position.document(),
        }
        if self.remedy:
            found["remedy"] = {"en": self.remedy.en, "zh": self.remedy.zh}
        if self.unknown:
            found["unknown"] = list(self.unknown)
        return found


def explain(
    decision: Decision,
    facts: Facts,
    policies: PolicySet,
    vocabulary: Vocabulary,
    *,
    shown: Mapping[str, object] | None = None,
) -> tuple[Reason, ...]:
    """Return a reason for every rule of ``decision``, its warnings last.

    Args:
        decision: What an engine answered.
        facts: The question.
        policies: What the engine decided by.
        vocabulary: The names of departments and purposes.
        shown: Values to say instead of the facts' own, by attribute: several columns, say.
    """
    values = {**facts.raw, **shown} if shown else facts.raw
    named = (*decision.rules, *decision.warnings)
    day, said = facts.day, _Said(values, vocabulary)
    rules = [policies.rule_on(name, day) for name in named]
    return tuple(_reason(rule, decision.unknown_rules.get(rule.id), said) for rule in rules)


class _Said(dict[str, Text]):
    """The facts in words, by attribute, each put into words when it is first asked for."""

    def __init__(self, values: Mapping[str, object], vocabulary: Vocabulary) -> None:
        super().__init__()
        self._values = values
        self._vocabulary = vocabulary

    def __missing__(self, name: str) -> Text:
        found = self[name] = _shown(name, self._values.get(name), self._vocabulary)
        return found

    def get(self, name: str, _default: object = None) -> Text:
        """Return the words for an attribute; there are always some."""
        return self[name]


def _reason(rule: Rule, unknown: tuple[str, ...] | None, facts: _Said) -> Reason:
    said = (rule.message or _ALLOWS.fill({"rule": rule.id})).fill(facts)
    if unknown is not None:
        said = _open(rule.id, unknown, said)
    remedy = rule.remedy.fill(facts) if rule.remedy else None
    return Reason(rule.id, rule.effect, unknown or (), said, remedy, rule.basis, rule.position)


def _open(rule: str, unknown: tuple[str, ...], said: Text) -> Text:
    names = ", ".join(f"`{name}`" for name in unknown) or NOT_KNOWN
    return _BECAUSE.fill({"rule": rule, "names": names, "message": said})


def _shown(name: str, value: object, vocabulary: Vocabulary) -> Text:
    if value is None or name not in vocabulary.attributes:
        return NOT_KNOWN
    kind = vocabulary.attributes[name].kind
    kind = Kind.DEPARTMENT if kind is Kind.DEPARTMENTS else kind
    if not isinstance(value, (list, tuple)):
        return _called(kind, value, vocabulary)
    named = [_called(kind, item, vocabulary) for item in value]
    return Text(", ".join(each.en for each in named), "、".join(each.zh for each in named))


def _called(kind: Kind, value: object, vocabulary: Vocabulary) -> Text:
    said = str(value).lower() if isinstance(value, bool) else str(value)
    return vocabulary.names.get((kind, said)) or Text(said, said)
