"""Proves stop-points: whether a transformation's real output is what it is declared to be.

Nothing is proved by silence: where data, columns or values are missing, nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.catalog.text import Text
from headwater.checks.data import columns_in, count_unlike, find_data, read_columns
from headwater.checks.model import Unreadable
from headwater.checks.views import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from headwater.catalog.model import Contract, Dataset, Workspace
    from headwater.catalog.stop_points import Proof, StopPoint
    from headwater.checks.data import DataFile

State = Literal["passing", "failing", "unproven"]

_NO_COLUMN = Text("`{file}` has no column {columns}", "`{file}` 没有字段 {columns}")
_NO_RECORDS = Text("`{file}` has no records", "`{file}` 没有记录")
_NO_VALUES = Text("`{column}` has no values", "`{column}` 没有值")
_NO_PATTERN = Text("`{pattern}` is no RE2 pattern", "`{pattern}` 不是 RE2 模式")
_NOT_GROUPED = Text("the values cannot be grouped", "这些值无法分组")
_SMALLEST = Text(
    "k: the smallest group has {found} of at least {wanted} records",
    "k：最小的组有 {found} 条记录，至少应为 {wanted} 条",
)
_DIVERSITY = Text(
    "l: a group has {found} of at least {wanted} values of `{column}`",
    "l：有一组的 `{column}` 只有 {found} 个取值，至少应为 {wanted} 个",
)
_GROUPS = Text(
    "records with fewer than {wanted} in `{column}`: {found} of {total}",
    "`{column}` 小于 {wanted} 的记录：{total} 条中有 {found} 条",
)
_FORMAT = Text(
    "values of `{column}` that do not have the form: {found} of {total}",
    "`{column}` 不符合格式的值：{total} 个中有 {found} 个",
)
_DROPPED = Text(
    "values that are still in `{column}`: {found}",
    "`{column}` 中仍有的值：{found} 个",
)


@dataclass(frozen=True, slots=True)
class Proved:
    """What the data says of a stop-point.

    Attributes:
        state: Only ``passing`` lowers any label.
        reason: Why it does not pass; what was measured, where it does.
        covers: The columns that were looked at; ``None``: every column of every record.
    """

    state: State
    reason: Text
    covers: frozenset[str] | None = frozenset()


def unproven(reason: Text) -> Proved:
    """Return that nothing is known."""
    return Proved("unproven", reason)


def prove(
    workspace: Workspace, dataset: Dataset, stop_point: StopPoint, columns: Sequence[str]
) -> Proved:
    """Return what the data of ``dataset`` says of a stop-point.

    Args:
        workspace: Where the data is.
        dataset: The output.
        stop_point: What is claimed of it.
        columns: The columns of the output that the stop-point names.
    """
    contract: Contract = workspace.contracts[dataset.contract]
    data = find_data(workspace, contract, dataset)
    if isinstance(data, Unreadable):
        return unproven(data.reason)
    names = columns_in(data)
    if isinstance(names, Unreadable):
        return unproven(names.reason)
    return _Trial(data, names, stop_point, tuple(columns)).verdict()


@dataclass(frozen=True, slots=True)
class _Trial:
    data: DataFile
    names: tuple[str, ...]
    stop_point: StopPoint
    columns: tuple[str, ...]

    def verdict(self) -> Proved:
        """Return the worst that any part of the proof comes to."""
        proof = self.stop_point.proof
        asked = self._asked()
        missing = [name for name in asked if name not in self.names]
        if missing and self.stop_point.kind != "drop":
            shown = [f"`{name}`" for name in missing]
            return unproven(_NO_COLUMN.fill({"file": self.data.file, "columns": shown}))
        present = [name for name in asked if name in self.names]
        frame = read_columns(self.data, present or self.names[:1])
        if isinstance(frame, Unreadable):
            return unproven(frame.reason)
        if not len(frame):
            return unproven(_NO_RECORDS.fill({"file": self.data.file}))
        found = list(self._parts(frame, proof))
        for state in ("unproven", "failing"):
            reasons = [each.reason for each in found if each.state == state]
            if reasons:
                return Proved("failing" if state == "failing" else "unproven", _joined(reasons))
        if not found:
            return unproven(_NO_RECORDS.fill({"file": self.data.file}))
        return Proved("passing", _joined([each.reason for each in found]), self._covers())

    def _asked(self) -> tuple[str, ...]:
        """Return the columns that the proof looks at, each once."""
        proof = self.stop_point.proof
        found: list[str] = []
        if proof.k is not None:
            found += self._quasi()
        found += [name for name in (proof.sensitive, proof.size_column) if name]
        if proof.format is not None or self.stop_point.kind == "drop":
            found += self.columns
        return tuple(dict.fromkeys(found))

    def _quasi(self) -> tuple[str, ...]:
        proof = self.stop_point.proof
        if proof.quasi_identifiers:
            return proof.quasi_identifiers
        return tuple(name for name in self.names if name != proof.sensitive)

    def _covers(self) -> frozenset[str] | None:
        """Return the columns whose labels may drop: those that were looked at."""
        proof = self.stop_point.proof
        if proof.min_group is not None and self.stop_point.kind == "aggregate":
            return None
        if proof.k is not None:
            return frozenset((*self._quasi(), *([proof.sensitive] if proof.sensitive else [])))
        return frozenset(self.columns)

    def _parts(self, frame: pd.DataFrame, proof: Proof) -> Iterator[Proved]:
        if proof.k is not None:
            yield from _anonymity(frame, list(self._quasi()), proof)
        if proof.min_group is not None and proof.size_column is not None:
            yield _group_sizes(frame[proof.size_column], proof.size_column, proof.min_group)
        if proof.format is not None:
            for name in self.columns:
                yield _form(frame[name], name, proof.format)
        if self.stop_point.kind == "drop":
            for name in self.columns:
                yield _emptiness(frame[name] if name in self.names else None, name)


def _anonymity(frame: pd.DataFrame, quasi: list[str], proof: Proof) -> Iterator[Proved]:
    try:
        groups = frame.groupby(quasi, dropna=False, sort=False)
        smallest = int(groups.size().min())
        yield _compared(smallest, proof.k or 0, _SMALLEST, None)
        if proof.sensitive is not None:
            fewest = int(groups[proof.sensitive].nunique(dropna=False).min())
            yield _compared(fewest, proof.l or 0, _DIVERSITY, proof.sensitive)
    except (TypeError, ValueError):  # lists and the like
        yield unproven(_NOT_GROUPED)


def _compared(found: int, wanted: int, text: Text, column: str | None) -> Proved:
    reason = text.fill({"found": found, "wanted": wanted, "column": column})
    return Proved("passing" if found >= wanted else "failing", reason)


def _group_sizes(values: pd.Series, column: str, wanted: int) -> Proved:
    """Return whether every record counts enough; what is no finite number does not."""
    import pandas as pd

    numbers = pd.to_numeric(values.map(text_of, na_action="ignore"), errors="coerce")
    enough = (numbers >= wanted) & (numbers < float("inf"))
    below = int((~enough).sum())
    figures = {"wanted": wanted, "column": column, "found": below, "total": len(values)}
    return Proved("failing" if below else "passing", _GROUPS.fill(figures))


def _form(values: pd.Series, column: str, pattern: str) -> Proved:
    known = values.dropna().map(text_of)
    if not len(known):
        return unproven(_NO_VALUES.fill({"column": column}))
    unlike = count_unlike(known, pattern)
    if unlike is None:
        return unproven(_NO_PATTERN.fill({"pattern": pattern}))
    figures = {"column": column, "found": unlike, "total": len(known)}
    return Proved("failing" if unlike else "passing", _FORMAT.fill(figures))


def _emptiness(values: pd.Series | None, column: str) -> Proved:
    left = 0 if values is None else int(values.notna().sum())
    reason = _DROPPED.fill({"column": column, "found": left})
    return Proved("failing" if left else "passing", reason)


def _joined(reasons: list[Text]) -> Text:
    return Text("; ".join(each.en for each in reasons), "；".join(each.zh for each in reasons))
