"""How one state of a workspace's agreements differs from another, and whom that breaks."""

from __future__ import annotations

import datetime
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING

from headwater.catalog.change_rules import CHANGES, Changed
from headwater.catalog.model import LEVELS
from headwater.catalog.position import Position

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.model import Agreement, Workspace

_HANDLED = frozenset(
    (
        *("id", "provider", "consumer", "grants", "purposes", "start", "until", "state"),
        *("max_level", "onward", "places", "position", "paper", "terms"),
    )
)


def agreement_changes(old: Workspace, new: Workspace) -> Iterator[Changed]:
    """Yield what has changed from ``old`` to ``new``."""
    before = {agreement.id: agreement for agreement in old.agreements}
    after = {agreement.id: agreement for agreement in new.agreements}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            gone = _of("agreements/removed", before[name], **_parties(before[name]))
            yield replace(gone, before=True)
        elif name not in before:
            yield _of("agreements/added", after[name], **_parties(after[name]))
        else:
            yield from _agreement(old, new, before[name], after[name])


def _of(rule: str, agreement: Agreement, **values: object) -> Changed:
    filled = {"agreement": agreement.id, **values}
    return Changed(CHANGES[rule], ("agreement", agreement.id), filled, agreement.position)


def _parties(agreement: Agreement) -> dict[str, object]:
    return {"provider": agreement.provider, "consumer": agreement.consumer}


def _agreement(old: Workspace, new: Workspace, was: Agreement, now: Agreement) -> Iterator[Changed]:
    parties = [(each.provider, each.consumer) for each in (was, now)]
    if parties[0] != parties[1]:
        names = {"before": list(parties[0]), "after": list(parties[1])}
        yield _of("agreements/parties-changed", now, **names)
    yield from _granted(_given(old, was), _given(new, now), now)
    yield from _sets("purposes", set(was.purposes), set(now.purposes), now)
    yield from _validity(was, now)
    if was.state != now.state:
        out = now.state is not None
        pair = {"before": was.state or "-", "after": now.state or "-"}
        rule = "agreements/put-out-of-force" if out else "agreements/put-in-force"
        yield _of(rule, now, **pair)
    yield from _ceiling(was, now)
    yield from _sets("onward", _onward(old, was), _onward(new, now), now)
    for name in (each.name for each in fields(now)):
        if name not in _HANDLED and getattr(was, name) != getattr(now, name):
            yield _of("agreements/terms-changed", now, name=name)
    for name in (each.name for each in fields(now.terms)):
        if _said(getattr(was.terms, name)) != _said(getattr(now.terms, name)):
            yield _of("agreements/terms-changed", now, name=name)
    if was.paper.envelope != now.paper.envelope:
        yield _of("agreements/terms-changed", now, name="signatures")


def _said(value: object) -> object:
    """Return a value without the places where it stands."""
    if isinstance(value, Position):
        return None
    if isinstance(value, tuple):
        return tuple(map(_said, value))
    if is_dataclass(value):
        return [_said(getattr(value, each.name)) for each in fields(value)]
    return value


def _given(workspace: Workspace, agreement: Agreement) -> dict[str, set[str]]:
    """Return what is granted: dataset → its columns that any glob fits, and globs that fit none."""
    found: dict[str, set[str]] = {}
    for grant in agreement.grants:
        contract = workspace.contracts.get(grant.contract)
        for dataset in contract.datasets if contract else ():
            if grant.covers(dataset):
                columns = found.setdefault(dataset.id.name, set())
                columns |= {
                    column.name
                    for column in dataset.columns
                    if any(glob.matches(column.name) for glob in grant.columns)
                }
    return found


def _granted(
    before: dict[str, set[str]], after: dict[str, set[str]], now: Agreement
) -> Iterator[Changed]:
    for dataset in sorted(before.keys() | after.keys()):
        was, is_ = before.get(dataset, set()), after.get(dataset, set())
        if more := sorted(is_ - was):
            yield _of("agreements/columns-granted", now, dataset=dataset, after=more)
        if less := sorted(was - is_):
            yield _of("agreements/columns-withdrawn", now, dataset=dataset, before=less)


def _sets(name: str, was: set[str], is_: set[str], now: Agreement) -> Iterator[Changed]:
    if more := sorted(is_ - was):
        yield _of(f"agreements/{name}-added", now, after=more)
    if less := sorted(was - is_):
        yield _of(f"agreements/{name}-removed", now, before=less)


def _onward(workspace: Workspace, agreement: Agreement) -> set[str]:
    return set(workspace.departments if agreement.onward is None else agreement.onward)


def _validity(was: Agreement, now: Agreement) -> Iterator[Changed]:
    old, new = (was.start, was.until), (now.start, now.until)
    if old == new:
        return
    never = datetime.date.max
    shorter = now.start > was.start or (now.until or never) < (was.until or never)
    rule = "agreements/shortened" if shorter else "agreements/extended"
    yield _of(rule, now, before=_term(*old), after=_term(*new))


def _term(start: datetime.date, until: datetime.date | None) -> str:
    return f"{start.isoformat()} .. {until.isoformat() if until else ''}".rstrip()


def _ceiling(was: Agreement, now: Agreement) -> Iterator[Changed]:
    old, new = _rank(was.max_level), _rank(now.max_level)
    if old != new:
        rule = "agreements/level-raised" if new > old else "agreements/level-lowered"
        yield _of(rule, now, before=was.max_level or "-", after=now.max_level or "-")


def _rank(level: str | None) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
