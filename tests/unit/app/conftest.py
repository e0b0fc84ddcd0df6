"""A town of three departments that share one register, and keys for them to sign with."""

from __future__ import annotations

import base64
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from headwater.app.loading import load

if TYPE_CHECKING:
    from headwater.catalog.model import Workspace

AGREEMENT = """\
kind: agreement
id: police-tax
provider: police
consumer: tax
grants:
  - {contract: resident, columns: [resident_id, name]}
purposes: [taxation]
legal_basis: {ground: statutory-duty, mandate: DSL-38}
valid: {from: 2026-01-01, until: 2026-12-31}
"""

CONTRACT = """\
apiVersion: v3.0.2
kind: DataContract
id: resident
version: 1.0.0
status: active
tenant: police
servers: [{server: sample, type: local, path: "data/resident.csv", format: csv}]
schema:
  - name: resident
    customProperties:
      - {property: dataset, value: {namespace: "postgres://police:5432", name: resident}}
    properties:
      - {name: resident_id, logicalType: string, required: true, classification: general-1}
      - {name: name, logicalType: string, classification: general-2}
      - {name: id_number, logicalType: string, classification: general-3}
      - {name: region, logicalType: string, classification: general-1}
"""

FILES: dict[str, str] = {
    "headwater.yaml": """\
kind: workspace
id: town
namespaces:
  - {namespace: "postgres://police:*", department: police}
  - {namespace: "postgres://tax:*", department: tax}
  - {namespace: "postgres://street:*", department: street}
lineage: ["lineage/*.ndjson"]
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: taxation, name: {en: taxation, zh: 税收}}
  - {id: income-tax, under: taxation, name: {en: income tax, zh: 所得税}}
  - {id: marketing, name: {en: marketing, zh: 营销}}
""",
    "contracts/resident.odcs.yaml": CONTRACT,
    "agreements/police-tax.yaml": AGREEMENT,
}


class Keys:
    """A key for each department, always the same: made from the department's name."""

    def __getitem__(self, name: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"."))

    def public(self, name: str) -> str:
        """Return the public half as a workspace writes it."""
        der = (
            self[name]
            .public_key()
            .public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        return base64.b64encode(der).decode()

    def pem(self, name: str) -> bytes:
        """Return the private half as people keep it."""
        return self[name].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys()


def departments(keys: Keys, **more: str) -> str:
    """Return ``departments.yaml``; ``more`` adds to the key of a department."""
    lines = ["kind: departments", "departments:"]
    for name, region in (("police", "330100"), ("tax", "330100"), ("street", "330106")):
        key = f'{{id: {name}-1, public_key: "{keys.public(name)}"{more.get(name, "")}}}'
        lines.append(
            f'  - {{id: {name}, name: {name}, level: city, region: "{region}", '
            f"clearance: general-4, keys: [{key}]}}"
        )
    return "\n".join(lines) + "\n"


def _dataset(name: str) -> dict[str, str]:
    department, _, rest = name.partition(".")
    return {"namespace": f"postgres://{department}:5432", "name": rest}


class Town:
    """The town's files, in a folder of their own."""

    def __init__(self, root: Path, keys: Keys) -> None:
        self.root = root
        self.keys = keys
        self.write("departments.yaml", departments(keys))
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        """Write one file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def change(self, name: str, before: str, after: str) -> None:
        """Change one file where it says ``before``."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert before in text
        self.write(name, text.replace(before, after))

    def add(self, name: str, text: str) -> None:
        """Add lines to a file."""
        self.write(name, (self.root / name).read_text(encoding="utf-8") + text)

    def agree(self, name: str, **changed: str) -> None:
        """Write one more agreement: the first one with some of its lines changed or added."""
        lines = AGREEMENT.replace("id: police-tax", f"id: {name}").splitlines()
        for key, value in changed.items():
            lines = [line for line in lines if not line.startswith(f"{key}:")]
            lines.append(f"{key}: {value}")
        self.write(f"agreements/{name}.yaml", "\n".join(lines) + "\n")

    def departments(self, **more: str) -> None:
        """Write the departments anew, with more said of their keys."""
        self.write("departments.yaml", departments(self.keys, **more))

    def require_signatures(self) -> None:
        """Let the workspace require them."""
        self.add("headwater.yaml", "agreements: {require_signatures: true}\n")

    def load(self) -> Workspace:
        """Return the workspace as it now is."""
        return load(self.root).workspace

    def flow(
        self, source: str, target: str, *columns: str, purpose: str = "income-tax",
        day: str = "2026-10-05", masked: bool = False,
    ) -> None:  # fmt: skip
        """Record a run that read ``source`` and wrote ``target``: these columns, or none said.

        The namespace of a dataset is its department: what stands before the first dot.
        """
        fields = {
            column: {"inputFields": [
                {**_dataset(source), "field": column, "transformations": [
                    {"type": "DIRECT", "subtype": "IDENTITY", "masking": masked}]}
            ]}
            for column in columns
        }  # fmt: skip
        facets = {"columnLineage": {"fields": fields}} if columns else {}
        tag = [{"key": "purpose", "value": purpose}]
        event = {
            "eventTime": f"{day}T01:00:00Z",
            "eventType": "COMPLETE",
            "producer": "https://example.org/etl",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {
                "runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source}{target}{day}{columns}"))
            },
            "job": {
                "namespace": "etl",
                "name": f"{source}-{target}",
                "facets": {"tags": {"tags": tag}} if purpose else {},
            },
            "inputs": [_dataset(source)],
            "outputs": [{**_dataset(target), "facets": facets}],
        }
        path = self.root / "lineage/events.ndjson"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        self.write("lineage/events.ndjson", f"{before}{json.dumps(event)}\n")

    def key(self, name: str) -> Path:
        """Return a file with the private key of a department, outside the workspace."""
        path = self.root.parent / f"{name}.pem"
        path.write_bytes(self.keys.pem(name))
        return path


@pytest.fixture
def town(tmp_path: Path, keys: Keys) -> Town:
    return Town(tmp_path / "town", keys)
