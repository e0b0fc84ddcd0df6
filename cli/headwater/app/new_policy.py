"""Use cases: write a new policy, and put a new rule into one that is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.app.trial import tried, write_new
from headwater.app.writing import write_whole
from headwater.app.yaml_text import listed, scalar, with_item
from headwater.catalog.errors import InputError, UnknownNameError
from headwater.catalog.problems import closest
from headwater.catalog.text import Text
from headwater.policies.operators import LISTS, PRESENCE

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from headwater.catalog.model import Workspace

Effect = Literal["allow", "deny", "warn"]
_PLAIN = re.compile(r"true|false|-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?")
_POLICY = Text("access policy", "访问策略")
_WORDS_OF_CONDITION = 3


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule to write. ``when``: conditions that must all hold, ``ATTRIBUTE OPERATOR [VALUE]``."""

    id: str
    effect: Effect
    message: str | None
    when: tuple[str, ...] = ()
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """An access policy to write, with its first rule."""

    id: str
    title: str
    owner: str
    start: datetime.date
    rule: NewRule
    basis: tuple[str, ...] = ()
    advise: bool = False


def write_policy(workspace: Workspace, policy: NewPolicy, file: str | None) -> Path:
    """Write the policy, by default as ``policies/ID.yaml``, and return its file.

    Raises:
        DocumentError: The workspace could not be read with it, or the file is there already.
        InputError: A condition is not of the form, or the file cannot be written.
    """
    text = "".join(f"{line}\n" for line in _policy(policy))
    return write_new(workspace, file or f"policies/{policy.id}.yaml", text)


def add_rule(workspace: Workspace, policy: str, rule: NewRule) -> Path:
    """Put the rule at the end of an access policy that is there, and return the policy's file.

    Raises:
        DocumentError: The workspace could not be read with it.
        UnknownNameError: There is no such policy.
    """
    documents = {
        node.text("id"): node
        for node in workspace.policy_documents
        if node.text("kind") == "access-policy"
    }
    found = documents.get(policy)
    if found is None:
        near = closest(policy, [str(name) for name in documents])
        raise UnknownNameError.of("unknown-reference", what=_POLICY, id=policy, suggestion=near)
    file = found.position.file
    path = workspace.root / file
    text = path.read_text(encoding="utf-8")
    changed = with_item(text, file, ["rules"], list(_rule(rule)))
    tried(workspace, file, changed)
    write_whole(path, changed.encode())
    return path


def _policy(policy: NewPolicy) -> Iterator[str]:
    yield "kind: access-policy"
    yield f"id: {scalar(policy.id)}"
    yield f"title: {scalar(policy.title)}          # or {{en: …, zh: …}}"
    yield f"owner: {scalar(policy.owner)}"
    if policy.basis:
        yield f"basis: {listed(policy.basis)}"
    yield f"effective: {{from: {policy.start}}}"
    yield f"mode: {'advise' if policy.advise else 'enforce'}          # enforce | advise"
    yield "rules:"
    first, *rest = _rule(policy.rule)
    yield f"  - {first}"
    yield from (f"    {line}" for line in rest)


def _rule(rule: NewRule) -> Iterator[str]:
    yield f"id: {scalar(rule.id)}"
    if rule.effect == "allow":
        yield "allow: true"
        if rule.message is not None:
            yield f"message: {scalar(rule.message)}"
    else:
        yield f"{rule.effect}: {scalar(rule.message or rule.id)}"
    conditions = [condition(text) for text in rule.when]
    if len(conditions) == 1:
        yield f"when: {conditions[0]}"
    elif conditions:
        yield f"when: {{all: [{', '.join(conditions)}]}}"
    if rule.remedy is not None:
        yield f"remedy: {scalar(rule.remedy)}"


def condition(text: str) -> str:
    """Return a condition as YAML.

    Raises:
        InputError: It is not ``ATTRIBUTE OPERATOR [VALUE]``.

    Example:
        >>> condition("context.purpose under public-health")
        '{context.purpose: {under: public-health}}'
        >>> condition("not resource.level in core, important")
        '{not: {resource.level: {in: [core, important]}}}'
    """
    words = text.split(maxsplit=1)
    if len(words) > 1 and words[0] == "not":
        return f"{{not: {condition(words[1])}}}"
    parts = text.split(maxsplit=_WORDS_OF_CONDITION - 1)
    if len(parts) == _WORDS_OF_CONDITION - 1 and parts[1] in PRESENCE:
        parts.append("true")
    if len(parts) != _WORDS_OF_CONDITION or not re.fullmatch(r"[a-z_.]+", parts[0]):
        raise InputError.of("bad-condition-words", text=text)
    attribute, op, value = parts
    written = _list(value.split(",")) if op in LISTS else _value(value)
    return f"{{{attribute}: {{{scalar(op)}: {written}}}}}"


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(_value(value.strip()) for value in values)}]"


def _value(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else scalar(text)
