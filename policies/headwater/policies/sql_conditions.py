"""Residual conditions as SQL: true exactly where the native evaluator says true.

A row whose column is NULL leaves a question unknown, and an unknown row is not returned: the
conditions have no *not*, so SQL's own three values say the same. Where the values of an attribute
can be counted, the right ones are listed, so that a value nobody declared is never right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from headwater.catalog.errors import InputError
from headwater.policies.facts import EPOCH
from headwater.policies.formula import AllOf, Formula, Test
from headwater.policies.native import truth_of
from headwater.policies.operators import PRESENCE
from headwater.policies.partial import reads
from headwater.policies.patterns import anchored
from headwater.policies.vocabulary import LARGEST, RANKED, SETS, TREES, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.policies.partial import Residual
    from headwater.policies.sql_dialects import Dialect
    from headwater.policies.vocabulary import Attribute, Vocabulary

COUNTED = frozenset({Kind.CHOICE, Kind.LEVEL, Kind.ADMINISTRATIVE, Kind.DEPARTMENT})
UNMAPPABLE = SETS
_SIGNS = {
    "eq": "=",
    "not": "<>",
    "at_least": ">=",
    "at_most": "<=",
    "above": ">",
    "below": "<",
}


class Binder(Protocol):
    """Takes a value, and returns the expression that stands for it; never the value itself."""

    def bind(self, value: str | int | float) -> str:
        """Return what stands for ``value`` in the statement."""
        ...


class Conditions:
    """Writes conditions for one dialect and one table.

    ``columns`` are those that hold attributes, quoted.
    """

    def __init__(
        self,
        dialect: Dialect,
        vocabulary: Vocabulary,
        columns: Mapping[str, str],
        *,
        binder: Binder,
    ) -> None:
        self._dialect = dialect
        self._vocabulary = vocabulary
        self._columns = columns
        self._binder = binder

    def guarded(self, residual: Residual) -> str:
        """Return the condition, and that every column it reads holds what facts may hold."""
        if isinstance(residual, bool):
            return "TRUE" if residual else "FALSE"
        wanting = reads(residual) - self._listing(residual)
        guards = [self._guard(name) for name in sorted(wanting)]
        return " AND ".join([*guards, self.condition(residual)])

    def _listing(self, residual: Formula) -> frozenset[str]:
        """Return the attributes of which the condition lists the right values in any case."""
        parts = residual.parts if isinstance(residual, AllOf) else (residual,)
        return frozenset(
            part.attribute
            for part in parts
            if isinstance(part, Test) and part.op not in PRESENCE and part.other is None
            if self._attribute(part.attribute).kind in COUNTED
        )

    def condition(self, formula: Formula) -> str:
        """Return ``formula`` as SQL, in brackets where it has several parts."""
        if isinstance(formula, Test):
            return self._test(formula)
        word = " AND " if isinstance(formula, AllOf) else " OR "
        return f"({word.join(self.condition(part) for part in formula.parts)})"

    def _test(self, test: Test) -> str:
        name, other = test.attribute, test.other
        if test.op in PRESENCE:
            sense = "NULL" if test.op == "absent" else "NOT NULL"
            return f"{self._columns[name]} IS {sense}"
        if other is not None:
            return self._between_columns(test, other)
        kind = self._attribute(name).kind
        if kind in COUNTED:
            return self._listed(name, self._right(test))
        if kind is Kind.PURPOSE:
            return self._purpose(test)
        if test.op in ("in", "not_in"):
            return self._membership(name, test.values, positive=test.op == "in")
        if test.op in ("matches", "not_matches"):
            return self._matching(test)
        return f"{self._column(name)} {_SIGNS[test.op]} {self._bound(name, test.values[0])}"

    def _between_columns(self, test: Test, other: str) -> str:
        name = test.attribute
        if test.op in ("eq", "not"):
            return f"{self._column(name)} {_SIGNS[test.op]} {self._column(other)}"
        if self._attribute(other).kind not in COUNTED:
            if self._attribute(name).kind in TREES:
                raise InputError.of("filter-compare", attribute=name, other=other)
            return f"{self._column(name)} {_SIGNS[test.op]} {self._column(other)}"
        pairs: dict[tuple[str, ...], list[str]] = {}
        for value in self._vocabulary.known(self._attribute(other)) or ():
            right = self._right(test, {other: self._normal(other, value)})
            pairs.setdefault(right, []).append(value)
        said = [
            f"({self._listed(other, tuple(values))} AND {self._listed(name, right)})"
            for right, values in pairs.items()
            if right
        ]
        return f"({' OR '.join(said)})" if said else "FALSE"

    def _right(self, test: Test, values: Mapping[str, object] | None = None) -> tuple[str, ...]:
        """Return the values of the attribute for which ``test`` is true."""
        name, truth = test.attribute, truth_of(test)
        return tuple(
            value
            for value in self._vocabulary.known(self._attribute(name)) or ()
            if truth({**(values or {}), name: self._normal(name, value)}) is True
        )

    def _listed(self, name: str, values: tuple[str, ...]) -> str:
        return self._membership(name, values, positive=True) if values else "FALSE"

    def _purpose(self, test: Test) -> str:
        """Return a test of a purpose: one that nobody declared lies under nothing."""
        values = [str(value) for value in test.values]
        positive = test.op in ("eq", "in", "under")
        if test.op in ("under", "not_under"):
            wanted = values[0]
            known = self._vocabulary.purposes.items()
            values = [purpose for purpose, chain in known if wanted in chain]
            values = values or [wanted]
        return self._membership(test.attribute, values, positive=positive)

    def _membership(self, name: str, values: Iterable[object], *, positive: bool) -> str:
        column = self._column(name)
        marks = [self._bound(name, value) for value in values]
        if len(marks) == 1:
            return f"{column} {'=' if positive else '<>'} {marks[0]}"
        return f"{column} {'IN' if positive else 'NOT IN'} ({', '.join(marks)})"

    def _matching(self, test: Test) -> str:
        matches = self._dialect.matches
        if matches is None:
            raise InputError.of(
                "filter-pattern", attribute=test.attribute, dialect=self._dialect.name
            )
        mark = self._binder.bind(anchored(str(test.values[0])))
        said = matches.format(self._columns[test.attribute], mark)
        return said if test.op == "matches" else f"({said}) = FALSE"

    def _column(self, name: str) -> str:
        column = self._columns[name]
        kind = self._attribute(name).kind
        return column if kind in _BARE else self._dialect.text.format(column)

    def _bound(self, name: str, value: object) -> str:
        kind = self._attribute(name).kind
        if kind is Kind.YES_NO:
            return "TRUE" if value else "FALSE"
        if kind is Kind.NUMBER:
            assert isinstance(value, int | float)  # noqa: S101 - normalised facts have it
            return self._dialect.number.format(self._binder.bind(value))
        if kind is Kind.DATE:
            return self._dialect.date.format(self._binder.bind(day_text(value)))
        return self._dialect.bound.format(self._binder.bind(str(value)))

    def _guard(self, name: str) -> str:
        """Return that a column is NULL or holds what facts may hold."""
        column = self._columns[name]
        attribute = self._attribute(name)
        match attribute.kind:
            case kind if kind in COUNTED:
                valid = self._listed(name, self._vocabulary.known(attribute) or ())
            case Kind.REGION:
                valid = self._dialect.region.format(column)
            case Kind.NUMBER:
                valid = f"{column} BETWEEN -{LARGEST} AND {LARGEST}"
            case Kind.YES_NO:
                valid = f"{column} IN (TRUE, FALSE)"
            case Kind.DATE:
                valid = self._dialect.is_date.format(column)
            case _:
                valid = self._dialect.is_text.format(column)
        return f"({column} IS NULL OR ({valid}))"

    def _attribute(self, name: str) -> Attribute:
        return self._vocabulary.attributes[name]

    def _normal(self, name: str, value: str) -> object:
        attribute = self._attribute(name)
        if attribute.kind in RANKED:
            return attribute.rank(value)
        tree = attribute.kind in TREES
        return list(self._vocabulary.chain(attribute.kind, value)) if tree else value


_BARE = frozenset({Kind.NUMBER, Kind.YES_NO, Kind.DATE})


def day_text(value: object) -> str:
    """Return a day as it is written, from the number by which engines know it."""
    import datetime

    assert isinstance(value, int)  # noqa: S101 - normalised facts have it
    return (EPOCH + datetime.timedelta(days=value)).isoformat()
