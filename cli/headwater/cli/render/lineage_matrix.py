"""Answers to ``lineage matrix``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.text import Text
from headwater.catalog.visible import visible
from headwater.cli.render.answer import verdict
from headwater.cli.render.rows import width
from headwater.cli.render.view import Arrow, Picture, Place, Sheet, envelope, sealed
from headwater.lineage.matrix import Cell, Matrix

if TYPE_CHECKING:
    from headwater.catalog.text import Language

_HEAD = Text(
    "pairs of datasets from each department (down) to each (across), one job apart ({whole})",
    "各部门（行）到各部门（列）相隔一个作业的数据集对数（{whole}）",
)
_LEGEND = Text(
    "+ data can get there by other departments only; * some are only implied",
    "+ 仅能经由其他部门到达；* 部分仅为推断",
)
_LABELS = Text(
    "{provider} -> {consumer}: columns {columns}, unmasked {unmasked}; {labels}",
    "{provider} -> {consumer}：字段对 {columns}，未脱敏 {unmasked}；{labels}",
)
_NOBODYS = Text(
    "pairs with a dataset of no department: {number}", "涉及无部门数据集的对数：{number}"
)
_HEADS = (
    *("provider", "consumer", "datasets", "columns", "unmasked", "implied", "reachable"),
    *("label", "affected"),
)


@dataclass(frozen=True)
class MatrixView:
    """Who receives whose data, ready to be written."""

    matrix: Matrix

    def document(self) -> dict[str, object]:
        """Return ``headwater/matrix/1``."""
        found = self.matrix
        return sealed(
            {
                **envelope("matrix", found.filters, found.log, found.limits),
                "departments": list(found.departments),
                "of_no_department": found.nobodys,
                "cells": [
                    {
                        "from": provider,
                        "to": consumer,
                        "datasets": cell.datasets,
                        "columns": cell.columns,
                        "unmasked": cell.unmasked,
                        "implied": cell.implied,
                        "reachable": reachable,
                        "labels": cell.labels,
                    }
                    for provider, consumer, cell, reachable in self._pairs()
                ],
            }
        )

    def _pairs(self) -> list[tuple[str, str, Cell, bool]]:
        found = self.matrix
        pairs = sorted(found.cells.keys() | found.reach)
        return [(*pair, found.cells.get(pair) or Cell(), pair in found.reach) for pair in pairs]

    def text(self, language: Language) -> str:
        """Return the square, and below it what leaves by label."""
        found = self.matrix
        names = [visible(name) for name in found.departments]
        square = [["", *names]]
        for provider in found.departments:
            cells = [self._mark(provider, consumer) for consumer in found.departments]
            square.append([visible(provider), *cells])
        wide = [max(map(width, column)) for column in zip(*square, strict=True)]
        lines = [_HEAD.fill({"whole": verdict(found.limits)}).in_(language)]
        for line in square:
            first = line[0] + " " * (wide[0] - width(line[0]))
            rest = (
                " " * (w - width(cell)) + cell for cell, w in zip(line[1:], wide[1:], strict=True)
            )
            lines.append("  ".join([first, *rest]).rstrip())
        lines.append(_LEGEND.in_(language))
        lines += [
            _labels(provider, consumer, cell, language)
            for (provider, consumer), cell in found.cells.items()
            if cell.labels
        ]
        if found.nobodys:
            lines.append(_NOBODYS.fill({"number": found.nobodys}).in_(language))
        return "\n".join(lines)

    def _mark(self, provider: str, consumer: str) -> str:
        cell = self.matrix.cells.get((provider, consumer))
        if cell is not None and cell.datasets:
            return f"{cell.datasets}{'*' if cell.implied else ''}"
        if (provider, consumer) in self.matrix.reach:
            return "+"
        return "-" if provider == consumer else "."

    def sheet(self) -> Sheet:
        """Return one row for each pair of departments and label; ``affected`` counts columns."""
        rows = []
        for provider, consumer, cell, reachable in self._pairs():
            counts = (cell.datasets, cell.columns, cell.unmasked, cell.implied)
            head = (provider, consumer, *counts, reachable)
            labels: list[tuple[str | None, int | None]] = [*cell.labels.items()]
            rows += [(*head, *label) for label in labels or [(None, None)]]
        return Sheet(_HEADS, tuple(rows))

    def picture(self) -> Picture:
        """Return departments and the numbers of pairs between them."""
        keys = {name: str(number) for number, name in enumerate(self.matrix.departments)}
        return Picture(
            tuple(Place(keys[name], name, name) for name in self.matrix.departments),
            tuple(
                Arrow(
                    keys[provider],
                    keys[consumer],
                    str(cell.datasets),
                    cell.implied == cell.datasets,
                )
                for (provider, consumer), cell in self.matrix.cells.items()
                if cell.datasets
            ),
        )

    def edges(self) -> None:
        """Return nothing: counts are no lineage."""


def _labels(provider: str, consumer: str, cell: Cell, language: Language) -> str:
    values = {
        "provider": provider,
        "consumer": consumer,
        "columns": cell.columns,
        "unmasked": cell.unmasked,
        "labels": [f"{label} {number}" for label, number in cell.labels.items()],
    }
    return _LABELS.fill(values).in_(language)
