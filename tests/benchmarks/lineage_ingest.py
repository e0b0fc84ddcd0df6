"""How many events of 7 kB a second are read, recorded durably and indexed.

    python tests/benchmarks/lineage_ingest.py [EVENTS] [--folder FOLDER]

Events as Spark sends them: a START and a COMPLETE for each run, with schemas and column lineage,
of a hundred jobs. Three kinds of days: *new*, when no job was seen before; *changing*, when every
run states other row counts and SQL comments than any before; *repeat*, when runs differ from
earlier ones by run id and time alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from headwater.lineage import open_store
from headwater.lineage.reader import read_bytes

JOBS, COLUMNS, ROUNDS, BATCH = 100, 9, 5, 2000


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


def facet(name: str, **words: Any) -> dict[str, Any]:
    """Return a facet with what every facet has."""
    url = f"https://openlineage.io/spec/facets/1-2-0/{name}.json#/$defs/{name}"
    return {"_producer": "https://github.com/OpenLineage/spark", "_schemaURL": url, **words}


def event(number: int, day: str) -> str:
    """Return an event; of two that follow each other the first begins a run, the second ends it."""
    run = number // 2
    job = f"{day}-{run}" if day == "new" else f"job-{run % JOBS}"
    columns = [f"column_{column}" for column in range(COLUMNS)]
    fields = [{"name": name, "type": "string", "description": "a column"} for name in columns]
    schema = facet("SchemaDatasetFacet", fields=fields)
    inputs = [("postgres://db:5432", f"city.{job}.in_{side}") for side in range(2)]
    way = {"type": "DIRECT", "subtype": "IDENTITY", "description": "", "masking": False}
    made = {
        name: {
            "inputFields": [
                {"namespace": space, "name": table, "field": name, "transformations": [way]}
                for space, table in inputs
            ]
        }
        for name in columns
    }
    changing = run if day == "changing" else 0
    document = {
        "eventTime": f"2026-10-01T{run // 3600 % 24:02}:{run // 60 % 60:02}:{run % 60:02}.{number % 2}Z",
        "eventType": "START" if number % 2 == 0 else "COMPLETE",
        "producer": "https://github.com/OpenLineage/spark",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"01980000-{len(day):04}-7000-8000-{run:012}", "facets": {}},
        "job": {
            "namespace": "etl",
            "name": job,
            "facets": {
                "sql": facet("SQLJobFacet", query=f"SELECT {', '.join(columns)} -- {changing}")
            },
        },
        "inputs": [
            {
                "namespace": space,
                "name": table,
                "facets": {"schema": schema},
                "inputFacets": {"inputStatistics": facet("Statistics", rowCount=changing)},
            }
            for space, table in inputs
        ],
        "outputs": [
            {
                "namespace": "postgres://db:5432",
                "name": f"city.{job}.out",
                "facets": {
                    "schema": schema,
                    "columnLineage": facet("ColumnLineageDatasetFacet", fields=made),
                },
                "outputFacets": {"outputStatistics": facet("Statistics", rowCount=changing)},
            }
        ],
    }
    return json.dumps(document, separators=(",", ":"))


def measure(store: Any, lines: list[bytes], what: str) -> None:
    """Record lines batch by batch; print the median rate of rounds, by the clock and by CPU."""
    rates: list[tuple[float, float]] = []
    size = len(lines) // ROUNDS
    for first in range(0, size * ROUNDS, size):
        begin, cpu = time.perf_counter(), time.process_time()
        for at in range(first, first + size, BATCH):
            data = b"\n".join(lines[at : min(at + BATCH, first + size)])
            store.record_emitted(read_bytes(data, "made.ndjson"))
        wall, spent = time.perf_counter() - begin, time.process_time() - cpu
        rates.append((size / wall, size / spent))
    walls, spents = zip(*rates, strict=True)
    mean = sum(map(len, lines)) / len(lines)
    say(
        f"{what:10}{mean:8.0f} bytes{statistics.median(walls):10.0f}{max(walls):10.0f} events/s"
        f"{statistics.median(spents):10.0f} events/CPU s"
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("events", type=int, nargs="?", default=20_000)
    parser.add_argument("--folder", type=Path, help="where the store is made: on a real disk")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        store = open_store(Path(folder) / "lineage.db")
        say(f"{'day':10}{'mean':>14}{'median':>10}{'best':>10}")
        for day, count in (("new", 10), ("changing", 1), ("repeat", 1)):
            lines = [event(n, day).encode() for n in range(words.events // count)]
            if day == "repeat":  # the days before
                earlier = [event(n + words.events, day).encode() for n in range(4 * JOBS)]
                store.record_emitted(read_bytes(b"\n".join(earlier), "made.ndjson"))
            measure(store, lines, day)
        begin = time.perf_counter()
        found = store.reindex()
        say(f"reindex of {found.events} events: {time.perf_counter() - begin:.1f} s")
        assert found.before == found.after
        store.close()
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        say(f"the store holds {size / found.events:.0f} bytes an event")


if __name__ == "__main__":
    main()
