"""What exists: the typed, frozen model of a workspace. A model in hand is a valid model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from headwater.catalog.globs import Glob
from headwater.catalog.levels import CATEGORIES as CATEGORIES
from headwater.catalog.levels import LEVELS as LEVELS

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping as Mapping_
    from pathlib import Path

    from headwater.catalog.elements import Dictionary
    from headwater.catalog.exchange import Exchange
    from headwater.catalog.holds import Hold
    from headwater.catalog.ids import DatasetId
    from headwater.catalog.label_rules import LabelSettings
    from headwater.catalog.lineage_sources import LineageSources
    from headwater.catalog.nodes import Mapping
    from headwater.catalog.position import Position
    from headwater.catalog.stop_points import StopPoint
    from headwater.catalog.text import Text
    from headwater.catalog.waivers import Waiver

ADMINISTRATIVE = ("township", "county", "city", "province", "nation")
"""Levels of administration, lowest first."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key by which a department signs agreements: Ed25519, 32 bytes, from a day to a day."""

    id: str
    public: bytes
    start: datetime.date | None
    until: datetime.date | None
    position: Position

    def valid_on(self, day: datetime.date) -> bool:
        """Say whether the department vouches for the key on ``day``."""
        return not (self.start and day < self.start) and not (self.until and day > self.until)


@dataclass(frozen=True, slots=True)
class Department:
    """An organisation unit. ``region`` is a six-digit code of GB/T 2260."""

    id: str
    name: Text
    level: str
    region: str
    clearance: str
    under: str | None
    position: Position
    keys: tuple[PublicKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Purpose:
    """An entry of the purpose tree; ``dpv`` maps it to the Data Privacy Vocabulary."""

    id: str
    name: Text
    under: str | None
    dpv: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class Column:
    """A property of a contract's object, with its declared label."""

    name: str
    logical_type: str | None
    level: str | None
    categories: tuple[str, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Dataset:
    """One object of a contract's schema.

    ``node`` is the object as written (ODCS ``SchemaObject``), with positions.
    """

    id: DatasetId
    contract: str
    object: str
    department: str
    columns: tuple[Column, ...]
    node: Mapping
    position: Position

    def column(self, name: str) -> Column | None:
        """Return the column ``name``, or ``None``."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Server:
    """A place where a contract's data can be read; ``node`` has the type's own fields."""

    name: str
    type: str
    node: Mapping
    position: Position


@dataclass(frozen=True, slots=True)
class Contract:
    """An ODCS data contract. ``department`` is its ``tenant``; ``node`` the whole document."""

    id: str
    version: str
    status: str
    department: str
    servers: tuple[Server, ...]
    datasets: tuple[Dataset, ...]
    node: Mapping
    position: Position

    def server(self, name: str) -> Server | None:
        """Return the server ``name``, or ``None``."""
        return next((server for server in self.servers if server.name == name), None)


@dataclass(frozen=True, slots=True)
class Grant:
    """Columns of one contract that an agreement gives; the glob ``object`` narrows its datasets."""

    contract: str
    object: str | None
    columns: tuple[Glob, ...]
    position: Position

    def covers(self, dataset: Dataset) -> bool:
        """Say whether something of ``dataset`` is given."""
        if self.contract != dataset.contract:
            return False
        return self.object is None or Glob(self.object).matches(dataset.object)

    def gives(self, column: str) -> bool:
        """Say whether a column of this name is among those given."""
        return any(glob.matches(column) for glob in self.columns)


@dataclass(frozen=True, slots=True)
class RowLimit:
    """What must hold of one column in every row that is given."""

    column: str
    operator: str
    values: tuple[str | int | float | bool, ...]
    position: Position


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the consumer keeps the data at most, and what happens then."""

    at_most: str
    then: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement asks for beside who, what, for what and until when.

    Attributes:
        mode: Whether the provider hands the data over to decide for itself (``provide``), to
            work for it (``entrust``) or to decide together (``joint``): PIPL 23, 21, 20.
        masked: Columns that are given masked only.
        min_k: The least number of people that any combination of values may stand for.
        rows: Which rows are given; none: all.
        location: Regions where the data may be; a code of GB/T 2260 covers all below it.
        retention: ``None`` where nothing is said.
        assessment: The reference of the impact assessment (PIPL 55).
        supersedes: The agreement that this one replaces from its first day on.
    """

    mode: str = "provide"
    masked: tuple[Glob, ...] = ()
    min_k: int | None = None
    rows: tuple[RowLimit, ...] = ()
    location: tuple[str, ...] = ()
    retention: Retention | None = None
    assessment: str | None = None
    supersedes: str | None = None
    supersedes_at: Position | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """What is signed, and the signatures as they lie beside it.

    ``text`` is the agreement in canonical form; ``envelope`` the file of signatures,
    ``None`` where there is none, and cut where it is larger than any such file.
    """

    text: bytes = b""
    envelope: bytes | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who may use which columns for which purposes until when.

    ``state`` is what the file says (``draft``, ``terminated``, ``superseded``) or ``None``, where
    the dates decide. ``onward`` names the departments that the consumer may pass data on to;
    ``None`` means any. ``places`` says where a name stands that the agreement mentions.
    """

    id: str
    title: Text
    provider: str
    consumer: str
    grants: tuple[Grant, ...]
    purposes: tuple[str, ...]
    ground: str
    mandate: str | None
    start: datetime.date
    until: datetime.date | None
    state: str | None
    max_level: str | None
    onward: frozenset[str] | None
    places: Mapping_[str, Position]
    position: Position
    terms: Terms = Terms()
    paper: Paper = Paper()


@dataclass(frozen=True, slots=True)
class NamespaceRule:
    """Whose data it is: the first rule whose globs match decides."""

    namespace: Glob
    name: Glob
    department: str
    position: Position


@dataclass(frozen=True, slots=True)
class JobRule:
    """What a job is for, where its events do not say so."""

    namespace: Glob
    name: Glob
    purpose: str
    position: Position


@dataclass(frozen=True, slots=True)
class OpaServer:
    """A remote OPA: its address and the files by which the two know each other.

    ``ca`` holds the certificates it is trusted by, ``cert`` and ``key`` are our own, and
    ``token_file`` holds a bearer token, read whenever it is used.
    """

    url: str
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    token_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Labelling:
    """What a workspace says of labels beside its contracts.

    ``dictionary`` has the categories and elements, ``settings`` how labels travel and which
    names give one, ``stop_points`` where they may drop.
    """

    dictionary: Dictionary
    settings: LabelSettings
    stop_points: tuple[StopPoint, ...]


@dataclass(frozen=True)
class Workspace:
    """Everything that the files of a workspace say, save its policies.

    ``policy_documents`` are the policy files as read (kind checked), for the policies room;
    ``test_documents`` those of kind ``policy-test``; ``rego_modules`` the files of Rego with
    their texts, sorted by file.
    ``lineage`` says where lineage is read from, ``edge_lists`` are the files of kind ``lineage``.
    """

    root: Path
    id: str
    title: Text
    languages: tuple[str, ...]
    engine: Literal["auto", "opa", "native"]
    opa: OpaServer | None
    checks_server: str | None
    lineage: LineageSources
    edge_lists: tuple[str, ...]
    categories: tuple[str, ...]
    departments: dict[str, Department]
    purposes: dict[str, Purpose]
    contracts: dict[str, Contract]
    agreements: tuple[Agreement, ...]
    namespaces: tuple[NamespaceRule, ...]
    jobs: tuple[JobRule, ...]
    disabled_rules: tuple[str, ...]
    policy_documents: tuple[Mapping, ...]
    test_documents: tuple[Mapping, ...]
    rego_modules: tuple[tuple[str, str], ...]
    position: Position
    labelling: Labelling
    require_signatures: bool = False
    exchange: Exchange | None = None
    waivers: tuple[Waiver, ...] = ()
    holds: tuple[Hold, ...] = ()
    zone: str = "UTC"
    """Where its days begin and end, where a policy does not say."""
    packs: tuple[str, ...] = ()
    """Packs of law that it takes beside the built-in one."""

    @cached_property
    def datasets(self) -> dict[DatasetId, Dataset]:
        """Every dataset that a contract describes, by identity."""
        return {
            dataset.id: dataset
            for contract in self.contracts.values()
            for dataset in contract.datasets
        }

    def department_of(self, dataset: DatasetId) -> str | None:
        """Return whose data it is: by the namespace rules, else by its contract, else nobody's."""
        for rule in self.namespaces:
            if rule.namespace.matches(dataset.namespace) and rule.name.matches(dataset.name):
                return rule.department
        described = self.datasets.get(dataset)
        return described.department if described else None

    def purpose_of_job(self, namespace: str, name: str) -> str | None:
        """Return the purpose that the workspace gives a job, or ``None``."""
        for rule in self.jobs:
            if rule.namespace.matches(namespace) and rule.name.matches(name):
                return rule.purpose
        return None

    def purpose_and_above(self, purpose: str) -> tuple[str, ...]:
        """Return the purpose and all it lies under, nearest first; itself alone if undeclared."""
        return _chain(purpose, {p.id: p.under for p in self.purposes.values()})

    def department_and_above(self, department: str) -> tuple[str, ...]:
        """Return the department and all it lies under, nearest first."""
        return _chain(department, {d.id: d.under for d in self.departments.values()})


def _chain(start: str, under: dict[str, str | None]) -> tuple[str, ...]:
    found = [start]
    while (above := under.get(found[-1])) is not None and above not in found:
        found.append(above)
    return tuple(found)
