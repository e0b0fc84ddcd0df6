"""Which conditions of a rule are true, false or unknown of given facts: one by one, in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from headwater.policies.formula import positive
from headwater.policies.model import All, Any, Atom, Not, Reference
from headwater.policies.native import truth_of
from headwater.policies.words import clause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from headwater.catalog.position import Position
    from headwater.catalog.text import Text
    from headwater.policies.facts import Facts
    from headwater.policies.model import Condition, Rule
    from headwater.policies.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Said:
    """One question that a rule asks, and how the facts answer it.

    Attributes:
        atom: The question as it is written.
        holds: Its answer; ``None`` where that is unknown.
        text: The answer as part of a sentence, with the values; of an unknown one, what is asked.
        value: What the facts say of its attribute; ``None`` where absent.
        other: What they say of the attribute that it is compared with, if it is.
    """

    atom: Atom
    holds: bool | None
    text: Text
    value: object
    other: object = None

    @property
    def position(self) -> Position | None:
        """Where the question is written."""
        return self.atom.position

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        atom = self.atom
        found: dict[str, object] = {
            "attribute": atom.attribute,
            "op": atom.op,
            "operand": _operand(atom),
            "holds": self.holds,
            "value": _listed(self.value),
        }
        if isinstance(atom.operand, Reference):
            found["other_value"] = _listed(self.other)
        found["text"] = {"en": self.text.en, "zh": self.text.zh}
        found["location"] = atom.position.document() if atom.position else None
        return found


def _operand(atom: Atom) -> object:
    if isinstance(atom.operand, Reference):
        return {"attribute": atom.operand.attribute}
    single = len(atom.operand) == 1 and not atom.op.endswith(("in", "_any", "_all"))
    return atom.operand[0] if single else list(atom.operand)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a rule's conditions come to: what is so, what is not, and what is not known.

    Of a rule that is true, ``true`` is why. Of one that is not, ``false`` and ``unknown`` are why
    not; ``true`` is what is so already.
    """

    holds: bool | None
    true: tuple[Said, ...]
    false: tuple[Said, ...]
    unknown: tuple[Said, ...]


def answers(rule: Rule, facts: Facts, vocabulary: Vocabulary) -> Answers:
    """Return how ``facts`` answer each question of ``rule``, in the order of writing."""
    whole = All(tuple(part for part in (rule.applies_to, rule.when) if part is not None))
    reader = _Reader(facts, vocabulary)
    return Answers(
        _truth(whole)(facts.values),
        tuple(dict.fromkeys(reader.why(whole, wanted=True))),
        tuple(dict.fromkeys(reader.why(whole, wanted=False))),
        tuple(dict.fromkeys(reader.open(whole))),
    )


@lru_cache(maxsize=8192)
def _truth(condition: Condition) -> Callable[[Mapping[str, object]], bool | None]:
    return truth_of(positive(condition))


class _Reader:
    def __init__(self, facts: Facts, vocabulary: Vocabulary) -> None:
        self._facts = facts
        self._vocabulary = vocabulary

    def why(self, condition: Condition, *, wanted: bool) -> Iterator[Said]:
        """Yield the questions whose answers speak for ``condition`` being ``wanted``.

        In a condition that is ``wanted`` these are the whole reason; in one that is not, they are
        the parts that are so.
        """
        match condition:
            case Atom():
                if self._holds(condition) is wanted:
                    yield self._said(condition, wanted)
            case Not(part=part):
                yield from self.why(part, wanted=not wanted)
            case All(parts=parts) | Any(parts=parts):
                for part in parts:
                    if self._holds(part) is wanted or isinstance(condition, All) is wanted:
                        yield from self.why(part, wanted=wanted)

    def open(self, condition: Condition) -> Iterator[Said]:
        """Yield the questions that leave ``condition`` unknown, if it is."""
        if self._holds(condition) is not None:
            return
        match condition:
            case Atom():
                yield self._said(condition, None)
            case Not(part=part):
                yield from self.open(part)
            case All(parts=parts) | Any(parts=parts):
                for part in parts:
                    yield from self.open(part)

    def _holds(self, condition: Condition) -> bool | None:
        return _truth(condition)(self._facts.values)

    def _said(self, atom: Atom, holds: bool | None) -> Said:
        raw = self._facts.raw
        text = clause(atom, self._vocabulary, holds=holds is not False, values=raw)
        other = atom.operand
        compared = raw.get(other.attribute) if isinstance(other, Reference) else None
        return Said(atom, holds, text, _fixed(raw.get(atom.attribute)), _fixed(compared))


def _fixed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
