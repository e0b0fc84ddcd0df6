"""Use case: what one agreement grants that another did not, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from headwater.app.agreement_sign import agreement_of
from headwater.app.revisions import load_at
from headwater.app.trace import workspace_at
from headwater.catalog.agreements import read_agreement
from headwater.catalog.errors import InputError
from headwater.catalog.files import find_root
from headwater.catalog.forms import Form, Problems
from headwater.catalog.model import LEVELS
from headwater.catalog.nodes import Mapping
from headwater.catalog.yaml_source import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.model import Agreement, Workspace

Direction = Literal["granted", "withdrawn", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in which two agreements differ.

    Attributes:
        direction: Whether more may be done now, less, or simply something else.
        key: What differs, as agreements call it.
        before: What it was; none where nothing was said.
        after: What it is.
    """

    direction: Direction
    key: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two agreements and all in which they differ."""

    old: Agreement
    new: Agreement
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """An agreement and the workspace that knows its contracts and purposes, if there is one."""

    agreement: Agreement
    workspace: Workspace | None

    def columns(self) -> set[str]:
        """Return what is given, column by column; where no contract is known, as written."""
        found = set()
        for grant in self.agreement.grants:
            contract = self.workspace.contracts.get(grant.contract) if self.workspace else None
            given = [each for each in (contract.datasets if contract else ()) if grant.covers(each)]
            found |= {
                f"{grant.contract}.{dataset.object}#{column.name}"
                for dataset in given
                for column in dataset.columns
                if grant.gives(column.name)
            }
            if contract is None:
                under = f"{grant.contract}.{grant.object or '*'}"
                found |= {f"{under}#{glob.pattern}" for glob in grant.columns}
        return found

    def purposes(self) -> set[str]:
        return set(self.agreement.purposes)

    def agrees(self, purpose: str) -> bool:
        above = self.workspace.purpose_and_above(purpose) if self.workspace else (purpose,)
        return bool(self.purposes() & set(above))


def compare(old: str, new: str, *, start: Path, git: str | None) -> Comparison:
    """Return in what the agreements ``old`` and ``new`` differ.

    Each is a file, the id of an agreement of the workspace at ``start``, or ``REVISION:ID``, the
    agreement as it was at a git revision.

    Raises:
        UnknownNameError: There is no such agreement.
        InputError: There is no workspace, or no such revision.
        DocumentError: A file is wrong.
    """
    sides = [_side(name, start, git) for name in (old, new)]
    return Comparison(sides[0].agreement, sides[1].agreement, tuple(_changes(*sides)))


def _side(name: str, start: Path, git: str | None) -> _Side:
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return _Side(_of_file(path), _workspace_around(start))
    revision, colon, inner = name.rpartition(":")
    if colon and revision:
        workspace = load_at(revision, start, git=git).workspace
        return _Side(agreement_of(workspace, inner), workspace)
    workspace = workspace_at(start)
    return _Side(agreement_of(workspace, name), workspace)


def _workspace_around(start: Path) -> Workspace | None:
    try:
        root = find_root(start)
    except InputError:  # a file may be compared where there is no workspace
        return None
    return workspace_at(root)


def _of_file(path: Path) -> Agreement:
    node, problems = read_yaml(path, path.name), Problems()
    if not isinstance(node, Mapping):
        node = Form(node, problems, path.name).node  # which says what is wrong
    elif node.text("kind") != "agreement":
        kind = node.text("kind") or "?"
        problems.add(
            "unknown-kind", node.at("kind"), kind=kind, known=("agreement",), suggestion="agreement"
        )
    found = read_agreement(node, problems)
    problems.raise_any()
    return found


def _changes(old: _Side, new: _Side) -> Iterator[Change]:
    yield from _set("columns", old.columns(), new.columns())
    yield from _purposes(old, new)
    yield from _validity(old.agreement, new.agreement)
    yield from _state(old.agreement, new.agreement)
    yield from _onward(old.agreement, new.agreement)
    yield from _conditions(old.agreement, new.agreement)
    yield from _rest(old.agreement, new.agreement)


def _set(key: str, before: set[str], after: set[str]) -> Iterator[Change]:
    if more := after - before:
        yield Change("granted", key, (), tuple(sorted(more)))
    if less := before - after:
        yield Change("withdrawn", key, tuple(sorted(less)), ())


def _purposes(old: _Side, new: _Side) -> Iterator[Change]:
    """Yield purposes that are agreed now and were not, and the other way round.

    One that lies under a purpose that stays agreed is no change.
    """
    more = {each for each in new.purposes() if not old.agrees(each)}
    less = {each for each in old.purposes() if not new.agrees(each)}
    yield from _set("purposes", less, more)


def _validity(old: Agreement, new: Agreement) -> Iterator[Change]:
    if old.start != new.start:
        direction: Direction = "granted" if new.start < old.start else "withdrawn"
        yield Change(direction, "valid.from", (str(old.start),), (str(new.start),))
    if old.until != new.until:
        longer = new.until is None or (old.until is not None and new.until > old.until)
        yield Change(
            "granted" if longer else "withdrawn",
            "valid.until",
            (str(old.until),) if old.until else (),
            (str(new.until),) if new.until else (),
        )


def _state(old: Agreement, new: Agreement) -> Iterator[Change]:
    if old.state != new.state:
        direction: Direction = (
            "granted" if new.state is None else "withdrawn" if old.state is None else "changed"
        )
        yield Change(direction, "state", _one(old.state), _one(new.state))


def _onward(old: Agreement, new: Agreement) -> Iterator[Change]:
    if None not in (old.onward, new.onward):
        yield from _set("onward", set(old.onward or ()), set(new.onward or ()))
    elif old.onward != new.onward:
        direction: Direction = "granted" if new.onward is None else "withdrawn"
        yield Change(direction, "onward", _to(old), _to(new))


def _to(agreement: Agreement) -> tuple[str, ...]:
    return ("any",) if agreement.onward is None else tuple(sorted(agreement.onward))


def _conditions(old: Agreement, new: Agreement) -> Iterator[Change]:
    yield from _level(old.max_level, new.max_level)
    masked = [{glob.pattern for glob in each.terms.masked} for each in (old, new)]
    yield from _restriction("conditions.masked", *masked)
    least = (old.terms.min_k or 1, new.terms.min_k or 1)
    if least[0] != least[1]:
        direction: Direction = "granted" if least[1] < least[0] else "withdrawn"
        before, after = (_one(each.terms.min_k) for each in (old, new))
        yield Change(direction, "conditions.min_k", before, after)
    places = [set(each.terms.location) for each in (old, new)]
    if places[0] != places[1]:
        yield from _bounded("conditions.location", *places)
    rows = [_rows(each) for each in (old, new)]
    yield from _restriction("conditions.rows", *rows)


def _level(old: str | None, new: str | None) -> Iterator[Change]:
    if old != new:
        ranks = [LEVELS.index(each) if each else len(LEVELS) for each in (old, new)]
        direction: Direction = "granted" if ranks[1] > ranks[0] else "withdrawn"
        yield Change(direction, "conditions.max_level", _one(old), _one(new))


def _restriction(key: str, before: set[str], after: set[str]) -> Iterator[Change]:
    """Yield what is not asked for any more (a grant) and what is asked for now."""
    if gone := before - after:
        yield Change("granted", key, tuple(sorted(gone)), ())
    if come := after - before:
        yield Change("withdrawn", key, (), tuple(sorted(come)))


def _bounded(key: str, before: set[str], after: set[str]) -> Iterator[Change]:
    """Yield how a list changed within which all must stay; an empty one bounds nothing."""
    if not before or not after:
        direction: Direction = "granted" if before else "withdrawn"
        yield Change(direction, key, tuple(sorted(before)), tuple(sorted(after)))
        return
    yield from _set(key, before, after)


def _rows(agreement: Agreement) -> set[str]:
    return {
        f"{limit.column} {limit.operator} {', '.join(map(str, limit.values))}"
        for limit in agreement.terms.rows
    }


def _rest(old: Agreement, new: Agreement) -> Iterator[Change]:
    yield from _kept(old, new)
    for key, before, after in (
        ("provider", old.provider, new.provider),
        ("consumer", old.consumer, new.consumer),
        ("mode", old.terms.mode, new.terms.mode),
        ("legal_basis.ground", old.ground, new.ground),
        ("legal_basis.mandate", old.mandate, new.mandate),
        ("impact_assessment", old.terms.assessment, new.terms.assessment),
        ("supersedes", old.terms.supersedes, new.terms.supersedes),
    ):
        if before != after:
            yield Change("changed", key, _one(before), _one(after))


def _kept(old: Agreement, new: Agreement) -> Iterator[Change]:
    pairs = [(r.at_most, r.then) if (r := each.terms.retention) else (None, None)
             for each in (old, new)]  # fmt: skip
    for key, before, after in zip(("at_most", "then"), *pairs, strict=True):
        if before != after:
            yield Change("changed", f"retention.{key}", _one(before), _one(after))


def _one(value: object) -> tuple[str, ...]:
    return () if value is None else (str(value),)
