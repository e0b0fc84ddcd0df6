"""Writes keys, contracts, data, lineage and signatures.

Run it with ``python examples/city-agreements/make.py``. What it writes is committed; a test runs
it again and finds every byte the same. The private keys are made from the departments' names:
they belong to an example, and protect nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from headwater.app.signatures import PAYLOAD_TYPE
from headwater.catalog.canonical import canonical_json
from headwater.catalog.dsse import Envelope, SigningKey
from headwater.catalog.nodes import Mapping, plain
from headwater.catalog.yaml_source import parse_yaml

ROOT = Path(__file__).resolve().parent
DEPARTMENTS = (
    ("police", "Public Security Bureau", "公安局", "city", "330100"),
    ("health", "Health Commission", "卫生健康委员会", "city", "330100"),
    ("civil-affairs", "Civil Affairs Bureau", "民政局", "city", "330100"),
    (
        "social-insurance",
        "Human Resources and Social Security Bureau",
        "人力资源和社会保障局",
        "city",
        "330100",
    ),
    ("data-bureau", "Data Bureau", "数据局", "city", "330100"),
    ("street", "Street Office", "街道办事处", "township", "330106"),
)
HOSTS = {
    "police": ("pop-db", "population"),
    "health": ("health-db", "health"),
    "civil-affairs": ("civil-db", "civil"),
    "social-insurance": ("insurance-db", "insurance"),
    "data-bureau": ("exchange-db", "exchange"),
    "street": ("street-db", "street"),
}
DATASETS = {
    "resident": ("police", ("resident_id", "name", "birth_date", "address")),
    "resident_feed": ("data-bureau", ("resident_id", "name")),
    "office": ("civil-affairs", ("code", "name", "district")),
    "benefit": ("civil-affairs", ("benefit_id", "kind", "amount")),
    "benefit_case": ("social-insurance", ("benefit_id", "kind")),
    "care_need": ("health", ("benefit_id", "kind")),
    "member": ("social-insurance", ("member_no", "resident_id", "status")),
    "dose_count": ("health", ("district", "doses")),
    "visit_count": ("health", ("district", "visitors")),
}
"""Dataset → whose it is, and its columns; the first one identifies a row."""

LEAST = {"visitors": 10}
"""Columns that count people: how many each row stands for at least, which a check proves."""

RAISED = {"address": "general-3", "birth_date": "general-2", "name": "general-2"}

# job → purpose, dataset written, {column: column read}, columns that are masked
JOBS: tuple[tuple[str, str, str, dict[str, str], tuple[str, ...]], ...] = (
    ("resident_feed", "public-health", "data-bureau/resident_feed",
     {"resident_id": "resident#resident_id", "name": "resident#name"}, ()),
    ("person_index", "public-health", "health/person_index",
     {"resident_id": "resident_feed#resident_id", "name": "resident_feed#name"}, ()),
    ("cohort", "public-health", "health/cohort", {"birth_date": "resident#birth_date"}, ()),
    ("aid_list", "social-protection", "civil-affairs/aid_list",
     {"resident_id": "resident#resident_id", "address": "resident#address"}, ()),
    ("guide", "community-service", "street/guide",
     {"code": "office#code", "name": "office#name"}, ()),
    ("desk_list", "public-health", "health/desk_list",
     {"code": "office#code", "name": "office#name"}, ()),
    ("office_copy", "community-service", "police/office_copy",
     {"code": "office#code", "name": "office#name"}, ()),
    ("benefit_case", "social-protection", "social-insurance/benefit_case",
     {"benefit_id": "benefit#benefit_id", "kind": "benefit#kind"}, ()),
    ("care_need", "social-protection", "health/care_need",
     {"benefit_id": "benefit_case#benefit_id", "kind": "benefit_case#kind"}, ()),
    ("care_visits", "social-protection", "street/care_visits",
     {"benefit_id": "care_need#benefit_id", "kind": "care_need#kind"}, ()),
    ("member_check", "social-protection", "civil-affairs/member_check",
     {"resident_id": "member#resident_id", "status": "member#status"}, ()),
    ("member_count", "social-protection", "civil-affairs/member_count",
     {"resident_hash": "member#resident_id", "status": "member#status"}, ("resident_hash",)),
    ("dose_map", "public-health", "civil-affairs/dose_map",
     {"district": "dose_count#district", "doses": "dose_count#doses"}, ()),
    ("visit_map", "public-health", "civil-affairs/visit_map",
     {"district": "visit_count#district", "visitors": "visit_count#visitors"}, ()),
    ("dose_rate", "public-health", "social-insurance/dose_rate",
     {"district": "dose_count#district", "doses": "dose_count#doses"}, ()),
)  # fmt: skip

# What was signed where the text was changed afterwards: file → (as it reads, as it was signed).
CHANGED = {
    "agreements/police-civil-affairs.yaml": ("[resident_id, address]", "[resident_id]"),
}


def key(department: str) -> Ed25519PrivateKey:
    """Return the private key of a department."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(department.encode()).digest())


def departments() -> str:
    """Return ``departments.yaml``."""
    lines = ["# Written by make.py.", "kind: departments", "departments:"]
    for name, en, zh, level, region in DEPARTMENTS:
        public = key(name).public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )  # fmt: skip
        lines += [
            f"  - id: {name}",
            f"    name: {{en: {en}, zh: {zh}}}",
            f"    level: {level}",
            f'    region: "{region}"',
            "    clearance: general-4",
            "    keys:",
            f"      - {{id: {name}-2026, public_key: {base64.b64encode(public).decode()}, "
            "valid: {from: 2025-01-01}}",
        ]
    return _text(lines)


def contract(name: str) -> str:
    """Return the contract of one dataset."""
    department, columns = DATASETS[name]
    host, database = HOSTS[department]
    lines = [
        "# Written by make.py.",
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: {name.replace('_', '-')}",
        "version: 1.0.0",
        "status: active",
        f"tenant: {department}",
        "servers:",
        f"  - {{server: production, type: postgres, host: {host}, port: 5432, "
        f"database: {database}, schema: public}}",
        f"  - {{server: sample, type: local, path: data/{name}.csv, format: csv}}",
        "schema:",
        f"  - name: {name}",
        f"    physicalName: {name}",
        "    properties:",
    ]
    for column in columns:
        first = "required: true, unique: true, " if column == columns[0] else ""
        level = RAISED.get(column, "general-1")
        kind = "string"
        if column in LEAST:
            kind, first = (
                "integer",
                f"required: true, logicalTypeOptions: {{minimum: {LEAST[column]}}}, ",
            )
            level += ", customProperties: [{property: group-size, value: true}]"
        lines.append(
            f"      - {{name: {column}, logicalType: {kind}, {first}classification: {level}}}"
        )
    return _text(lines)


def data(name: str) -> str:
    """Return three rows of one dataset."""
    _, columns = DATASETS[name]
    rows = [
        [
            str(LEAST[column] * number) if column in LEAST else f"{column}-{number}"
            for column in columns
        ]
        for number in (1, 2, 3)
    ]
    return _text([",".join(row) for row in [list(columns), *rows]])


def events() -> str:
    """Return one run of each job, ten minutes apart."""
    lines = []
    for place, (job, purpose, target, columns, masked) in enumerate(JOBS):
        department, name = target.split("/")
        sources = sorted({source.split("#")[0] for source in columns.values()})
        fields = {
            column: {"inputFields": [{
                **_dataset(source.split("#")[0]), "field": source.split("#")[1],
                "transformations": [{"type": "DIRECT", "subtype": "TRANSFORMATION"
                                     if column in masked else "IDENTITY",
                                     "masking": column in masked}],
            }]}
            for column, source in columns.items()
        }  # fmt: skip
        lines.append(json.dumps({
            "eventTime": f"2026-10-26T{1 + place // 6:02}:{place % 6}0:00Z",
            "eventType": "COMPLETE",
            "producer": PRODUCER,
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{PRODUCER}/{job}"))},
            "job": {"namespace": "city-etl", "name": f"{department}.{job}", "facets": {
                "tags": _facet("TagsJobFacet", tags=[
                    {"key": "purpose", "value": purpose, "source": "USER"}])}},
            "inputs": [_dataset(source) for source in sources],
            "outputs": [{**_dataset(name, department), "facets": {
                "columnLineage": _facet("ColumnLineageDatasetFacet", fields=fields)}}],
        }))  # fmt: skip
    return _text(lines)


PRODUCER = "https://example.org/city/etl"


def _facet(name: str, **said: object) -> dict[str, object]:
    url = f"https://openlineage.io/spec/facets/1-0-0/{name}.json#/$defs/{name}"
    return {"_producer": PRODUCER, "_schemaURL": url, **said}


def _dataset(name: str, department: str | None = None) -> dict[str, str]:
    host, database = HOSTS[department or DATASETS[name][0]]
    return {"namespace": f"postgres://{host}:5432", "name": f"{database}.public.{name}"}


def signatures(file: str) -> str:
    """Return the envelope of one agreement, signed by both sides."""
    text = (ROOT / file).read_text(encoding="utf-8")
    before, after = CHANGED.get(file, ("", ""))
    node = parse_yaml((text.replace(before, after) if before else text).encode(), file)
    if not isinstance(node, Mapping):
        raise TypeError(file)
    payload = canonical_json(plain(node))
    made = []
    for side in ("provider", "consumer"):
        name = node.text(side) or ""
        pem = key(name).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        made.append(SigningKey(pem).sign(PAYLOAD_TYPE, payload, f"{name}-2026"))
    envelope = Envelope(PAYLOAD_TYPE, payload, tuple(made))
    return json.dumps(envelope.document(), indent=2) + "\n"


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Write every file."""
    files = {"departments.yaml": departments(), "lineage/city.ndjson": events()}
    for name in DATASETS:
        files[f"contracts/{name.replace('_', '-')}.odcs.yaml"] = contract(name)
        files[f"data/{name}.csv"] = data(name)
    for path in sorted((ROOT / "agreements").glob("*.yaml")):
        files[f"agreements/{path.stem}.dsse.json"] = signatures(f"agreements/{path.name}")
    for file, text in files.items():
        (ROOT / file).parent.mkdir(exist_ok=True)
        (ROOT / file).write_text(text, encoding="utf-8")
    print(f"{len(files)} files written")


if __name__ == "__main__":
    main()
