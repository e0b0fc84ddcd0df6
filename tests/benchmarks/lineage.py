"""Questions at size against networkx, igraph and plain SQLite, alternately, in one run.

    python tests/benchmarks/lineage.py [EDGES] [--cold]

``--cold`` also records the graph as events in a workspace, and times ``headwater lineage
downstream`` from the shell against bare Python.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from lineage_graph import (  # type: ignore[import-not-found]
    DEPARTMENTS,
    Generated,
    events,
    generate,
    write_folder,
)

from headwater.lineage.csr import FileGraph, open_graph
from headwater.lineage.filters import EVERYTHING

ASKED, ROUNDS, COLD = 200, 5, 15
Closure = Callable[[int], int]
"""From a node to the number of nodes downstream of it."""


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long something took."""
    begin, cpu = time.perf_counter(), time.process_time()
    yield
    wall, spent = time.perf_counter() - begin, time.process_time() - cpu
    say(f"{what:42} {wall:8.2f} s  (CPU {spent:.2f} s)")


def ours(graph: FileGraph) -> Closure:
    """Ask the graph in files."""
    return lambda node: len(graph.walk([node], "downstream", EVERYTHING)[0]) - 1


def by_networkx(graph: Generated) -> Closure:
    """Ask networkx."""
    import networkx as nx

    found: Any = nx.DiGraph()
    found.add_nodes_from(range(graph.count))
    found.add_edges_from(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    return lambda node: len(nx.descendants(found, node))


def by_igraph(graph: Generated) -> Closure:
    """Ask igraph."""
    import igraph  # type: ignore[import-not-found]

    found = igraph.Graph(
        n=graph.count, edges=np.stack([graph.source, graph.target], 1).tolist(), directed=True
    )
    return lambda node: len(found.subcomponent(node, mode="out")) - 1


def by_sqlite(graph: Generated) -> Closure:
    """Ask SQLite with a recursive query over an indexed table in memory."""
    found = sqlite3.connect(":memory:")
    found.execute("CREATE TABLE e (s INTEGER, t INTEGER, PRIMARY KEY (s, t)) WITHOUT ROWID")
    pairs = zip(graph.source.tolist(), graph.target.tolist(), strict=True)
    found.executemany("INSERT INTO e VALUES (?, ?)", pairs)
    query = (
        "WITH RECURSIVE r (n) AS (VALUES (?) UNION SELECT t FROM e JOIN r ON s = n)"
        " SELECT count(*) - 1 FROM r"
    )
    return lambda node: int(found.execute(query, (node,)).fetchone()[0])


def milliseconds(closure: Closure, node: int) -> tuple[float, float]:
    """Return how long one question takes by the clock, and of the processor."""
    begin, cpu = time.perf_counter(), time.process_time()
    closure(node)
    spent = time.process_time() - cpu
    return (time.perf_counter() - begin) * 1000, spent * 1000


def compare(graph: Generated, folder: Path, others: bool) -> int:
    """Print the table of engines; return the dataset of the median answer."""
    engines: dict[str, Closure] = {}
    with timed("write the arrays"):
        write_folder(graph, folder)
    with timed("open the arrays"):
        files = open_graph(folder, {})
    assert files is not None
    engines["headwater"] = ours(files)
    builders = {"networkx": by_networkx, "igraph": by_igraph, "sqlite": by_sqlite}
    for name, build in builders.items() if others else ():
        try:
            with timed(f"load {name}"):
                engines[name] = build(graph)
        except ImportError:
            say(f"{name} is not installed")
    rng = np.random.default_rng(1)
    made = np.flatnonzero((graph.layer >= 2) & (graph.layer <= 6))
    datasets = graph.first[rng.choice(made, ASKED)].tolist()
    columns = rng.choice(np.flatnonzero(graph.is_column()), ASKED).tolist()
    busy = np.argsort(np.bincount(graph.source, minlength=graph.count))[-50:].tolist()
    sizes = {node: engines["headwater"](node) for node in busy}
    hub = max(sizes, key=lambda node: sizes[node])
    check = [*datasets[:20], *columns[:20], hub]
    for name, closure in engines.items():
        assert [closure(n) for n in check] == [engines["headwater"](n) for n in check], name
    say(
        f"{'':12}{'dataset p50':>13}{'p99':>9}{'column p50':>13}{'p99':>9}"
        f"{f'hub ({sizes[hub]})':>15}{'hub, CPU':>10} ms"
    )
    rows: dict[str, list[list[tuple[float, float]]]] = {name: [[], [], []] for name in engines}
    for _ in range(ROUNDS):
        for name, closure in engines.items():
            for place, nodes in enumerate((datasets, columns, [hub])):
                rows[name][place] += [milliseconds(closure, node) for node in nodes]
    for name, found in rows.items():
        first, second, third = ([wall for wall, _ in each] for each in found)
        spent = statistics.median(cpu for _, cpu in found[2])
        p = [statistics.median(first), quantile(first), statistics.median(second), quantile(second)]
        say(
            f"{name:12}{p[0]:13.3f}{p[1]:9.3f}{p[2]:13.3f}{p[3]:9.3f}"
            f"{statistics.median(third):15.2f}{spent:10.2f}"
        )
    matrix(graph, files)
    alone(folder, hub)
    answers = sorted(datasets, key=engines["headwater"])
    return int(answers[ASKED // 2])


def alone(base: Path, hub: int) -> None:
    """Print what the widest question takes in a process that does nothing else."""
    words = [sys.executable, __file__, "--ask", str(hub), "--arrays", str(base)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    say(done.stdout.rstrip())


def ask(base: Path, hub: int) -> None:
    """Open the arrays and ask the widest question, and nothing else."""
    files = open_graph(base, {})
    assert files is not None
    answers = [milliseconds(ours(files), hub) for _ in range(ROUNDS)]
    walls, spents = (statistics.quantiles(column) for column in zip(*answers, strict=True))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (memory,) = (int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line)
    say(
        f"in a process of its own: hub {walls[1]:.1f} ms (CPU {spents[1]:.1f} ms), first time"
        f" {answers[0][0]:.1f} ms (numpy loaded before), {memory:.0f} MB in all"
    )


def quantile(values: list[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


def matrix(graph: Generated, files: FileGraph) -> None:
    """Print how long the matrix of departments takes."""
    from headwater.lineage.csr_matrix import find_file_matrix

    owners = [f"d{owner:02}" for owner in graph.owner.tolist()]
    times, spent = [], []
    for _ in range(ROUNDS):
        begin, cpu = time.perf_counter(), time.process_time()
        found = find_file_matrix(files, owners, {})
        spent.append((time.process_time() - cpu) * 1000)
        times.append((time.perf_counter() - begin) * 1000)
    say(
        f"matrix {DEPARTMENTS} x {DEPARTMENTS}: {statistics.median(times):.0f} ms"
        f" (best {min(times):.0f}, CPU {statistics.median(spent):.0f});"
        f" pairs with flows {len(found.cells)}, reachable {len(found.reach)}"
    )


def cold(graph: Generated, folder: Path, typical: int) -> None:
    """Print how long the command takes against bare Python, alternately."""
    from headwater.lineage import open_store
    from headwater.lineage.reader import read_bytes

    (folder / ".headwater").mkdir(parents=True)
    (folder / "headwater.yaml").write_text(
        "kind: workspace\nid: generated\nnamespaces:\n"
        + "".join(
            f'  - {{namespace: "postgres://d{n:02}-db:*", department: d{n:02}}}\n'
            for n in range(DEPARTMENTS)
        ),
        encoding="utf-8",
    )
    (folder / "departments.yaml").write_text(
        "kind: departments\ndepartments:\n"
        + "".join(
            f'  - {{id: d{n:02}, name: d{n:02}, level: city, region: "330100", clearance: core}}\n'
            for n in range(DEPARTMENTS)
        ),
        encoding="utf-8",
    )
    store = open_store(folder / ".headwater" / "lineage.db")
    with timed("record the events, 1,000 a batch"):
        lines: list[str] = []
        for line in events(graph):
            lines.append(line)
            if len(lines) == 1000:
                store.record_emitted(read_bytes("\n".join(lines).encode(), "made.ndjson"))
                lines.clear()
        store.record_emitted(read_bytes("\n".join(lines).encode(), "made.ndjson"))
    store.close()
    made = int(np.flatnonzero(graph.layer == 4)[0])
    name = graph.name(made)[1]
    words = [str(Path(sys.executable).with_name("headwater")), "lineage", "downstream", name]
    # An installed package has its bytecode beside it: here it lies in a folder of its own.
    env = {name: word for name, word in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    with timed("the first question: builds the arrays"):
        subprocess.run(words, check=True, cwd=folder, capture_output=True, env=env)
    against_bare(words, folder, env, "a wide answer")
    median = graph.name(int(graph.dataset_of()[typical]))[1]
    words = [*words[:-1], median]
    against_bare(words, folder, env, "a median one")
    for count in (1, 100):
        store = open_store(folder / ".headwater" / "lineage.db")
        lines = [
            newer(graph, int(graph.dataset_of()[typical]), count * 1000 + number)
            for number in range(count)
        ]
        store.record_emitted(read_bytes("\n".join(lines).encode(), "newer.ndjson"))
        store.close()
        against_bare(words, folder, env, f"{count} newer events")


def newer(graph: Generated, made: int, number: int) -> str:
    """Return an event of a new job that reads what is asked about, by columns."""
    space, name = graph.name(made)
    fields = {
        f"c{column:03}": {
            "inputFields": [{"namespace": space, "name": name, "field": f"c{column:03}"}]
        }
        for column in range(8)
    }
    target = {"namespace": space, "name": f"newer.t{number}"}
    target |= {"facets": {"columnLineage": {"fields": fields}}}
    return json.dumps(
        {
            "eventTime": "2026-10-02T01:05:00Z",
            "eventType": "COMPLETE",
            "run": {"runId": f"newer-{number}"},
            "job": {"namespace": "etl", "name": f"newer-{number}"},
            "inputs": [{"namespace": space, "name": name}],
            "outputs": [target],
        }
    )


def against_bare(words: list[str], folder: Path, env: dict[str, str], what: str) -> None:
    """Print what a command takes from the shell, and how much of it is not bare Python."""
    bare = [sys.executable, "-c", "pass"]
    pairs = [(*seconds(bare, folder, env), *seconds(words, folder, env)) for _ in range(COLD)]
    base, base_cpu, wall, spent = (statistics.median(c) * 1000 for c in zip(*pairs, strict=True))
    best = min(each[2] - each[0] for each in pairs) * 1000
    say(
        f"headwater lineage downstream, {what:16} {wall:6.1f} ms (CPU {spent:.1f}), bare Python"
        f" {base:.1f} ms (CPU {base_cpu:.1f}): +{wall - base:.1f} ms (best pair +{best:.1f}),"
        f" CPU +{spent - base_cpu:.1f} ms"
    )


def seconds(words: list[str], folder: Path, env: dict[str, str]) -> tuple[float, float]:
    """Return the time of one whole process by the clock, and of the processor."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, cwd=folder, capture_output=True, env=env)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("edges", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--alone", action="store_true", help="without the other engines")
    parser.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--arrays", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.ask is not None:
        ask(words.arrays, words.ask)
        return
    graph = generate(words.edges)
    say(f"edges {len(graph.source)}, nodes {graph.count}, datasets {len(graph.first) - 1}")
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        typical = compare(graph, Path(folder) / "arrays", not words.alone)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(f"peak memory {after:.0f} MB (before {before:.0f} MB)")
        if words.cold:
            cold(graph, Path(folder) / "workspace", typical)


if __name__ == "__main__":
    main()
