"""What terms come to, against an independent model on small graphs: no difference, ever."""

from __future__ import annotations

import importlib.util
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from headwater.app.retention_cascade import derived_first, made_from, owners_above
from headwater.app.retention_judge import judge
from headwater.app.retention_model import Bounds, Declared, Judged, Start, State
from headwater.app.retention_plan import Where, where_due
from headwater.app.retention_terms import limits_of
from headwater.catalog.globs import Glob
from headwater.catalog.holds import Hold, Scope
from headwater.catalog.ids import DatasetId
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.lineage.terms import Arrivals, Ways, path_to, spread

if TYPE_CHECKING:
    import datetime
    from types import ModuleType


def _model() -> ModuleType:
    path = Path(__file__).with_name("retention_model.py")
    spec = importlib.util.spec_from_file_location("retention_model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["retention_model"] = module
    spec.loader.exec_module(module)
    return module


model: Any = _model()
AT = Position("p.yaml", 1, 1)
ZONE = "Asia/Shanghai"
SHORT, LONG = 2_000, 100_000


def dataset(number: int) -> DatasetId:
    return DatasetId("db", f"d{number}")


def declared(term: Any) -> Declared:
    start = None if term.column is not None else Start(term.first, term.start)
    return Declared(
        source="policy",
        rule=term.rule,
        dataset=dataset(term.at),
        period=term.period,
        column=None if term.column is None else f"c{term.column}",
        event=None if term.column is not None else "collected",
        start=start,
        zone=ZONE,
        then="delete",
        basis=(),
        decides="d",
        unknown=("resource.level",) if term.unknown else (),
        position=AT,
    )


def ways_of(world: Any) -> Ways:
    copies: dict[DatasetId, list[DatasetId]] = {}
    same: dict[tuple[DatasetId, str], list[tuple[DatasetId, str]]] = {}
    for a, b in world.edges:
        copies.setdefault(dataset(a), []).append(dataset(b))
    for a, c, b, d in world.same:
        same.setdefault((dataset(a), f"c{c}"), []).append((dataset(b), f"c{d}"))
    return Ways(copies, same)


def hold_of(day: datetime.date) -> Hold:
    scope = (Scope(Glob("*"), Glob("*")),)
    title = Text("h", "h")
    return Hold("h", title, scope, title, "d", (), day, day, None, AT, AT)


def check(seed: int) -> None:
    """Compare everything about one world; the seed is in whatever fails."""
    world = model.world(seed)
    ways = ways_of(world)
    limits = limits_of([declared(each) for each in world.maxima], world.as_of)
    arrivals = spread(limits, ways)
    for number, wanted in model.reached(world).items():
        found = arrivals.get(dataset(number), Arrivals())
        check_arrivals(seed, world, dataset(number), found, wanted)
        check_paths(seed, world, dataset(number), found, arrivals)
        bounds = Bounds(
            arrivals=found,
            minima=tuple(declared(each) for each in world.minima if each.at == number),
            holds=(hold_of(world.as_of),) if number in world.held else (),
            personal=number in world.personal,
        )
        check_records(seed, world, number, bounds, wanted)
    check_cascade(seed, world, ways)


def check_arrivals(seed: int, world: Any, place: DatasetId, found: Arrivals, wanted: Any) -> None:
    day = found.day.limit.ends if found.day else None
    assert day == min(wanted.days, default=None), (seed, place)
    assert (found.open is not None) == wanted.open, (seed, place)
    clocks = {(int((each.column or "")[1:]), each.limit.period) for each in found.columns}
    assert clocks == wanted.columns, (seed, place)
    assert {each.limit.period for each in found.follows} == wanted.lost, (seed, place)
    assert len(found.columns) == len(clocks), (seed, place)


def check_paths(
    seed: int, world: Any, place: DatasetId, found: Arrivals, arrivals: dict[DatasetId, Arrivals]
) -> None:
    edges = {(dataset(a), dataset(b)) for a, b in world.edges}
    days = [each for each in (found.day, found.open) if each]
    for each in (*days, *found.columns, *found.follows):
        path = path_to(place, each, arrivals)
        assert path[0] == each.limit.dataset, (seed, place)
        assert path[-1] == place, (seed, place)
        assert len(path) == each.hops + 1, (seed, place)
        assert set(pairwise(path)) <= edges, (seed, place)


def check_records(seed: int, world: Any, number: int, bounds: Bounds, wanted: Any) -> None:
    judged = Judged(dataset(number), None, bounds, (), ())
    where = where_due(judged, world.as_of)
    for record in (*world.records[number], (None, None)):
        days = {(f"c{n}", ZONE): day for n, day in enumerate(record)}
        verdict = judge(bounds, days, world.as_of)
        allowed = model.state(world, number, record, wanted)
        assert verdict.state.value == allowed, (seed, number, record)
        conflict = model.conflict(world, number, record, wanted)
        assert verdict.conflict == conflict, (seed, number, record)
        if verdict.state is State.FREEZE:
            assert verdict.frozen_since is not None, (seed, number)
            assert verdict.frozen_since <= world.as_of, (seed, number)
        assert selects(where, record) == (allowed == "delete"), (seed, number, record)


def selects(where: Where, record: tuple[datetime.date | None, ...]) -> bool:
    """Say whether the condition of the statements picks a record: an absent day never does."""

    def past(column: str, last: datetime.date) -> bool:
        day = record[int(column[1:])]
        return day is not None and day <= last

    due = where.whole or any(past(each.column, each.last) for each in where.past)
    return due and not where.never and all(past(each.column, each.last) for each in where.free)


def check_cascade(seed: int, world: Any, ways: Ways) -> None:
    starts = [n for n in range(world.size) if n % 2 == 0]
    owners = {dataset(n): f"d{n % 3}" for n in starts}
    wanted: dict[DatasetId, set[str]] = {}
    for start in starts:
        for copy in model.made_from(world, start):
            wanted.setdefault(dataset(copy), set()).add(owners[dataset(start)])
    found = made_from([dataset(n) for n in starts], ways.copies)
    assert found == wanted.keys(), seed
    assert owners_above(owners, ways.copies) == wanted, seed
    order = derived_first([dataset(n) for n in range(world.size)], ways.copies)
    places = {place: at for at, place in enumerate(order)}
    assert len(places) == world.size, seed
    for one in range(world.size):
        for other in model.below(world, one):
            if one not in model.below(world, other):
                assert places[dataset(other)] < places[dataset(one)], seed


def test_terms_agree_with_the_model_on_generated_graphs() -> None:
    for seed in range(SHORT):
        check(seed)


@pytest.mark.slow
@pytest.mark.long
def test_terms_agree_with_the_model_on_a_hundred_thousand_graphs() -> None:
    for seed in range(SHORT, SHORT + LONG):
        check(seed)


def test_the_worlds_have_everything_in_them() -> None:
    """The model would prove nothing on worlds where nothing happens."""
    seen: set[str] = set()
    for seed in range(300):
        world = model.world(seed)
        for number, what in model.reached(world).items():
            for record in world.records[number]:
                seen.add(model.state(world, number, record, what))
                if model.conflict(world, number, record, what):
                    seen.add("conflict")
    assert seen == {each.value for each in State} | {"conflict"}
