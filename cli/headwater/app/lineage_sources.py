"""The files of a workspace that declare lineage, ready to be read into the store."""

from __future__ import annotations

import json
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from headwater.catalog.ids import DatasetId
    from headwater.catalog.lineage_sources import DbtArtifacts, SqlScripts
    from headwater.catalog.model import Workspace
    from headwater.catalog.problems import Problem
    from headwater.lineage.declared_files import Bytes, DeclaringFile
    from headwater.lineage.uses import Reading

    Columns = Mapping[DatasetId, Iterable[str]]


def declaring_files(workspace: Workspace, problems: list[Problem]) -> tuple[DeclaringFile, ...]:
    """Return the edge lists, SQL files and dbt artifacts; what is missing goes to ``problems``."""
    return tuple(_found(workspace, problems))


def _found(workspace: Workspace, problems: list[Problem]) -> Iterator[DeclaringFile]:
    from headwater.lineage.declared_files import DeclaringFile
    from headwater.lineage.event_files import find_event_files

    lineage = workspace.lineage
    for file in workspace.edge_lists:
        yield DeclaringFile((file,), "edges", _edges)
    if not (lineage.sql or lineage.dbt):
        return
    columns = described_columns(workspace)
    key = _key(columns)
    for scripts in lineage.sql:
        for file in find_event_files(workspace.root, scripts.files, problems):
            read = partial(_sql, scripts, columns)
            yield DeclaringFile((file,), f"{scripts!r}{key}", read, lineage.lenient)
    for dbt in lineage.dbt:
        files = (dbt.manifest, *((dbt.catalog,) if dbt.catalog else ()))
        read = partial(_dbt, dbt, columns, lineage.lenient)
        yield DeclaringFile(files, f"{dbt!r}{key}", read, lineage.lenient)


def described_columns(workspace: Workspace | None) -> Columns:
    """Return the columns that the workspace's contracts name."""
    if workspace is None:
        return {}
    return {
        dataset.id: tuple(column.name for column in dataset.columns)
        for dataset in workspace.datasets.values()
        if dataset.columns
    }


def _key(columns: Columns) -> str:
    return json.dumps(sorted([*dataset.key(), *names] for dataset, names in columns.items()))


def _edges(data: Sequence[Bytes]) -> tuple[Reading, datetime.date]:
    from headwater.lineage.edge_list import read_dated_edges

    ((file, content),) = data
    reading, since = read_dated_edges(content, file, dated=True)
    if since is None:
        raise AssertionError("a list that has to say since when does")
    return reading, since


def _sql(
    scripts: SqlScripts, columns: Columns, data: Sequence[Bytes]
) -> tuple[Reading, datetime.date]:
    from headwater.catalog.ids import JobId
    from headwater.lineage.sql_source import SqlJob, read_sql

    name = str(PurePosixPath(data[0][0]).with_suffix(""))
    job = SqlJob(
        job=JobId(scripts.job_namespace, name),
        dialect=scripts.dialect,
        namespace=scripts.namespace,
        database=scripts.database,
        schema=scripts.schema,
        purpose=scripts.purpose,
        described=columns,
    )
    return read_sql(data, job), scripts.since


def _dbt(
    dbt: DbtArtifacts, columns: Columns, lenient: bool, data: Sequence[Bytes]
) -> tuple[Reading, datetime.date]:
    from headwater.lineage.dbt_source import DbtProject, read_dbt

    manifest, *others = data
    project = DbtProject(
        namespace=dbt.namespace,
        job_namespace=dbt.job_namespace,
        purpose=dbt.purpose,
        lenient=lenient,
        described=columns,
    )
    return read_dbt(manifest, others[0] if others else None, project), dbt.since
