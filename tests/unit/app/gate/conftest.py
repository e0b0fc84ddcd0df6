"""A small workspace of two departments, as files, that tests write out and change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

EVENT = (
    '{"eventTime": "2026-10-01T00:00:00Z", "eventType": "COMPLETE", "producer": "https://x",'
    ' "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",'
    ' "run": {"runId": "0189b6a5-0000-7000-8000-000000000001"},'
    ' "job": {"namespace": "etl", "name": "copy"},'
    ' "inputs": [{"namespace": "postgres://a-db:1", "name": "d.public.people"}],'
    ' "outputs": [{"namespace": "postgres://b-db:1", "name": "d.public.list", "facets":'
    ' {"columnLineage": {"_producer": "https://x", "_schemaURL": "https://x", "fields":'
    ' {"who": {"inputFields": [{"namespace": "postgres://a-db:1", "name": "d.public.people",'
    ' "field": "name"}]}}}}}]}'
)
FILES = {
    "headwater.yaml": """\
kind: workspace
id: small
namespaces:
  - {namespace: "postgres://a-db:*", department: a}
  - {namespace: "postgres://b-db:*", department: b}
jobs: [{namespace: "etl", name: "*", purpose: care}]
lineage: ["lineage/*.ndjson"]
rules: {off: [sharing/checks-missing]}
""",
    "departments.yaml": """\
kind: departments
departments:
  - {id: a, name: {en: Office A, zh: 甲局}, level: city, region: "330100", clearance: general-4}
  - {id: b, name: {en: Office B, zh: 乙局}, level: city, region: "330100", clearance: general-2}
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: care, name: {en: Care, zh: 照护}}
  - {id: marketing, name: {en: Marketing, zh: 营销}}
""",
    "contracts/people.odcs.yaml": """\
apiVersion: v3.0.2
kind: DataContract
id: people
version: 1.0.0
status: active
tenant: a
servers: [{server: s, type: postgres, host: a-db, port: 1, database: d, schema: public}]
schema:
  - name: people
    physicalName: people
    properties:
      - {name: name, logicalType: string, classification: general-2}
      - {name: phone, logicalType: string, classification: general-3}
""",
    "agreements/a-b.yaml": """\
kind: agreement
id: a-b
provider: a
consumer: b
grants:
  - {contract: people, columns: [phone]}
purposes: [care]
legal_basis: {ground: statutory-duty}
valid: {from: 2026-01-01, until: 2026-12-31}
""",
    "lineage/events.ndjson": EVENT + "\n",
}


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write the workspace, with files changed, added, or (``None``) left out; return its folder."""

    def write(changes: Mapping[str, str | None] | None = None, name: str = "small") -> Path:
        root = tmp_path / name
        for file, text in {**FILES, **(changes or {})}.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                path.write_text(text, encoding="utf-8")
            elif path.exists():
                path.unlink()
        return root

    return write
