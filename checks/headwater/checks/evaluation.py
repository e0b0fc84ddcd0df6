"""Reads what checks ask of, shows it to them as each sees it, and has an engine judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from headwater.catalog.text import Text
from headwater.checks.custom import columns_of
from headwater.checks.data import DataFile, columns_in, read_columns
from headwater.checks.kept import Results, unjudged
from headwater.checks.model import Unreadable
from headwater.checks.queries import QUERY
from headwater.checks.table import Table, UnreadableError
from headwater.checks.views import seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from headwater.checks.model import Check, View

_NO_ROWS = Text("`{file}` has no records", "`{file}` 没有记录")


class CheckRunner(Protocol):
    """Anything that can judge checks on the data of one dataset."""

    def version(self) -> str:
        """Return what, when it changes, may change a verdict."""
        ...

    def judge(
        self,
        table: Table,
        groups: Mapping[View, Sequence[Check]],
        references: Mapping[str, Set[object]],
    ) -> Results:
        """Return a verdict, or a reason why there is none, for each check by its key.

        The checks come grouped by how they see the data. It raises nothing for a check that it
        cannot evaluate, and returns no value of the data.

        Raises:
            UnreadableError: The data as a whole cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values must exist: the name that checks give it, and where it is."""

    name: str
    data: DataFile
    column: str


def evaluate(
    data: DataFile, checks: Sequence[Check], references: Sequence[Reference], runner: CheckRunner
) -> Results | Unreadable:
    """Return the verdict of each check, or why the data as a whole cannot be read."""
    names = columns_in(data)
    if isinstance(names, Unreadable):
        return names
    table = Table(data, names)
    try:
        return _evaluated(table, checks, references, runner)
    except UnreadableError as error:
        return error.found


def _evaluated(
    table: Table, checks: Sequence[Check], references: Sequence[Reference], runner: CheckRunner
) -> Results:
    results: Results = {}
    if not table.has_rows():
        reason = unjudged(_NO_ROWS.fill({"file": table.data.file}))
        results = {check.key: reason for check in checks if not of_table(check)}
    existing, missing = _existing(references)
    for check in checks:
        if check.reference and (found := missing.get(str(check.kwargs["reference"]))):
            results[check.key] = unjudged(found)
    left = [check for check in checks if check.key not in results]
    groups: dict[View, list[Check]] = {}
    for check in left:
        groups.setdefault(check.view, []).append(check)
    judged = runner.judge(table, dict(sorted(groups.items())), existing) if groups else {}
    for check in left:
        number = sum(table.unseen.get((n, check.view), 0) for n in columns_of(check.kwargs))
        results[check.key] = _with_unseen(judged[check.key], number)
    return results


def _with_unseen(result: dict[str, object], number: int) -> dict[str, object]:
    """Return a result that fails for the values that its view could not show."""
    counts = result.get("result")
    if not number or not isinstance(counts, dict):
        return result
    counted = {name: value for name, value in counts.items() if not name.endswith("percent")}
    counted = {name: value for name, value in counted.items() if "_percent_" not in name}
    counted["unexpected_count"] = (counted.get("unexpected_count") or 0) + number
    if counted.get("missing_count"):
        counted["missing_count"] -= number
    return {**result, "success": False, "result": counted, "unseen": number}


def of_table(check: Check) -> bool:
    """Say whether a check asks of the table as such, its rows or its columns."""
    of_rows = check.expectation == QUERY or check.expectation.startswith("expect_table_")
    return of_rows or asks_for_names(check)


def asks_for_names(check: Check) -> bool:
    """Say whether a check asks which columns there are, so that one may well be missing."""
    name = check.expectation
    return name.startswith("expect_table_column") or name == "expect_column_to_exist"


def columns_for(table: Table, checks: Sequence[Check]) -> list[str]:
    """Return the columns that a group of checks needs to see."""
    if any(asks_for_names(check) or check.expectation == QUERY for check in checks):
        return list(table.names)
    needed = {name for check in checks for name in columns_of(check.kwargs)}
    found = sorted(needed & set(table.names))
    return found or list(table.names[:1])  # to count rows, any one column will do


def _existing(
    references: Sequence[Reference],
) -> tuple[dict[str, frozenset[object]], dict[str, Text]]:
    """Return the values that exist, and why there are none, by reference."""
    found: dict[str, frozenset[object]] = {}
    missing: dict[str, Text] = {}
    for reference in references:
        other = read_columns(reference.data, [reference.column])
        if isinstance(other, Unreadable):
            missing[reference.name] = other.reason
        else:
            values, _ = seen(other[reference.column], "text")
            found[reference.name] = frozenset(values.dropna())
    return found, missing
