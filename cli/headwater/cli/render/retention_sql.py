"""Statements that would do what a plan says: for a person to read. Headwater runs none of them.

Names are quoted as SQL identifiers; days are parameters. The file begins a transaction and ends
with a ROLLBACK: run as it is, it counts and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.catalog.visible import visible
from headwater.catalog.zones import end_of_day

if TYPE_CHECKING:
    import datetime

    from headwater.app.retention_plan import Clause, Plan, Step

_HEAD = """\
-- headwater retention plan, as of {day}: a dry run.
-- It ends with ROLLBACK. Read every statement; whoever answers for the data runs it, or not.
-- Parameters are named :p1, :p2 ...; the value of each stands above its statement.
BEGIN;"""


def statements(plan: Plan) -> str:
    """Return the file."""
    parts = [_HEAD.format(day=plan.survey.as_of.isoformat())]
    writer = _Writer(plan)
    for number, step in enumerate(plan.steps, 1):
        parts.append("\n".join(writer.lines(step, number)))
    return "\n\n".join([*parts, "ROLLBACK;"])


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._number = 0

    def lines(self, step: Step, number: int) -> list[str]:
        """Return one step: what it is, its parameters, its statements."""
        head = _comment(f"{number}. {step.action} {step.dataset}")
        if step.rule:
            head += _comment(f"   by {step.rule.rule} {' '.join(step.rule.basis)}")
        if step.jobs:
            head += _comment(f"   run again: {', '.join(map(str, step.jobs))}")
        if step.where is None:
            return head
        table = _table(step.dataset.name)
        if table is None:
            return [*head, "-- its name cannot be written as SQL"]
        if step.where.never:
            return [*head, "-- something keeps all of its records: no statement"]
        condition, parameters = self._condition(step)
        if condition is None:
            return [*head, "-- no column says which records are due: no statement"]
        return [*head, *parameters, *_pair(step, table, condition)]

    def _condition(self, step: Step) -> tuple[str | None, list[str]]:
        assert step.where is not None  # noqa: S101 - the caller has seen it
        shown: list[str] = []
        past = [self._before(step, clause, shown) for clause in step.where.past]
        free = [self._before(step, clause, shown) for clause in step.where.free]
        if None in past or None in free:
            return None, []
        due = "TRUE" if step.where.whole else " OR ".join(str(each) for each in past)
        if not due:
            return None, []
        return " AND ".join([f"({due})", *(f"({each})" for each in free)]), shown

    def _before(self, step: Step, clause: Clause, shown: list[str]) -> str | None:
        """Return that a column shows an earlier day than that after the last of ``clause``."""
        column = _quoted(clause.column)
        value = self._first_kept(step, clause)
        if column is None or value is None:
            return None
        self._number += 1
        shown.append(f"-- :p{self._number} = '{value}'")
        return f"{column} < :p{self._number}"

    def _first_kept(self, step: Step, clause: Clause) -> str | None:
        described = self._plan.survey.workspace.datasets.get(step.dataset)
        column = described.column(clause.column) if described else None
        if column is not None and column.logical_type == "timestamp":
            return end_of_day(clause.last, clause.zone)
        following = _following(clause.last)
        return following.isoformat() if following else None


def _following(day: datetime.date) -> datetime.date | None:
    from datetime import timedelta

    return day + timedelta(days=1) if day < day.max else None


def _pair(step: Step, table: str, condition: str) -> list[str]:
    count = f"SELECT count(*) FROM {table} WHERE {condition};"  # noqa: S608 - names are quoted
    if step.action == "delete":
        return [count, f"DELETE FROM {table} WHERE {condition};"]  # noqa: S608
    return [f"-- {step.action}: these records; how, its owner knows", count]


def _comment(text: str) -> list[str]:
    return [f"-- {visible(text)}"]


def _table(name: str) -> str | None:
    parts = [_quoted(part) for part in name.split(".")]
    return ".".join(part for part in parts if part) if all(parts) else None


def _quoted(name: str) -> str | None:
    r"""Return a name as an SQL identifier; ``None`` where it hides something.

    Example:
        >>> _quoted('a"b'), _quoted("a\nb") is None
        ('"a""b"', True)
    """
    if not name or visible(name) != name:
        return None
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
