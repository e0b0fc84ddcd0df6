"""Turns obligations into parts of sentences, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.policies.model import All, Any, Atom, Not, Reference
from headwater.policies.obligations import FILTER, condition_of
from headwater.policies.words import phrase, value_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.policies.model import Condition
    from headwater.policies.vocabulary import Vocabulary

_DELETE = Text("delete it after {period}", "在 {period} 后删除")
_NOTIFY = Text("notify {department}", "通知{department}")
_MASK = Text("mask columns of {category} ({how})", "对{category}类字段脱敏（{how}）")
_FILTER = Text("leave only rows where {condition}", "只保留满足以下条件的行：{condition}")
_HOW = {
    "generalise": Text("generalised", "泛化"),
    "hash": Text("hashed", "散列"),
    "redact": Text("redacted", "隐去"),
}
_ROW = "resource."
_NOUNS = {
    "resource.department": Text("the row's department", "该行的部门"),
    "resource.region": Text("the row's region", "该行的区划"),
    "resource.namespace": Text("the row's namespace", "该行的命名空间"),
    "resource.name": Text("the row's name", "该行的名称"),
    "resource.contract": Text("the row's contract", "该行的合同"),
    "resource.column": Text("the row's column", "该行的字段"),
    "resource.level": Text("the row's level", "该行的级别"),
}


def obligation_text(obligation: Mapping[str, object], vocabulary: Vocabulary) -> Text:
    """Return what whoever is allowed must do."""
    found = list(_parts(obligation, vocabulary))
    return Text("; ".join(each.en for each in found), "；".join(each.zh for each in found))


def _parts(obligation: Mapping[str, object], vocabulary: Vocabulary) -> Iterator[Text]:
    match obligation:
        case {"delete_after": str(period)}:
            yield _DELETE.fill({"period": period})
    match obligation:
        case {"mask": {"category": str(category), "with": str(how)}}:
            said = value_words("resource.categories", category, vocabulary)
            yield _MASK.fill({"category": said, "how": _HOW[how]})
    match obligation:
        case {"notify": str(name)}:
            said = value_words("subject.department", name, vocabulary)
            yield _NOTIFY.fill({"department": said})
    found = obligation.get(FILTER)
    if isinstance(found, dict):
        condition = filter_text(condition_of(found, vocabulary.attributes), vocabulary)
        yield _FILTER.fill({"condition": condition})


def filter_text(condition: Condition, vocabulary: Vocabulary) -> Text:
    """Return the condition in words; an attribute of the resource is called the row's own."""
    rows = {
        _of_row(name): replace(each, name=_of_row(name), about=_NOUNS.get(name, each.about))
        for name, each in vocabulary.attributes.items()
        if name.startswith(_ROW)
    }
    words = replace(vocabulary, attributes={**vocabulary.attributes, **rows})
    return phrase(_renamed(condition), words)


def _of_row(name: str) -> str:
    return f"row.{name.removeprefix(_ROW)}" if name.startswith(_ROW) else name


def _renamed(condition: Condition) -> Condition:
    match condition:
        case Atom(attribute=name, operand=Reference(attribute=other)):
            return replace(condition, attribute=_of_row(name), operand=Reference(_of_row(other)))
        case Atom(attribute=name):
            return replace(condition, attribute=_of_row(name))
        case Not(part=part):
            return Not(_renamed(part))
        case All(parts=parts):
            return All(tuple(_renamed(part) for part in parts))
        case Any(parts=parts):
            return Any(tuple(_renamed(part) for part in parts))
    raise TypeError(condition)
