"""The numbers that shapes, nodes and moulds have in a lineage store, remembered."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from headwater.catalog.ids import ColumnId
from headwater.lineage.model import Node, dataset_of
from headwater.lineage.moulds import REMEMBERED, Cast, filled, mould_of
from headwater.lineage.sqlite_rows import edge_rows

if TYPE_CHECKING:
    import sqlite3

    from headwater.lineage.model import RunIndex
    from headwater.lineage.moulds import Mould, Parts
    from headwater.lineage.repeats import Body

_REMEMBERED = 200_000
"""So many numbers of nodes are kept in memory."""


class Numbers:
    """Gives numbers; whoever writes in between by other ways must say so: see ``forget``."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._numbers: dict[Node, int] = {}
        self._shapes: dict[str, int] = {}
        self._moulds: dict[Mould, int] = {}
        self._parts: dict[int, Parts] = {}

    def forget(self) -> None:
        """Forget numbers that may no longer be those in the file."""
        self._numbers.clear()
        self._shapes.clear()
        self._moulds.clear()
        self._parts.clear()

    def mould(self, mould: Mould) -> int:
        """Return the number of a mould, which is stored if it is new."""
        number = self._moulds.get(mould)
        if number is None:
            if len(self._moulds) >= REMEMBERED:
                self._moulds.clear()
            parts = b"\n".join(mould.parts)
            digest = hashlib.sha256(parts).hexdigest()
            found = self._db.execute("SELECT id FROM mould WHERE digest = ?", (digest,)).fetchone()
            if not found:
                query = "INSERT INTO mould (digest, parts) VALUES (?, ?) RETURNING id"
                found = self._db.execute(query, (digest, parts)).fetchone()
            number = self._moulds[mould] = int(found[0])
        return number

    def body(self, text: str | bytes, mould: int | None) -> Body:
        """Return an event as the log keeps it; ``ValueError`` if its words do not fit."""
        if mould is None:
            return text
        parts = self._parts.get(mould)
        if parts is None:
            if len(self._parts) >= REMEMBERED:
                self._parts.clear()
            query = "SELECT parts FROM mould WHERE id = ?"
            (found,) = self._db.execute(query, (mould,)).fetchone() or (b"",)
            parts = self._parts[mould] = tuple(found.split(b"\n"))
        words = tuple((text.encode() if isinstance(text, str) else text).split(b"\n"))
        if len(parts) != len(words) + 1:
            raise ValueError("an event does not fit its mould")
        known = mould_of(parts, len(words))
        raw = filled(parts, words)
        return Cast(known, words).told(raw) if known else raw

    def shape(self, index: RunIndex) -> int:
        """Return the number of the run's shape, which is stored if it is new."""
        number = self._shapes.get(index.shape)
        if number is None:
            if len(self._shapes) >= _REMEMBERED:
                self._shapes.clear()
            query = "SELECT id FROM shape WHERE digest = ?"
            found = self._db.execute(query, (index.shape,)).fetchone()
            number = int(found[0]) if found else self._add_shape(index)
            self._shapes[index.shape] = number
        return number

    def _add_shape(self, index: RunIndex) -> int:
        added = self._db.execute("INSERT INTO shape (digest) VALUES (?)", (index.shape,))
        shape = int(added.lastrowid or 0)
        numbers = {node: self._number(node) for node in index.known}
        self._db.executemany(
            "INSERT INTO known VALUES (?, ?)", ((shape, number) for number in numbers.values())
        )
        self._db.executemany(
            "INSERT INTO edge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", edge_rows(shape, index, numbers)
        )
        return shape

    def _number(self, node: Node) -> int:
        number = self._numbers.get(node)
        if number is None:
            if len(self._numbers) >= _REMEMBERED:
                self._numbers.clear()
            number = self._numbers[node] = self._stored_number(node)
        return number

    def _stored_number(self, node: Node) -> int:
        dataset = dataset_of(node)
        field = node.column if isinstance(node, ColumnId) else ""
        row = (dataset.namespace, dataset.name, field)
        query = "SELECT id FROM node WHERE namespace = ? AND name = ? AND field = ?"
        found = self._db.execute(query, row).fetchone()
        if found:
            return int(found[0])
        added = self._db.execute("INSERT INTO node (namespace, name, field) VALUES (?, ?, ?)", row)
        return int(added.lastrowid or 0)
