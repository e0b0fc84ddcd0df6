"""Reads what OPA answered. Whatever is not exactly a decision of these policies is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from headwater.catalog.errors import EngineAnswerError, UndefinedDecisionError
from headwater.catalog.problems import problem
from headwater.catalog.text import Text
from headwater.policies.engine import Decision, Terms
from headwater.policies.model import Effect, canonical
from headwater.policies.rego_frame import place
from headwater.policies.workspace_rego import custom_names, is_custom

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.policies.model import PolicySet

_MANY = 4096
_LONG = 2048
"""So many answers, of so many characters, are remembered."""


def not_a_decision(en: str, zh: str) -> NoReturn:
    """Raise that an answer is not a decision, and why.

    Raises:
        EngineAnswerError: Always.
    """
    raise EngineAnswerError([problem("opa-answer", reason=Text(en, zh))])


def batch_of(answer: object, key: str, count: int, policies: PolicySet) -> list[object]:
    """Return the ``count`` items that a batch answers, made by exactly these policies.

    Raises:
        UndefinedDecisionError: OPA knows no such rule.
        EngineAnswerError: The shape, the length or the policies are not ours.
    """
    if isinstance(answer, dict) and "result" not in answer:
        raise UndefinedDecisionError([problem("opa-undefined")])
    match answer:
        case {"result": {"revision": str(revision)}} if revision != policies.revision:
            found = problem("opa-revision", found=revision, expected=policies.revision)
            raise EngineAnswerError([found])
        case {"result": {"revision": str(), **rest}} if list(rest) == [key]:
            items = rest[key]
        case _:
            not_a_decision("it is not a batch of answers", "它不是一批应答")
    if not isinstance(items, list) or len(items) != count:
        not_a_decision("it does not answer every question", "它没有回答每个问题")
    return items


def opa_version(answer: object) -> str:
    """Return the version that an answer says of its OPA; empty where it does not."""
    match answer:
        case {"provenance": {"version": str(version)}}:
            return version
        case _:
            return ""


class AnswerReader:
    """Reads single answers, knowing which rules of the policies may say what."""

    def __init__(self, policies: PolicySet) -> None:
        # Several of one rule are its versions: which of them was in force OPA alone knows.
        self._obligations: dict[str, list[tuple[str, ...]]] = {}
        self._ids: dict[str, set[str]] = {"deny": set(), "warn": set(), "allow": set()}
        for policy, rule in policies.access_rules():
            kept = place(rule.effect, policy.mode)
            if kept is not None:
                self._ids[kept].add(rule.id)
            if rule.effect is Effect.ALLOW:
                self._obligations.setdefault(rule.id, []).append(rule.obligations)
        self._terms = set(policies.terms)
        self._exceptions = set(policies.exceptions)
        self._custom = custom_names(policies.modules)
        self._known: dict[str, Decision] = {}

    def decision(self, found: object) -> Decision:
        """Return the decision that ``found`` is; equal answers are judged once.

        Raises:
            EngineAnswerError: It is not one, or contradicts itself or the policies.
        """
        said = repr(found)
        decision = self._known.get(said)
        if decision is None:
            decision = self._judged(found)
            if len(self._known) < _MANY and len(said) < _LONG:
                self._known[said] = decision
        return decision

    def _judged(self, found: object) -> Decision:
        match found:
            case {
                "allow": bool(allow),
                "rules": list(rules),
                "unknown": list(unknown),
                "unknown_rules": dict(unknown_rules),
                "warnings": list(warnings),
                "obligations": list(obligations),
                "exceptions": list(exceptions),
                **rest,
            } if not rest:
                decision = Decision(
                    allow,
                    _texts(rules),
                    _texts(unknown),
                    _named(unknown_rules),
                    _texts(warnings),
                    tuple(obligations),
                    _texts(exceptions),
                )
            case _:
                not_a_decision("a field is missing or of another type", "缺少字段或字段类型不符")
        self._check(decision)
        return decision

    def _check(self, decision: Decision) -> None:
        denying, warning = self._ids["deny"], self._ids["warn"]
        known = self._ids["allow"] if decision.allow else denying | self._own(decision)
        named = set(decision.rules) | set(decision.warnings)
        names = [decision.unknown_rules.get(rule, ()) for rule in decision.rules]
        consistent = (
            set(decision.rules) <= known
            and (bool(decision.rules) or not decision.allow)
            and set(decision.warnings) <= warning
            and set(decision.unknown_rules) <= named & (denying | warning)
            and set(decision.unknown) == {name for each in names for name in each}
            and self._owes(decision)
            and set(decision.exceptions) <= self._exceptions
        )
        if not consistent:
            not_a_decision("it contradicts itself or the policies", "它自相矛盾或与策略不符")

    def _own(self, decision: Decision) -> set[str]:
        """Return the rules that may be of the workspace's own Rego."""
        return {rule for rule in decision.rules if is_custom(rule, self._custom)}

    def _owes(self, decision: Decision) -> bool:
        """Say whether the obligations are those of the rules that allow."""
        owed = [self._obligations[rule] for rule in decision.rules if decision.allow]
        most = {text for versions in owed for given in versions for text in given}
        least = {text for versions in owed for text in set.intersection(*map(set, versions))}
        texts = [canonical(obligation) for obligation in decision.obligations]
        return texts == sorted(set(texts)) and least <= set(texts) <= most

    def terms(self, found: object) -> Terms:
        """Return the retention rules that ``found`` names.

        Raises:
            EngineAnswerError: It is not such an answer, or names others.
        """
        match found:
            case {"terms": list(terms), "unknown": dict(unknown), **rest} if not rest:
                answer = Terms(_texts(terms), _named(unknown))
            case _:
                not_a_decision("a field is missing or of another type", "缺少字段或字段类型不符")
        if not {*answer.terms, *answer.unknown} <= self._terms:
            not_a_decision("it names rules that there are not", "它提到不存在的规则")
        return answer


def _texts(values: list[object]) -> tuple[str, ...]:
    found = tuple(value for value in values if isinstance(value, str))
    if list(found) != sorted(set(found)) or len(found) != len(values):
        not_a_decision("a list is not sorted text", "列表不是有序文本")
    return found


def _named(values: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, names in sorted(values.items()):
        if not isinstance(names, list):
            not_a_decision("a field is missing or of another type", "缺少字段或字段类型不符")
        found[name] = _texts(names)
    return found
