"""``holds.yaml``: data that must not be deleted for now, for what reason, and until when."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form, Problems
from headwater.catalog.globs import Glob
from headwater.catalog.shapes import (
    DATE,
    ID,
    inner,
    keys,
    mapping,
    pattern,
    some,
    text,
    texts,
    title,
)
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.nodes import Mapping, Node
    from headwater.catalog.position import Position

HOLDS = mapping(
    {
        "kind": {"const": "holds"},
        "holds": some(
            mapping(
                {
                    "id": pattern(ID),
                    "title": title(),
                    "scope": some(mapping({"namespace": text(), "name": text()}, ["name"])),
                    "reason": title(),
                    "owner": text(),
                    "basis": texts(),
                    "from": pattern(DATE),
                    "review": pattern(DATE),
                    "released": pattern(DATE),
                },
                ("id", "scope", "reason", "owner", "from", "review"),
            )
        ),
    },
    ("kind", "holds"),
)
_HOLD = inner(HOLDS, "holds")


@dataclass(frozen=True, slots=True)
class Scope:
    """Datasets that a hold covers: globs over OpenLineage namespace and name."""

    namespace: Glob
    name: Glob


@dataclass(frozen=True, slots=True)
class Hold:
    """Data that must not be deleted while it lasts.

    A hold lasts from its first day until the day before it is ``released``. Its ``review`` is
    the day by which its owner says whether it is still needed; it does not end by itself.
    """

    id: str
    title: Text
    scope: tuple[Scope, ...]
    reason: Text
    owner: str
    basis: tuple[str, ...]
    start: datetime.date
    review: datetime.date
    released: datetime.date | None
    owner_at: Position
    position: Position

    def covers(self, dataset: DatasetId) -> bool:
        """Say whether the hold is about ``dataset``."""
        return any(
            scope.namespace.matches(dataset.namespace) and scope.name.matches(dataset.name)
            for scope in self.scope
        )

    def lasts(self, day: datetime.date) -> bool:
        """Say whether the hold is in force on ``day``."""
        return self.start <= day and (self.released is None or day < self.released)

    def overdue(self, day: datetime.date) -> bool:
        """Say whether its review is past, while it still lasts."""
        return self.lasts(day) and day > self.review


def read_holds(node: Mapping, problems: Problems) -> tuple[Hold, ...]:
    """Return the holds of one file; problems are gathered."""
    form = Form(node, problems, "holds", *keys(HOLDS))
    return tuple(_hold(item, problems) for item in form.items("holds", required=True))


def _hold(item: Node, problems: Problems) -> Hold:
    form = Form(item, problems, "holds", *keys(_HOLD))
    name = form.id()
    start, review = form.date("from", required=True), form.date("review", required=True)
    released = form.date("released")
    for key, day in (("review", review), ("released", released)):
        if start and day and day < start:
            problems.add("bad-range", form.at(key), start=start, until=day)
    return Hold(
        id=name,
        title=form.title("title", required=False) or Text(name, name),
        scope=tuple(_scope(each, problems) for each in form.items("scope", required=True)),
        reason=form.title("reason") or Text("", ""),
        owner=form.text("owner"),
        basis=tuple(value for value, _ in form.texts("basis")),
        start=start or datetime.date.max,
        review=review or datetime.date.max,
        released=released,
        owner_at=form.at("owner"),
        position=form.at("id"),
    )


def _scope(item: Node, problems: Problems) -> Scope:
    form = Form(item, problems, "scope", *keys(inner(_HOLD, "scope")))
    return Scope(Glob(form.text("namespace", "*")), Glob(form.text("name")))
