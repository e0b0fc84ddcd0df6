"""How long the gate takes to judge 10^6 flows: one run, one table, the share of each step.

`python tests/benchmarks/gate.py [FLOWS]` builds a workspace and its graph in memory (that is
loading, and not counted), then times what `headwater check` does with them: finding the flows,
asking, deciding, reporting. It fails where all steps together take more than 10 s per 10^6 flows of
processor time, or where the process grew beyond 1 GB.

The mix is that of recorded lineage. A flow is one column that reaches one dataset of another
department for one purpose, so 10^6 of them are not 10^6 different situations:

* 40 departments; each has 25 datasets of 25 columns. A dataset is shared with about 5 others, and
  each makes 8 tables of it, by 8 jobs that copy all its columns: 40,000 jobs, as many entries.
  9 in 10 of the jobs of one department on one dataset work for the same purpose.
* A column has one of 4 levels (most are low), 1 in 5 is personal, 1 in 20 unlabelled.
* Two departments have an agreement in 9 of 10 cases, over 3 in 4 of the contract's columns, for one
  of 12 purposes; 1 in 20 has run out; the job's purpose is the agreed one in 9 of 10 cases, one below
  it in 1 of 20, another one in the rest.
* 1 in 10 entries is passed on to a third department: onward flows; 1 in 20 masks; 1 in 50 is only
  implied.
"""

from __future__ import annotations

import datetime
import resource
import sys
import time
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

from headwater.app.flow_findings import cases, flow_findings
from headwater.app.gate import judged_of
from headwater.app.labels import WorkspaceLabels, labels_of_workspace
from headwater.app.loading import Loaded
from headwater.app.pause import collection_paused
from headwater.app.questions import asked
from headwater.app.sharing import Agreements
from headwater.catalog.elements import BUILT_IN
from headwater.catalog.forms import Problems
from headwater.catalog.globs import Glob
from headwater.catalog.ids import ColumnId, DatasetId, JobId
from headwater.catalog.label_rules import LabelSettings
from headwater.catalog.lineage_sources import LineageSources
from headwater.catalog.model import (
    Agreement,
    Column,
    Contract,
    Dataset,
    Department,
    Grant,
    Labelling,
    NamespaceRule,
    Purpose,
    Workspace,
)
from headwater.catalog.nodes import Mapping
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.lineage import Graph
from headwater.lineage.flows import find_flows
from headwater.lineage.model import Edge
from headwater.policies import load_policies
from headwater.policies.native import NativeEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.lineage.model import Node

_Found = TypeVar("_Found")
DAY = datetime.date(2026, 11, 1)
DEPARTMENTS, DATASETS, COLUMNS, ENTRIES = 40, 25, 25, 8
AIM_SECONDS, AIM_MEGABYTES = 10.0, 1024
AT = Position("made.yaml", 1, 1)
SEEN = "2026-10-01T00:00:00Z"
LEVELS = ("general-1", "general-1", "general-2", "general-2", "general-3", "general-4")


def main(flows: int) -> int:
    """Build, time, print; return the exit code."""
    made = _Made(Random(6), flows)  # noqa: S311 - no secret
    workspace, graph = made.workspace(), made.graph()
    _say(f"{len(workspace.datasets):,} datasets, {len(graph.edges):,} edges")
    with collection_paused():  # as the command does
        return timed(workspace, graph)


def timed(workspace: Workspace, graph: Graph) -> int:
    """Time what `headwater check` does with them; return the exit code."""
    timer = _Timer()
    found = timer("find the flows", lambda: find_flows(graph, workspace.department_of))
    states = dict.fromkeys(workspace.datasets, "passing")
    labels = timer("labels", lambda: _labelled(workspace, graph))
    agreements = Agreements(workspace, DAY)
    questions = timer.each("ask", asked(workspace, agreements, states, found, labels=labels))
    policies = load_policies(workspace, problems=Problems())
    engine, loaded = NativeEngine(policies), Loaded(workspace, policies)
    judged = timer("decide", lambda: judged_of(loaded, engine, questions, labels, DAY))
    grouped = timer("group the answers", lambda: cases(policies, judged.answered))
    findings = timer("say the findings", lambda: flow_findings(policies, workspace, grouped))
    _say(
        f"{len(found):,} flows, {judged.distinct:,} distinct questions, {len(findings):,} findings"
    )
    return timer.report(len(found))


def _labelled(workspace: Workspace, graph: Graph) -> WorkspaceLabels:
    """Return the labels, with every column's found."""
    labels = labels_of_workspace(workspace, graph)
    assert labels.effective
    return labels


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a benchmark talks


class _Timer:
    def __init__(self) -> None:
        self._rows: list[tuple[str, float]] = []
        self._within = 0.0

    def __call__(self, name: str, work: Callable[[], _Found]) -> _Found:
        start = time.process_time()
        found = work()
        self._rows.append((name, time.process_time() - start - self._within))
        self._within = 0.0
        return found

    def each(self, name: str, items: Iterator[_Found]) -> Iterator[_Found]:
        """Time what making the items takes, while another step uses them."""
        spent, size = 0.0, 50_000
        while True:
            start = time.process_time()
            part = list(islice(items, size))
            spent += time.process_time() - start
            if not part:
                break
            yield from part
        self._rows.append((name, spent))
        self._within = spent

    def report(self, flows: int) -> int:
        total = sum(seconds for _, seconds in self._rows)
        for name, seconds in self._rows:
            _say(f"{name:<24}{seconds:>9.2f} s{seconds / total:>8.0%}")
        aim = AIM_SECONDS * flows / 1_000_000
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        _say(f"{'in all':<24}{total:>9.2f} s   aim {aim:.2f} s{'' if total <= aim else '  MISSED'}")
        small = megabytes <= AIM_MEGABYTES
        _say(
            f"{'memory':<24}{megabytes:>9.0f} MB  aim {AIM_MEGABYTES} MB{'' if small else '  MISSED'}"
        )
        return int(total > aim or not small)


@dataclass
class _Made:
    """The workspace and the graph, from one seed."""

    chance: Random
    flows: int

    def __post_init__(self) -> None:
        self.departments = [f"d{number}" for number in range(DEPARTMENTS)]
        self.purposes = [f"p{number}" for number in range(12)]
        self.below = [f"{name}-x" for name in self.purposes]

    def workspace(self) -> Workspace:
        """Return the workspace."""
        contracts = {each.id: each for each in self._contracts()}
        return Workspace(
            root=Path("/nowhere"),
            id="made",
            title=Text("made", "造"),
            languages=("en", "zh"),
            engine="native",
            opa=None,
            checks_server=None,
            lineage=LineageSources(),
            edge_lists=(),
            categories=("personal",),
            departments={name: _department(name) for name in self.departments},
            purposes={
                name: Purpose(
                    name,
                    Text(name, name),
                    name.partition("-")[0] if "-" in name else None,
                    None,
                    AT,
                )
                for name in [*self.purposes, *self.below]
            },
            contracts=contracts,
            agreements=tuple(self._agreements(list(contracts.values()))),
            namespaces=tuple(
                NamespaceRule(Glob(f"pg://{name}"), Glob("*"), name, AT)
                for name in self.departments
            ),
            jobs=(),
            disabled_rules=(),
            policy_documents=(),
            test_documents=(),
            rego_modules=(),
            position=AT,
            labelling=Labelling(BUILT_IN, LabelSettings(), ()),
        )

    def _contracts(self) -> Iterator[Contract]:
        for name in self.departments:
            for number in range(DATASETS):
                yield self._contract(name, f"t{number}")

    def _contract(self, owner: str, table: str) -> Contract:
        columns = tuple(
            Column(
                name=f"c{number}",
                logical_type="string",
                level=self.chance.choice(LEVELS) if self.chance.random() > 0.05 else None,
                categories=("personal",) if self.chance.random() < 0.2 else (),
                position=AT,
            )
            for number in range(COLUMNS)
        )
        name = f"{owner}-{table}"
        dataset = Dataset(
            DatasetId(f"pg://{owner}", table), name, table, owner, columns, Mapping((), AT), AT
        )
        return Contract(name, "1", "active", owner, (), (dataset,), Mapping((), AT), AT)

    def _agreements(self, contracts: list[Contract]) -> Iterator[Agreement]:
        self.agreed: dict[tuple[str, str], str] = {}
        for provider in self.departments:
            for consumer in self.departments:
                if provider == consumer:
                    continue
                self.agreed[provider, consumer] = self.chance.choice(self.purposes)
                if self.chance.random() < 0.1:
                    continue
                mine = [each for each in contracts if each.department == provider]
                yield Agreement(
                    id=f"{provider}-{consumer}",
                    title=Text("", ""),
                    provider=provider,
                    consumer=consumer,
                    grants=tuple(Grant(each.id, None, self._globs(), AT) for each in mine),
                    purposes=(self.agreed[provider, consumer],),
                    ground="statutory-duty",
                    mandate=None,
                    start=datetime.date(2026, 1, 1),
                    until=datetime.date(2026, 9, 1) if self.chance.random() < 0.05 else None,
                    state=None,
                    max_level="general-4" if self.chance.random() < 0.5 else None,
                    onward=frozenset(self.chance.sample(self.departments, 5)),
                    places={},
                    position=AT,
                )

    def _globs(self) -> tuple[Glob, ...]:
        if self.chance.random() < 0.3:
            return (Glob("*"),)
        return tuple(Glob(f"c{n}") for n in range(COLUMNS) if self.chance.random() < 0.75)

    def graph(self) -> Graph:
        """Return the graph: about as many flows as are asked for."""
        edges: list[Edge] = []
        number = 0
        while len(edges) < self.flows:
            provider, consumer = self.chance.sample(self.departments, 2)
            source = DatasetId(f"pg://{provider}", f"t{self.chance.randrange(DATASETS)}")
            usual = self._purpose(provider, consumer)
            for _ in range(ENTRIES):
                same = self.chance.random() < 0.9
                purpose = usual if same else self._purpose(provider, consumer)
                entry = DatasetId(f"pg://{consumer}", f"entry{number}")
                edges += self._copied(source, entry, purpose, number)
                if self.chance.random() < 0.1:
                    third = self.chance.choice(self.departments)
                    if third not in (provider, consumer):
                        far = DatasetId(f"pg://{third}", f"far{number}")
                        edges += self._copied(entry, far, self._purpose(provider, third), number)
                number += 1
        return Graph(edges)

    def _purpose(self, provider: str, consumer: str) -> str:
        agreed = self.agreed[provider, consumer]
        drawn = self.chance.random()
        if drawn < 0.9:
            return agreed
        return f"{agreed}-x" if drawn < 0.95 else self.chance.choice(self.purposes)

    def _copied(
        self, source: DatasetId, target: DatasetId, purpose: str, number: int
    ) -> Iterator[Edge]:
        job = JobId("etl", f"job{number}-{target.name}")
        masked = self.chance.random() < 0.05
        whole = Edge(
            source=source, target=target, job=job, purpose=purpose, kind="direct", masked=masked,
            evidence="observed", first_seen=SEEN, last_seen=SEEN, runs=(f"r{number}",), position=AT,
        )  # fmt: skip
        if self.chance.random() < 0.02:
            yield replace(whole, evidence="implied")
            return
        ends: Iterator[tuple[Node, Node]] = (
            (ColumnId(source, f"c{n}"), ColumnId(target, f"c{n}")) for n in range(COLUMNS)
        )
        for start, end in ends:
            yield replace(whole, source=start, target=end)


def _department(name: str) -> Department:
    clearance = ("general-3", "general-4", "important")[int(name[1:]) % 3]
    return Department(name, Text(name, name), "city", "330100", clearance, None, AT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
