"""Times a retention plan: ``python tests/benchmarks/retention.py [--datasets N]``.

Every dataset is described by a contract. They lie in ten layers, each made from two of the layer
before in a neighbourhood of a thousand; three in ten have a term of their own, one in fifty a
minimum. Of one dataset in two hundred some records are due, and so of many that are made from it. Left out, because they are others' to measure: reading
files of YAML and events, and counting records (each dataset with a clock has three cohorts).
"""

from __future__ import annotations

import argparse
import datetime
import random
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from headwater.app.collecting import collecting_later
from headwater.app.labels import labels_of_workspace
from headwater.app.loading import Loaded, load
from headwater.app.report import EngineLabel
from headwater.app.retention_lineage import Moves
from headwater.app.retention_plan import plan
from headwater.app.retention_survey import Surveyor
from headwater.app.retention_terms import holding
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.model import Column, Contract, Dataset
from headwater.catalog.nodes import Mapping
from headwater.catalog.position import Position
from headwater.checks.cohorts import Cohort
from headwater.lineage.graph import Graph
from headwater.lineage.model import Edge, Node
from headwater.policies import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = datetime.date(2026, 11, 1)
AT = Position("generated.yaml", 1, 1)
DEPARTMENTS = 20
WORKSPACE = """\
kind: workspace
id: many
categories: [kept]
"""
POLICY = """\
kind: retention-policy
id: many
title: {en: Many, zh: 多}
owner: d0
effective: {from: 2020-01-01}
rules:
  - {id: short, at_most: P1Y, since: {column: made_on}, then: delete, when: {resource.categories: {has: health}}}
  - {id: long, at_most: P9Y, since: collected, then: delete, when: {resource.categories: {has: minors}}}
  - {id: kept, at_least: P3Y, since: {column: made_on}, when: {resource.categories: {has: kept}}}
"""


def workspace(folder: Path, datasets: int) -> Loaded:
    """Return a workspace of so many datasets, its policies read from YAML."""
    departments = "\n".join(
        f'  - {{id: d{n}, name: D{n}, level: city, region: "330100", clearance: core}}'
        for n in range(DEPARTMENTS)
    )
    (folder / "headwater.yaml").write_text(WORKSPACE, encoding="utf-8")
    text = f"kind: departments\ndepartments:\n{departments}\n"
    (folder / "departments.yaml").write_text(text, encoding="utf-8")
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    found = load(folder)
    dice = random.Random(8)  # noqa: S311 - reproducible
    empty = Mapping((), AT)
    made = tuple(dataset(n, dice, empty) for n in range(datasets))
    contract = Contract("all", "1.0.0", "active", "d0", (), made, empty, AT)
    return Loaded(replace(found.workspace, contracts={"all": contract}), found.policies)


def dataset(number: int, dice: random.Random, empty: Mapping) -> Dataset:
    """Return one dataset; what it holds is by chance."""
    chance = dice.random()
    tags = ["personal"]
    tags += ["health"] if chance < 0.2 else ["minors"] if chance < 0.3 else []
    tags += ["kept"] if dice.random() < 0.02 else []
    columns = (
        Column("id", "string", "general-2", tuple(tags), AT),
        Column("made_on", "date", "general-1", (), AT),
    )
    identity = DatasetId("db", f"d{number:06}")
    department = f"d{number % DEPARTMENTS}"
    return Dataset(identity, "all", f"d{number}", department, columns, empty, AT)


def edges(datasets: list[DatasetId]) -> Iterator[Edge]:
    """Yield two ways into each dataset, from the layer before it in its neighbourhood."""
    dice = random.Random(9)  # noqa: S311 - reproducible
    for number, target in enumerate(datasets):
        layer = number % 1_000 // 100
        if not layer:
            continue
        for _ in range(2):
            near = number - number % 1_000 + (layer - 1) * 100 + dice.randrange(100)
            source = datasets[min(near, len(datasets) - 1)]
            if source == target:
                continue
            yield edge(source, target)
            if dice.random() < 0.5:
                yield edge(ColumnId(source, "made_on"), ColumnId(target, "made_on"))


def edge(source: Node, target: Node) -> Edge:
    """Return one edge that was seen."""
    return Edge(
        *(source, target, JobId("jobs", "j"), None, "direct", False, "observed"),
        first_seen="2021-01-01T00:00:00Z",
        last_seen="2026-10-01T00:00:00Z",
        runs=("r",),
        position=None,
        subtypes=("IDENTITY",),
    )


def say(line: str) -> None:
    """Print a line."""
    print(line)  # noqa: T201


def main() -> None:
    """Print how much time of the processor each part took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=100_000)
    wanted = parser.parse_args()
    with TemporaryDirectory() as folder:
        loaded = workspace(Path(folder), wanted.datasets)
    known = sorted(loaded.workspace.datasets)
    graph = Graph(edges(known))
    young = tuple(Cohort((datetime.date(2026, month, 1),), 10) for month in (3, 6, 9))
    some_due = (Cohort((datetime.date(2023, 6, 1),), 10), *young[1:])
    with open_engine("native", loaded.policies) as engine:
        moves = Moves(graph.edges)
        began = time.process_time()
        labels = labels_of_workspace(loaded.workspace, graph)
        assert labels.effective
        say(f"labels: {time.process_time() - began:.2f} s")
        began = time.process_time()
        held = holding(loaded, engine, labels, moves, DAY)
        say(f"rules that hold, native engine: {time.process_time() - began:.2f} s")
        began = time.process_time()
        surveyor = Surveyor(
            loaded=loaded,
            engine=EngineLabel(engine.name, engine.version, loaded.policies.revision),
            graph=graph,
            labels=labels,
            moves=Moves(graph.edges),
            held_on=lambda _day: held,
            counted=lambda each, _: some_due if int(each.name[1:]) % 200 == 0 else young,
        )
        with collecting_later():
            survey = surveyor.on(DAY)
            surveyed = time.process_time()
            found = plan(survey)
            ended = time.process_time()
    say(
        f"{len(survey.judged):,} datasets, {len(graph.edges):,} edges judged: {surveyed - began:.2f} s"
    )
    say(f"{len(found.steps):,} steps, {len(found.findings):,} findings: {ended - surveyed:.2f} s")
    say(f"planned: {ended - began:.2f} s")


if __name__ == "__main__":
    main()
