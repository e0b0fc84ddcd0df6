"""SQL files as a source of lineage: what they declare, read by sqlglot, never executed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import DatasetId, JobId
from headwater.catalog.problems import Problem, problem
from headwater.lineage.uses import Declared, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.lineage.sql_statements import Script
    from headwater.lineage.sql_text import SqlText


@dataclass(frozen=True, slots=True)
class SqlJob:
    """What SQL files leave open.

    Attributes:
        job: The job that runs them.
        dialect: Their dialect, as sqlglot calls it; empty: any.
        namespace: The OpenLineage namespace of their tables.
        database: The first part of a table's name where it is left out.
        schema: The second part.
        name: What a bare query makes.
        purpose: What the job is for.
        tables: Names in the SQL that mean a dataset elsewhere.
        described: The columns of datasets, as contracts name them.
    """

    job: JobId
    dialect: str
    namespace: str
    database: str | None = None
    schema: str | None = None
    name: str | None = None
    purpose: str | None = None
    tables: Mapping[str, DatasetId] = field(default_factory=dict)
    described: Mapping[DatasetId, Iterable[str]] = field(default_factory=dict)


def read_sql(files: Iterable[tuple[str, bytes]], job: SqlJob) -> Reading:
    """Return what the SQL files, as (name, bytes), declare, read in this order as one script.

    A job that writes several datasets becomes one job for each, called ``JOB.DATASET``: in one
    event every input would count for every output.

    Raises:
        DocumentError: A file is no SQL, or a statement's lineage cannot be told: all problems.
    """
    from headwater.lineage.sql_text import decode, dialect_of, statements

    dialect = dialect_of(job.dialect)
    script = _script(job, dialect.normalization_strategy.value)
    problems: list[Problem] = []
    for file, data in files:
        try:
            source = decode(data, file)
            found = statements(source, dialect)
        except DocumentError as error:
            problems.extend(error.problems)
            continue
        for node in found:
            wrong = _read(script, source, node, job.name)
            if wrong and _learn_itself(script, source, node, job):
                wrong = _read(script, source, node, job.name)
            if wrong:
                problems.append(wrong)
    if problems:
        raise DocumentError(problems)
    return Reading(declared_of(script, job.job, job.purpose), tuple(script.notes))


def _script(job: SqlJob, strategy: str) -> Script:
    from headwater.lineage.sql_statements import Script
    from headwater.lineage.sql_tables import Tables

    prefix = tuple(part for part in (job.database, job.schema) if part)
    given = {name.casefold(): dataset for name, dataset in job.tables.items()}
    described = {dataset: tuple(columns) for dataset, columns in job.described.items()}
    return Script(job.dialect, strategy, Tables(job.namespace, prefix, given, described))


def _read(script: Script, source: SqlText, node: object, name: str | None) -> Problem | None:
    from headwater.lineage.sql_text import MAX_DEPTH, WrongSqlError

    try:
        script.read(source, node, name)  # type: ignore[arg-type]
    except WrongSqlError as wrong:
        return problem(wrong.code, source.place(wrong.node), **wrong.values)
    except RecursionError:
        return problem("sql-deep", source.place(None), limit=MAX_DEPTH)
    return None


def _learn_itself(script: Script, source: SqlText, node: object, job: SqlJob) -> bool:
    """Learn the columns of the table that a bare query makes, where it also asks that table.

    Incremental models do: what is new is what the table does not have yet. The table has the
    columns that the query gives, and these do not depend on which rows it takes.
    """
    from sqlglot import exp

    from headwater.lineage.sql_text import WrongSqlError

    itself = job.tables.get(job.name or "")
    if itself is None or itself in script.described or not isinstance(node, exp.Select):
        return False
    every = node.copy()
    for clause in ("where", "having", "qualify", "order", "limit"):
        every.set(clause, None)
    trial = _script(replace(job, described=script.described), script.strategy)
    try:
        trial.read(source, every, job.name)
    except (WrongSqlError, RecursionError):
        return False
    columns = trial.described.get(itself)
    if columns:
        script.described[itself] = columns
    return bool(columns)


def declared_of(script: Script, job: JobId, purpose: str | None) -> tuple[Declared, ...]:
    """Return what the script wrote, sorted by dataset."""
    found: list[Declared] = []
    for output, written in sorted(script.written.items()):
        known = written.made_from is not None
        own = job if len(script.written) == 1 else JobId(job.namespace, f"{job.name}.{output.name}")
        found.append(
            Declared(
                job=own,
                purpose=purpose,
                output=output,
                inputs=tuple(sorted(written.inputs)),
                columns=written.columns if known else (),
                made_from=written.made_from,
                influences=written.influences if known else frozenset(),
                place=written.place,
            )
        )
    return tuple(found)
