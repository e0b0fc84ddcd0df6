"""How long a contract says that data are kept: ODCS ``slaProperties`` of the kind *retention*.

Source: Open Data Contract Standard 3.0 to 3.2, *Service-Level Agreement*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.nodes import Mapping, Scalar, Sequence
from headwater.catalog.periods import is_period, times
from headwater.catalog.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Contract, Dataset
    from headwater.catalog.position import Position

UNITS = {
    **dict.fromkeys(("d", "day", "days"), "P1D"),
    **dict.fromkeys(("w", "week", "weeks"), "P1W"),
    **dict.fromkeys(("mo", "month", "months"), "P1M"),
    **dict.fromkeys(("y", "yr", "year", "years"), "P1Y"),
}
"""Units of the standard and their like. `m` is left out: month to some, minute to others."""

_NO_UNIT = Text("the unit is none of {known}", "单位不是 {known} 之一")
_NO_NUMBER = Text("it is no whole number above 0", "不是大于 0 的整数")


@dataclass(frozen=True, slots=True)
class Kept:
    """How long data are kept, as declared; ``column`` says what it counts from, if written."""

    period: str
    column: str | None
    position: Position


def check_retention(node: Mapping, problems: Problems) -> None:
    """Add a problem for every declared retention that means nothing."""
    for item in _declared(node):
        if isinstance(found := _period(item), Text):
            value = item.get("value")
            shown = value.text if isinstance(value, Scalar) else "?"
            problems.add("bad-retention", item.at("value"), value=shown, reason=found)


def retention_of(contract: Contract, dataset: Dataset) -> tuple[Kept, ...]:
    """Return what the contract says of ``dataset``: by its name, or of all that it holds."""
    default = contract.node.text("slaDefaultElement") or ""
    return tuple(
        Kept(period, column, item.position)
        for item in _declared(contract.node)
        if not isinstance(period := _period(item), Text)
        for column in _columns(item.text("element") or default, contract, dataset)
    )


def _declared(node: Mapping) -> Iterator[Mapping]:
    listed = node.get("slaProperties")
    for item in listed.items if isinstance(listed, Sequence) else ():
        if isinstance(item, Mapping) and (item.text("property") or "").lower() == "retention":
            yield item


def _period(item: Mapping) -> str | Text:
    """Return the period, or why it is none."""
    value, unit = item.get("value"), (item.text("unit") or "").lower()
    written = value.value if isinstance(value, Scalar) else None
    if isinstance(written, str) and is_period(written) and not unit:
        return written
    if unit not in UNITS:
        return _NO_UNIT.fill({"known": [f"`{each}`" for each in UNITS]})
    if isinstance(written, str) and written.isascii() and written.isdigit():
        written = int(written[:9])
    if not isinstance(written, int) or isinstance(written, bool):
        return _NO_NUMBER
    return times(UNITS[unit], written) or _NO_NUMBER


def _columns(element: str, contract: Contract, dataset: Dataset) -> Iterator[str | None]:
    """Yield the columns of ``dataset`` that the elements name; ``None`` for it as a whole."""
    for part in [part.strip() for part in element.split(",")]:
        named = [(each, *_named(part, each)) for each in contract.datasets]
        if not any(about for _, about, _ in named):  # it speaks of none of them: then of all
            yield None
        for each, about, column in named:
            if about and each is dataset:
                yield column


def _named(element: str, dataset: Dataset) -> tuple[bool, str | None]:
    """Say whether an element is about ``dataset``, and which column of it, if of one."""
    names = {dataset.object, dataset.id.name, dataset.node.text("physicalName") or dataset.object}
    owner, _, column = element.rpartition(".")
    if element in names:
        return True, None
    if owner in names or not owner:
        return dataset.column(column) is not None, column
    return False, None
