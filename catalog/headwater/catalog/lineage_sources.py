"""Where a workspace's lineage comes from: the key ``lineage`` of ``headwater.yaml``.

One pattern or a list of them names event files, read strictly. A mapping says more: how they are
read, and which SQL scripts and dbt artifacts declare lineage too. Edge lists (``kind: lineage``)
need no mention: they are found as every other kind of file is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, cast

from headwater.catalog.forms import Form
from headwater.catalog.nodes import Mapping
from headwater.catalog.shapes import DATE, choice, keys, mapping, pattern, some, text, texts

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable
    from pathlib import Path

    from headwater.catalog.forms import Problems
    from headwater.catalog.nodes import Node
    from headwater.catalog.position import Position

Mode = Literal["strict", "lenient"]
MODES: tuple[Mode, ...] = ("strict", "lenient")
KIND = "lineage"
"""The kind of an edge list."""

_SQL = mapping(
    {
        "files": texts(),
        "namespace": text(),
        "dialect": text(),
        "database": text(),
        "schema": text(),
        "job_namespace": text(),
        "purpose": text(),
        "since": pattern(DATE),
    },
    ("files", "namespace", "since"),
)
_DBT = mapping(
    {
        "manifest": text(),
        "catalog": text(),
        "namespace": text(),
        "job_namespace": text(),
        "purpose": text(),
        "since": pattern(DATE),
    },
    ("manifest", "namespace", "since"),
)
_MAPPING = mapping(
    {
        "events": texts(),
        "reading": choice(MODES),
        "sql": {"type": "array", "items": _SQL},
        "dbt": {"type": "array", "items": _DBT},
    }
)
SOURCES: dict[str, object] = {"anyOf": [text(), {"type": "array", "items": text()}, _MAPPING]}
"""The shape of the key ``lineage``."""

EDGE_LIST = mapping(
    {
        "kind": {"const": KIND},
        "since": pattern(DATE),
        "job": text(),
        "purpose": text(),
        "edges": some(
            mapping(
                {
                    "from": text(),
                    "to": text(),
                    "kind": choice(("direct", "indirect")),
                    "subtype": text(),
                    "masked": {"type": "boolean"},
                    "job": text(),
                    "purpose": text(),
                },
                ("from", "to"),
            )
        ),
    },
    ("kind", "edges"),
)
"""The shape of a hand-written list of edges; within a workspace it says ``since`` when."""


@dataclass(frozen=True, slots=True)
class SqlScripts:
    """SQL files of one database: each file is a script and a job of its own."""

    files: tuple[str, ...]
    namespace: str
    since: datetime.date
    dialect: str = ""
    database: str | None = None
    schema: str | None = None
    job_namespace: str = "sql"
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class DbtArtifacts:
    """What a dbt project wrote: ``manifest.json`` and, for columns, ``catalog.json``."""

    manifest: str
    catalog: str | None
    namespace: str
    since: datetime.date
    job_namespace: str = "dbt"
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class LineageSources:
    """What ``headwater.yaml`` says of lineage. Patterns and paths are relative to the root."""

    events: tuple[str, ...] = ()
    reading: Mode = "strict"
    sql: tuple[SqlScripts, ...] = ()
    dbt: tuple[DbtArtifacts, ...] = ()

    @property
    def lenient(self) -> bool:
        """Whether what is not understood is noted rather than refused."""
        return self.reading == "lenient"


def read_sources(root: Path, form: Form, problems: Problems) -> LineageSources:
    """Return what the key ``lineage`` of ``form`` says; problems are gathered."""
    if not isinstance(form.node.get("lineage"), Mapping):
        return LineageSources(_inside(form.texts("lineage"), problems))
    inner = form.form("lineage", *keys(_MAPPING))
    if inner is None:
        return LineageSources()
    sql = (_sql(node, problems) for node in inner.items("sql"))
    dbt = (_dbt(root, node, problems) for node in inner.items("dbt"))
    return LineageSources(
        events=_inside(inner.texts("events"), problems),
        reading=cast("Mode", inner.choice("reading", MODES, "strict")),
        sql=tuple(found for found in sql if found),
        dbt=tuple(found for found in dbt if found),
    )


def _inside(found: Iterable[tuple[str, Position]], problems: Problems) -> tuple[str, ...]:
    kept = []
    for value, at in found:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or "\\" in value:
            problems.add("file-outside", at, path=value)
        else:
            kept.append(value)
    return tuple(kept)


def _sql(node: Node, problems: Problems) -> SqlScripts | None:
    form = Form(node, problems, "sql", *keys(_SQL))
    since = form.date("since", required=True)
    files = _inside(form.texts("files", required=True), problems)
    namespace = form.text("namespace")
    if since is None:
        return None
    return SqlScripts(
        files=files,
        namespace=namespace,
        since=since,
        dialect=form.optional("dialect") or "",
        database=form.optional("database"),
        schema=form.optional("schema"),
        job_namespace=form.optional("job_namespace") or "sql",
        purpose=form.optional("purpose"),
    )


def _dbt(root: Path, node: Node, problems: Problems) -> DbtArtifacts | None:
    form = Form(node, problems, "dbt", *keys(_DBT))
    since = form.date("since", required=True)
    manifest, catalog = form.text("manifest"), form.optional("catalog")
    namespace = form.text("namespace")
    for key, value in (("manifest", manifest), ("catalog", catalog)):
        named = _inside([(value, form.at(key))] if value else [], problems)
        if named and not (root / named[0]).is_file():
            problems.add("file-missing", form.at(key), path=value)
    if since is None:
        return None
    return DbtArtifacts(
        manifest=manifest,
        catalog=catalog,
        namespace=namespace,
        since=since,
        job_namespace=form.optional("job_namespace") or "dbt",
        purpose=form.optional("purpose"),
    )
