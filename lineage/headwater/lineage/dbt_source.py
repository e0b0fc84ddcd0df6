"""dbt's artifacts as a source of lineage: ``manifest.json``, and ``catalog.json`` for columns.

Models are read in the order in which they depend on each other, so that each knows the columns
of those before it. A model whose SQL is not compiled, or is Python, declares its inputs as a
whole; one whose SQL cannot be understood is a problem, or is taken as a whole if the caller says
so. It is never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import DatasetId, JobId
from headwater.catalog.position import Position
from headwater.catalog.problems import Problem, problem
from headwater.lineage.sql_source import SqlJob, read_sql
from headwater.lineage.uses import NONE, Declared, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_ARTIFACT = 256 * 2**20
OLDEST = 7
"""Manifests older than this call things by other names."""
_PURPOSE = "purpose:"


class DependsOn(msgspec.Struct, frozen=True):
    """What a node is made from."""

    nodes: list[str] = []


class Node(msgspec.Struct, frozen=True):
    """A model, seed, snapshot or source; what is not read is left out."""

    unique_id: str
    resource_type: str
    name: str
    relation_name: str | None = None
    compiled_code: str | None = None
    language: str | None = "sql"
    original_file_path: str = ""
    compiled_path: str | None = None
    database: str | None = None
    schema: str | None = None
    tags: list[str] = []
    meta: dict[str, Any] = {}
    config: dict[str, Any] = {}
    depends_on: DependsOn = DependsOn()

    @property
    def materialized(self) -> str:
        """How it is built."""
        return str(self.config.get("materialized") or "")

    @property
    def place(self) -> str:
        """The file of its SQL as it is read: lines are those of the compiled one."""
        return self.compiled_path or self.original_file_path or self.unique_id


class Exposure(msgspec.Struct, frozen=True):
    """A use of models outside dbt."""

    unique_id: str
    name: str
    original_file_path: str = ""
    tags: list[str] = []
    meta: dict[str, Any] = {}
    config: dict[str, Any] = {}
    depends_on: DependsOn = DependsOn()


class Metadata(msgspec.Struct, frozen=True):
    """What the manifest says of itself."""

    dbt_schema_version: str
    adapter_type: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """``manifest.json``."""

    metadata: Metadata
    nodes: dict[str, Node]
    sources: dict[str, Node] = {}
    exposures: dict[str, Exposure] = {}


class CatalogTable(msgspec.Struct, frozen=True):
    """A table as the database describes it."""

    columns: dict[str, Any]


class Catalog(msgspec.Struct, frozen=True):
    """``catalog.json``."""

    nodes: dict[str, CatalogTable] = {}
    sources: dict[str, CatalogTable] = {}


@dataclass(frozen=True, slots=True)
class DbtProject:
    """What the artifacts leave open.

    Attributes:
        namespace: The OpenLineage namespace of the database.
        job_namespace: The namespace of the jobs; each model is one, by its dbt id.
        purpose: What models are for that say no purpose of their own.
        lenient: Whether a model whose SQL is not understood declares its inputs as a whole, with
            a note, instead of being a problem.
        described: The columns of datasets, as contracts name them.
    """

    namespace: str
    job_namespace: str = "dbt"
    purpose: str | None = None
    lenient: bool = False
    described: Mapping[DatasetId, Iterable[str]] = field(default_factory=dict)


def read_dbt(
    manifest: tuple[str, bytes], catalog: tuple[str, bytes] | None, project: DbtProject
) -> Reading:
    """Return what dbt's artifacts, as (file, bytes), declare.

    Raises:
        DocumentError: An artifact is broken or too old, or a model's SQL is not understood.
    """
    found: Manifest = _artifact(*manifest, shape=Manifest)
    version = _version(found.metadata.dbt_schema_version)
    if version < OLDEST:
        raise DocumentError.of("dbt-version", Position(manifest[0]), found=version, known=OLDEST)
    tables = _artifact(*catalog, shape=Catalog) if catalog else Catalog()
    return _Project(manifest[0], found, tables, project).read()


def _artifact(file: str, data: bytes, *, shape: Any) -> Any:
    at = Position(file)
    if len(data) > MAX_ARTIFACT:
        raise DocumentError.of("file-too-large", at, limit=MAX_ARTIFACT)
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.DecodeError as error:
        raise DocumentError.of("dbt-artifact", at, reason=str(error)) from error
    except UnicodeDecodeError as error:
        raise DocumentError.of("encoding", at) from error
    except RecursionError as error:
        raise DocumentError.of("dbt-artifact", at, reason="nested too deep") from error


def _version(text: str) -> int:
    last = text.rsplit("/", 1)[-1].removesuffix(".json").removeprefix("v")
    return int(last) if last.isdecimal() and len(last) < 5 else 0


class _Project:
    def __init__(
        self, file: str, manifest: Manifest, catalog: Catalog, project: DbtProject
    ) -> None:
        self._at = Position(file)
        self._manifest = manifest
        self._project = project
        self._dialect = _DIALECTS.get(adapter := manifest.metadata.adapter_type or "", adapter)
        self._problems: list[Problem] = []
        self._notes: list[Problem] = []
        self._known = {**manifest.nodes, **manifest.sources}
        self._columns = {**catalog.nodes, **catalog.sources}
        self._datasets: dict[str, DatasetId] = {}
        self._described = {
            dataset: tuple(columns) for dataset, columns in project.described.items()
        }

    def read(self) -> Reading:
        """Read everything, problems gathered."""
        for key, node in self._known.items():
            self._place(key, node)
        declared: list[Declared] = []
        for key in self._ordered():
            found = self._model(self._known[key])
            declared += found
            for each in found:
                if each.columns:
                    self._described.setdefault(each.output, each.columns)
        declared += (self._exposure(e) for _, e in sorted(self._manifest.exposures.items()))
        if self._problems:
            raise DocumentError(self._problems)
        return Reading(tuple(sorted(declared, key=_order)), tuple(self._notes))

    def _place(self, key: str, node: Node) -> None:
        """Find the dataset that a node is, and the columns that the catalogue gives it."""
        if not node.relation_name or node.materialized == "ephemeral":
            return
        from headwater.lineage.sql_text import table_parts

        parts = table_parts(node.relation_name, self._dialect)
        if parts is None:
            self._add("dbt-relation", node, name=node.relation_name)
            return
        dataset = self._datasets[key] = DatasetId(self._project.namespace, ".".join(parts))
        if key in self._columns:
            self._described[dataset] = tuple(self._columns[key].columns)

    def _add(self, code: str, node: Node | Exposure, **values: object) -> None:
        self._problems.append(problem(code, self._at, node=node.unique_id, **values))

    def _ordered(self) -> list[str]:
        """Return the models so that each comes after those that it is made from."""
        wanted = [key for key in sorted(self._datasets) if key in self._manifest.nodes]
        done: dict[str, None] = {}
        open_: set[str] = set()
        left = [(key, False) for key in reversed(wanted)]
        while left:
            key, leaving = left.pop()
            if leaving:
                done[key] = None
            elif key not in open_ and key in self._manifest.nodes:
                open_.add(key)
                left.append((key, True))
                above = self._manifest.nodes[key].depends_on.nodes
                left.extend((other, False) for other in sorted(above, reverse=True))
        return [key for key in done if key in self._datasets]

    def _model(self, node: Node) -> tuple[Declared, ...]:
        if node.resource_type not in ("model", "snapshot"):
            return ()
        if node.language == "sql" and node.compiled_code:
            return self._from_sql(node)
        self._notes.append(problem("dbt-not-compiled", self._at, node=node.unique_id))
        return (self._whole(node, self._datasets[node.unique_id]),)

    def _from_sql(self, node: Node) -> tuple[Declared, ...]:
        output = self._datasets[node.unique_id]
        job = SqlJob(
            job=JobId(self._project.job_namespace, node.unique_id),
            dialect=self._dialect,
            namespace=self._project.namespace,
            database=node.database,
            schema=node.schema,
            name=_RESULT,
            purpose=self._purpose(node),
            tables={_RESULT: output},
            described=self._described,
        )
        code = (node.compiled_code or "").encode()
        try:
            reading = read_sql([(node.place, code)], job)
        except DocumentError as error:
            if self._project.lenient:
                return self._not_understood(node, error)
            self._problems.extend(error.problems)
            return ()
        self._notes.extend(reading.notes)
        return reading.declared

    def _not_understood(self, node: Node, error: DocumentError) -> tuple[Declared, ...]:
        self._notes.extend(error.problems)
        self._notes.append(problem("dbt-taken-whole", self._at, node=node.unique_id))
        return (self._whole(node, self._datasets[node.unique_id]),)

    def _whole(self, node: Node | Exposure, output: DatasetId) -> Declared:
        inputs = self._inputs(node)
        return Declared(
            job=JobId(self._project.job_namespace, node.unique_id),
            purpose=self._purpose(node),
            output=output,
            inputs=tuple(sorted(inputs)),
            columns=(),
            made_from=None,
            influences=NONE,
            place=node.original_file_path or node.unique_id,
        )

    def _inputs(self, node: Node | Exposure) -> set[DatasetId]:
        """Return the datasets that a node is made from; ephemeral models stand for theirs."""
        found: set[DatasetId] = set()
        seen: set[str] = set()
        left = list(node.depends_on.nodes)
        while left:
            key = left.pop()
            if key in seen or key.startswith("macro."):
                continue
            seen.add(key)
            if key in self._datasets:
                found.add(self._datasets[key])
            elif key in self._known:
                left.extend(self._known[key].depends_on.nodes)
            else:
                self._add("dbt-unknown-node", node, name=key)
        return found

    def _exposure(self, exposure: Exposure) -> Declared:
        """An exposure is a dataset of its own: what leaves dbt there is in no table."""
        return self._whole(exposure, DatasetId(self._project.job_namespace, exposure.unique_id))

    def _purpose(self, node: Node | Exposure) -> str | None:
        inner = node.config.get("meta")
        meta = {**(inner if isinstance(inner, dict) else {}), **node.meta}
        said = meta.get("purpose")
        if said is not None and (not isinstance(said, str) or not said):
            self._add("dbt-purpose", node)
            return None
        tagged = [tag.removeprefix(_PURPOSE) for tag in node.tags if tag.startswith(_PURPOSE)]
        return said or (tagged[0] if tagged else self._project.purpose)


_RESULT = "__headwater_result"
_DIALECTS = {
    "athena": "athena",
    "databricks": "databricks",
    "fabric": "fabric",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "glue": "spark",
    "spark": "spark",
    "trino": "trino",
}


def _order(declared: Declared) -> tuple[DatasetId, JobId]:
    return declared.output, declared.job
