"""Tables that statements write, and the datasets that they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from headwater.catalog.ids import DatasetId
from headwater.lineage.sql_text import WrongSqlError
from headwater.lineage.uses import NONE, Relation, Uses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(slots=True)
class Tables:
    """Which datasets the names of tables mean, and what is known of them.

    Attributes:
        namespace: Where tables are, if nothing says otherwise.
        prefix: Database and schema, as far as they are left out in names.
        given: Names that mean something else, in small letters.
        described: The columns of datasets.
    """

    namespace: str
    prefix: tuple[str, ...]
    given: Mapping[str, DatasetId]
    described: dict[DatasetId, tuple[str, ...]]

    def dataset(self, node: exp.Expr, parts: tuple[str, ...]) -> DatasetId:
        """Return the dataset that a table's name means.

        Raises:
            WrongSqlError: The name has too many parts.
        """
        given = self.given.get(".".join(parts).casefold())
        if given is not None:
            return given
        if len(parts) > 3:
            raise WrongSqlError("sql-unsupported", node, what=".".join(parts))
        missing = max(0, len(self.prefix) + 1 - len(parts))
        found = DatasetId(self.namespace, ".".join((*self.prefix[:missing], *parts)))
        if found in self.described:
            return found
        same = [
            known
            for known in self.described
            if known.namespace == found.namespace and known.name.casefold() == found.name.casefold()
        ]
        return same[0] if len(same) == 1 else found


@dataclass(slots=True)
class Written:
    """What the statements so far write into one dataset."""

    place: str
    columns: tuple[str, ...] = ()
    made_from: dict[str, Uses] | None = field(default_factory=dict)
    influences: Uses = NONE
    inputs: set[DatasetId] = field(default_factory=set)


def target_of(node: exp.Expr, named: Callable[[exp.Expr], str]) -> tuple[exp.Table, list[str]]:
    """Return the table that is written, and the columns that are named after it.

    Raises:
        WrongSqlError: It is no table.
    """
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table):
        raise WrongSqlError("sql-unsupported", node, what=node.key)
    listed = node.expressions if isinstance(node, exp.Schema) else []
    names = [part.this if isinstance(part, exp.ColumnDef) else part for part in listed]
    return table, [named(part) for part in names if isinstance(part, exp.Identifier)]


def joined(one: Relation, other: Relation) -> Relation:
    """Return what two statements together make of one table."""
    columns = united([*one.columns, *other.columns])
    opened = tuple(dict.fromkeys((*one.open, *other.open)))
    return Relation(columns, one.rows | other.rows, opened, one.opaque or other.opaque)


def united(columns: list[tuple[str, Uses]]) -> tuple[tuple[str, Uses], ...]:
    """Return columns of one name made one."""
    found: dict[str, Uses] = {}
    for name, uses in columns:
        same = next((known for known in found if known.casefold() == name.casefold()), name)
        found[same] = found.get(same, NONE) | uses
    return tuple(found.items())


def renames(node: exp.Expr) -> bool:
    """Say whether a statement moves data under another name: that is not left out in silence."""
    return isinstance(node, exp.Alter) and any(
        isinstance(part, (exp.AlterRename, exp.RenameColumn, exp.SwapTable))
        for part in node.args.get("actions") or ()
    )
