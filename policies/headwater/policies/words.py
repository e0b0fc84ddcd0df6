"""Turns conditions into parts of sentences, in both languages.

``phrase`` says when a condition holds, or when it does not: a negation is pushed down to the
single questions, so that no sentence says *it is not so that*. Given the facts, it says their
values beside the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.policies.attributes import Kind
from headwater.policies.model import All, Any, Atom, Not, Reference
from headwater.policies.word_tables import (
    GIVEN,
    NOUNS,
    OPPOSITES,
    PREDICATES,
    STATES,
    VALUES,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.policies.model import Condition, RetentionRule, Rule
    from headwater.policies.vocabulary import Attribute, Vocabulary

NOT_KNOWN = Text("not known", "未知")
_ALWAYS, _NEVER = Text("always", "总是"), Text("never", "从不")
_JOINTS = {All: Text(", and ", "，且"), Any: Text(", or ", "，或")}
_GROUP = Text("({part})", "（{part}）")
_WITH_VALUE = Text("{noun} ({value})", "{noun}（{value}）")
_CLAUSE = Text("{noun} {predicate}", "{noun}{predicate}")
_CODE = Text("`{x}`", "`{x}`")
_QUOTED = Text("{x}", "“{x}”")
_YES_NO = {True: Text("true", "true"), False: Text("false", "false")}
_MEMBERS = {Kind.DEPARTMENTS: Kind.DEPARTMENT}
_CODES = (Kind.TEXT, Kind.REGION)


def phrase(
    condition: Condition,
    vocabulary: Vocabulary,
    *,
    holds: bool = True,
    values: Mapping[str, object] | None = None,
) -> Text:
    """Return what it means that ``condition`` holds, or that it does not.

    Args:
        condition: What is asked.
        vocabulary: The attributes, and the names of departments and purposes.
        holds: Whether to say that it is true; else that it is false.
        values: The facts as they were said, by attribute, to be shown beside the names.
    """
    match condition:
        case Atom():
            return clause(condition, vocabulary, holds=holds, values=values)
        case Not(part=part):
            return phrase(part, vocabulary, holds=not holds, values=values)
        case All(parts=parts) | Any(parts=parts):
            joint = All if isinstance(condition, All) is holds else Any
            said = [_part(part, vocabulary, holds, values) for part in parts]
            return _joined(said, joint)
    raise TypeError(condition)


def when_text(rule: Rule | RetentionRule, vocabulary: Vocabulary) -> Text:
    """Return when ``rule`` holds, in words: all that it asks."""
    parts = tuple(part for part in (rule.applies_to, rule.when) if part is not None)
    return phrase(flat(parts), vocabulary)


def flat(parts: tuple[Condition, ...]) -> All:
    """Return the parts as one *all*, with the parts of inner ones beside each other."""
    found: list[Condition] = []
    for part in parts:
        found += flat(part.parts).parts if isinstance(part, All) else (part,)
    return All(tuple(found))


def _part(
    condition: Condition,
    vocabulary: Vocabulary,
    holds: bool,
    values: Mapping[str, object] | None,
) -> Text:
    said = phrase(condition, vocabulary, holds=holds, values=values)
    inner = condition
    while isinstance(inner, Not):
        inner = inner.part
    many = isinstance(inner, All | Any) and len(inner.parts) > 1
    return _GROUP.fill({"part": said}) if many else said


def _joined(parts: list[Text], joint: type[All | Any]) -> Text:
    if not parts:
        return _ALWAYS if joint is All else _NEVER
    between = _JOINTS[joint]
    return Text(
        between.en.join(part.en for part in parts), between.zh.join(part.zh for part in parts)
    )


def clause(
    atom: Atom,
    vocabulary: Vocabulary,
    *,
    holds: bool = True,
    values: Mapping[str, object] | None = None,
) -> Text:
    """Return what it means that one question about one attribute is answered with yes or no."""
    op = OPPOSITES.get(atom.op, atom.op)
    holds = holds if op == atom.op else not holds
    name = atom.attribute
    if op == "present" and (name, holds) in GIVEN:
        said = GIVEN[name, holds]
        if not holds or values is None:
            return said
        return _WITH_VALUE.fill({"noun": said, "value": shown(name, values.get(name), vocabulary)})
    if op == "eq" and isinstance(atom.operand, tuple) and isinstance(atom.operand[0], bool):
        wanted = atom.operand[0] is holds
        if (name, wanted) in STATES:
            return STATES[name, wanted]
    plain = op == "present" or (op == "eq" and holds and isinstance(atom.operand, tuple))
    subject = _subject(name, vocabulary, None if plain else values)
    return _CLAUSE.fill(
        {"noun": subject, "predicate": _predicate(atom, op, vocabulary, holds=holds, values=values)}
    )


def _predicate(
    atom: Atom,
    op: str,
    vocabulary: Vocabulary,
    *,
    holds: bool,
    values: Mapping[str, object] | None,
) -> Text:
    template = PREDICATES[op, holds]
    if isinstance(atom.operand, Reference):
        return template.fill({"x": _subject(atom.operand.attribute, vocabulary, values)})
    items = [value_words(atom.attribute, item, vocabulary, quoted=True) for item in atom.operand]
    if op == "between":
        return template.fill({"low": items[0], "high": items[1]})
    return template.fill({"x": listed(items)})


def _subject(name: str, vocabulary: Vocabulary, values: Mapping[str, object] | None) -> Text:
    said = noun(name, vocabulary)
    if values is None:
        return said
    return _WITH_VALUE.fill({"noun": said, "value": shown(name, values.get(name), vocabulary)})


def noun(name: str, vocabulary: Vocabulary) -> Text:
    """Return what a sentence calls the attribute ``name``."""
    if name in NOUNS:
        return NOUNS[name]
    about = attribute_of(name, vocabulary).about
    return about if about.en else _CODE.fill({"x": name})


def state(name: str, value: object) -> Text | None:
    """Return the sentence that says this value of a yes/no attribute, or that it is absent."""
    if value is None:
        return GIVEN.get((name, False))
    return STATES.get((name, value)) if isinstance(value, bool) else None


def attribute_of(name: str, vocabulary: Vocabulary) -> Attribute:
    """Return the attribute ``name`` of the vocabulary."""
    return vocabulary.attributes[name]


def shown(name: str, value: object, vocabulary: Vocabulary) -> Text:
    """Return a fact's value in words; several, where it is a set; *not known* where absent."""
    if value is None:
        return NOT_KNOWN
    items = value if isinstance(value, list | tuple) else (value,)
    if not items:
        return Text("none", "无")
    return listed(value_words(name, item, vocabulary) for item in items)


def value_words(name: str, value: object, vocabulary: Vocabulary, *, quoted: bool = False) -> Text:
    """Return one value of the attribute ``name`` in words.

    ``quoted`` sets it off from a sentence in which no brackets do.
    """
    kind = attribute_of(name, vocabulary).kind
    if isinstance(value, bool):
        return _YES_NO[value]
    if kind in _CODES:
        return _CODE.fill({"x": str(value)})
    said = str(value)
    key = (_MEMBERS.get(kind, kind), said)
    found = vocabulary.names.get(key) or VALUES.get(key) or Text(said, said)
    return _QUOTED.fill({"x": found}) if quoted and kind is not Kind.NUMBER else found


def listed(items: Iterable[Text]) -> Text:
    """Return several things as a list in a sentence."""
    found = list(items)
    return Text(", ".join(item.en for item in found), "、".join(item.zh for item in found))
