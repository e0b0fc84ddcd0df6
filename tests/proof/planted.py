"""Writes workspaces in which every rule is broken somewhere, beside look-alikes that are in order.

What must be found is said here, by whoever plants it, and never asked of the code under test. Each
plant is a few datasets of its own, so that plants do not touch; the rest of the thousand datasets
only pass data about inside their departments.
"""

from __future__ import annotations

import datetime
import json
import uuid
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DAY = datetime.date(2026, 11, 1)
BEFORE, AFTER = DAY - datetime.timedelta(days=1), DAY + datetime.timedelta(days=1)
LEVELS = ("general-1", "general-2", "general-3", "general-4", "important", "core")
CLEARANCES = ("general-3", "general-4")
PURPOSES = {"care": None, "home-care": "care", "tax": None, "marketing": None}
LOW = "general-2"


class Expected(NamedTuple):
    """A finding: what it is about is the names of two datasets, or of one thing."""

    rule: str
    source: str
    target: str | None
    columns: tuple[str, ...]
    severity: str = "error"
    waived: bool = False


@dataclass
class Table:
    """A dataset and what its contract says of it."""

    owner: str
    name: str
    contract: str | None
    levels: dict[str, str | None]
    unique: bool = False
    stated: bool = True

    @property
    def id(self) -> dict[str, str]:
        """The names that OpenLineage gives it."""
        return {"namespace": f"postgres://{self.owner}-db:5432", "name": self.full}

    @property
    def full(self) -> str:
        """The name within its namespace."""
        return f"{self.owner}.public.{self.name}"


@dataclass
class Planted:
    """A workspace in the making.

    Attributes:
        expected: What must be found; anything else is too much.
        off: The rules that the workspace switches off.
    """

    chance: Random
    size: int = 1000
    off: tuple[str, ...] = ()
    expected: list[Expected] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    agreements: dict[str, str] = field(default_factory=dict)
    waivers: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        count = self.chance.randint(6, 12)
        self.clearance = {f"d{n}": self.chance.choice(CLEARANCES) for n in range(count)}
        self.departments = list(self.clearance)

    # --- the parts that plants are made of -----------------------------------------------------

    def pair(self) -> tuple[str, str]:
        """Return a provider and a consumer."""
        one, other = self.chance.sample(self.departments, 2)
        return one, other

    def three(self) -> tuple[str, str, str]:
        """Return three departments."""
        one, other, third = self.chance.sample(self.departments, 3)
        return one, other, third

    def table(
        self, owner: str, *, contract: bool = True, level: str | None = LOW, **more: bool
    ) -> Table:
        """Return a new dataset of some columns, all of one level."""
        number = len(self.tables)
        columns = ["id", *(f"c{n}" for n in range(self.chance.randint(2, 5)))]
        name = f"t{number}"
        made = Table(
            owner, name, f"k{number}" if contract else None, dict.fromkeys(columns, level), **more
        )
        self.tables.append(made)
        return made

    def some(self, table: Table) -> list[str]:
        """Return a few of its columns, sorted."""
        columns = sorted(table.levels)
        return sorted(self.chance.sample(columns, self.chance.randint(1, len(columns))))

    def agree(
        self, table: Table, consumer: str, columns: Iterable[str] = ("*",), **terms: object
    ) -> str:
        """Make an agreement about a dataset; return its file."""
        number = len(self.agreements)
        said = {
            "kind": "agreement",
            "id": f"a{number}",
            "provider": table.owner,
            "consumer": consumer,
            "grants": [{"contract": table.contract, "columns": list(columns)}],
            "purposes": ["care"],
            "legal_basis": {"ground": "statutory-duty"},
            "valid": {"from": "2026-01-01"},
            **terms,
        }
        file = f"agreements/a{number}.yaml"
        self.agreements[file] = json.dumps(said)
        return file

    def flow(
        self,
        source: Table,
        target: Table,
        columns: Iterable[str] | None,
        *,
        purpose: str | None = "care",
        kind: str = "DIRECT",
    ) -> None:
        """Let a job write ``target`` from columns of ``source``; ``None``: it does not say which."""
        number = len(self.events)
        job: dict[str, object] = {"namespace": "etl", "name": f"job{number}"}
        at = {"_producer": "https://x.org", "_schemaURL": "https://x.org/s"}
        if purpose and self.chance.random() < 0.5:
            tags = [{"key": "purpose", "value": purpose, "source": "test"}]
            job["facets"] = {"tags": {**at, "tags": tags}}
        elif purpose:
            self.jobs.append(
                json.dumps({"namespace": "etl", "name": f"job{number}", "purpose": purpose})
            )
        output: dict[str, object] = dict(target.id)
        if columns is not None:
            how = [
                {
                    "type": kind,
                    "subtype": "FILTER" if kind == "INDIRECT" else "IDENTITY",
                    "masking": False,
                }
            ]
            fields = {
                name: {"inputFields": [{**source.id, "field": name, "transformations": how}]}
                for name in columns
            }
            output["facets"] = {"columnLineage": {**at, "fields": fields}}
        self.events.append(
            json.dumps(
                {
                    "eventTime": f"2026-10-{1 + number % 28:02}T00:00:00Z",
                    "eventType": "COMPLETE",
                    "producer": "https://x.org",
                    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
                    "run": {"runId": str(uuid.UUID(int=number + 1, version=4))},
                    "job": job,
                    "inputs": [source.id],
                    "outputs": [output],
                }
            )
        )

    def expect(
        self,
        rule: str,
        source: Table,
        target: Table | None,
        columns: Iterable[str],
        severity: str = "error",
        *,
        waived: bool = False,
    ) -> None:
        """Say that something must be found."""
        full = target.full if target else None
        self.expected.append(
            Expected(rule, source.full, full, tuple(sorted(columns)), severity, waived)
        )

    def entry(self, owner: str) -> Table:
        """Return a dataset that takes data in, and has no contract."""
        return self.table(owner, contract=False)

    # --- the files -----------------------------------------------------------------------------

    def fill(self) -> None:
        """Add datasets that only their own departments use, up to the size."""
        last: dict[str, Table] = {}
        while len(self.tables) < self.size:
            owner = self.chance.choice(self.departments)
            made = self.table(owner, contract=False)
            if owner in last and self.chance.random() < 0.8:
                self.flow(last[owner], made, ["id"], purpose="care")
            last[owner] = made

    def write(self, root: Path) -> None:
        """Write the workspace."""
        for folder in ("contracts", "agreements", "lineage", "data"):
            (root / folder).mkdir(parents=True)
        (root / "headwater.yaml").write_text(self._settings(), encoding="utf-8")
        (root / "departments.yaml").write_text(self._departments(), encoding="utf-8")
        (root / "purposes.yaml").write_text(_purposes(), encoding="utf-8")
        for file, text in self.agreements.items():
            (root / file).write_text(text, encoding="utf-8")
        for table in self.tables:
            if table.contract:
                _write_contract(root, table)
        order = list(self.events)
        self.chance.shuffle(order)
        (root / "lineage/events.ndjson").write_text("\n".join(order) + "\n", encoding="utf-8")
        if self.waivers:
            listed = "".join(f"  - {waiver}\n" for waiver in self.waivers)
            (root / "waivers.yaml").write_text(
                f"kind: waivers\nwaivers:\n{listed}", encoding="utf-8"
            )
        (root / "own.yaml").write_text(OWN, encoding="utf-8")

    def _settings(self) -> str:
        namespaces = [
            {"namespace": f"postgres://{name}-db:*", "department": name}
            for name in self.departments
        ]
        said = {
            "kind": "workspace",
            "id": "planted",
            "namespaces": namespaces,
            "jobs": [json.loads(job) for job in self.jobs],
            "lineage": ["lineage/*.ndjson"],
            "checks": {"server": "sample"},
            "rules": {"off": list(self.off)},
        }
        return json.dumps(said)

    def _departments(self) -> str:
        return json.dumps(
            {
                "kind": "departments",
                "departments": [
                    {"id": name, "name": {"en": name, "zh": f"部门{name}"}, "level": "city",
                     "region": "330100", "clearance": clearance}
                    for name, clearance in self.clearance.items()
                ],
            }
        )  # fmt: skip


OWN = """\
kind: access-policy
id: own
title: {en: Own, zh: 自有}
owner: d0
basis: [PIPL-28]
effective: {from: 2026-01-01}
mode: enforce
rules:
  - id: no-marketing
    deny: {en: "not for {context.purpose}", zh: "不得用于{context.purpose}"}
    when: {all: [{action: {eq: share}}, {context.purpose: {eq: marketing}}]}
    remedy: {en: stop, zh: 停止}
  - id: look
    warn: {en: "indirect use of {resource.name}", zh: "间接使用 {resource.name}"}
    when: {all: [{action: {eq: share}}, {context.influence: {eq: indirect}}]}
    remedy: {en: look, zh: 查看}
"""


def _purposes() -> str:
    return json.dumps(
        {
            "kind": "purposes",
            "purposes": [
                {
                    "id": name,
                    "name": {"en": name, "zh": f"用途{name}"},
                    **({"under": under} if under else {}),
                }
                for name, under in PURPOSES.items()
            ],
        }
    )


def _write_contract(root: Path, table: Table) -> None:
    properties = [
        {"name": name, "logicalType": "string", **({"classification": level} if level else {}),
         **({"required": True, "unique": True} if name == "id" and table.stated else {})}
        for name, level in table.levels.items()
    ]  # fmt: skip
    server = {
        "type": "postgres",
        "host": f"{table.owner}-db",
        "port": 5432,
        "database": table.owner,
    }
    said = {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": table.contract,
        "version": "1.0.0",
        "status": "active",
        "tenant": table.owner,
        "servers": [
            {"server": "production", **server, "schema": "public"},
            {
                "server": "sample",
                "type": "local",
                "path": f"data/{table.name}.csv",
                "format": "csv",
            },
        ],
        "schema": [{"name": table.name, "physicalName": table.name, "properties": properties}],
    }
    (root / f"contracts/{table.name}.odcs.yaml").write_text(json.dumps(said), encoding="utf-8")
    names = list(table.levels)
    keys = ("1", "1") if table.unique else ("1", "2")
    rows = [",".join([key, *(["x"] * (len(names) - 1))]) for key in keys]
    text = "\n".join([",".join(names), *rows]) + "\n"
    (root / f"data/{table.name}.csv").write_text(text, encoding="utf-8")
