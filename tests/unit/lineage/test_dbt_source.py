"""dbt's manifest and catalogue as a source, on a small hand-made project.

The manifest has the form of version 12 (dbt 1.8 to 1.10): only what is read is there, beside a
few of the many keys that are not.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from headwater.catalog.errors import DocumentError
from headwater.catalog.ids import DatasetId
from headwater.lineage.dbt_source import DbtProject, read_dbt
from headwater.lineage.uses import Declared, Reading, Uses

NAMESPACE = "postgres://dwh:5432"
PROJECT = DbtProject(NAMESPACE)


def node(kind: str, name: str, sql: str | None, *above: str, **more: Any) -> dict[str, Any]:
    return {
        "unique_id": f"{kind}.shop.{name}",
        "resource_type": kind,
        "name": name,
        "package_name": "shop",
        "database": "dwh",
        "schema": "mart",
        "relation_name": f'"dwh"."mart"."{name}"',
        "language": "sql",
        "raw_code": "select 'not this one'",
        "compiled_code": sql,
        "original_file_path": f"models/{name}.sql",
        "depends_on": {"macros": ["macro.dbt.run"], "nodes": list(above)},
        "tags": [],
        "meta": {},
        "config": {"materialized": "table", "meta": {}},
        **more,
    }


SOURCE = {
    "unique_id": "source.shop.crm.customers",
    "resource_type": "source",
    "name": "customers",
    "database": "crm",
    "schema": "public",
    "relation_name": '"crm"."public"."customers"',
    "tags": [],
    "meta": {},
}
STAGED = node(
    "model",
    "staged",
    'select * from "crm"."public"."customers" where active',
    "source.shop.crm.customers",
)
REPORT = node(
    "model",
    "report",
    'with __dbt__cte__slim as (select id, email from "dwh"."mart"."staged")\n'
    'select s.id, md5(s.email) as mail, r.title from __dbt__cte__slim as s join "dwh"."mart"."regions" as r on r.id = s.region',
    "model.shop.slim",
    "seed.shop.regions",
    meta={"purpose": "public-health"},
)
MANIFEST: dict[str, Any] = {
    "metadata": {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "adapter_type": "postgres",
        "generated_at": "2026-10-01T00:00:00Z",
    },
    "nodes": {
        # In an order in which nothing is known when it is needed.
        "model.shop.report": REPORT,
        "model.shop.slim": node(
            "model", "slim", "select id, email, region from staged", "model.shop.staged",
            relation_name=None, config={"materialized": "ephemeral"},
        ),
        "model.shop.staged": STAGED,
        "seed.shop.regions": node("seed", "regions", None),
        "test.shop.unique": node("test", "unique", "select 1", "model.shop.report", relation_name=None),
    },
    "sources": {"source.shop.crm.customers": SOURCE},
    "exposures": {
        "exposure.shop.dashboard": {
            "unique_id": "exposure.shop.dashboard",
            "name": "dashboard",
            "type": "dashboard",
            "original_file_path": "models/exposures.yml",
            "depends_on": {"macros": [], "nodes": ["model.shop.report"]},
            "tags": ["purpose:planning"],
            "meta": {},
        }
    },
    "macros": {},
}  # fmt: skip
CATALOG: dict[str, Any] = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
    "nodes": {
        "seed.shop.regions": {"columns": {"id": {"type": "int"}, "title": {"type": "text"}}},
    },
    "sources": {
        "source.shop.crm.customers": {
            "columns": {name: {"type": "text"} for name in ("id", "email", "region", "active")}
        }
    },
}


def read(
    manifest: dict[str, Any] = MANIFEST,
    catalog: dict[str, Any] | None = CATALOG,
    project: DbtProject = PROJECT,
) -> Reading:
    tables = ("catalog.json", json.dumps(catalog).encode()) if catalog else None
    return read_dbt(("manifest.json", json.dumps(manifest).encode()), tables, project)


def fixed() -> dict[str, Any]:
    """Return the manifest with the report's mistake (a column that ``slim`` drops) put right."""
    manifest = copy.deepcopy(MANIFEST)
    report = manifest["nodes"]["model.shop.report"]
    report["compiled_code"] = report["compiled_code"].replace(
        "select id, email ", "select id, email, region "
    )
    return manifest


def by_name(reading: Reading) -> dict[str, Declared]:
    return {declared.output.name: declared for declared in reading.declared}


def words(uses: Uses) -> str:
    found = (
        f"{use.source.dataset.name}.{use.source.column}:{use.subtype}{'*' if use.masked else ''}"
        for use in uses
    )
    return " ".join(sorted(found))


def codes(manifest: dict[str, Any], **given: Any) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(manifest, **given)
    return [found.code for found in caught.value.problems]


def test_models_and_exposures_become_jobs_and_nothing_else_does() -> None:
    found = read(fixed()).declared
    assert [(each.job.name, each.output) for each in found] == [
        ("exposure.shop.dashboard", DatasetId("dbt", "exposure.shop.dashboard")),
        ("model.shop.report", DatasetId(NAMESPACE, "dwh.mart.report")),
        ("model.shop.staged", DatasetId(NAMESPACE, "dwh.mart.staged")),
    ]


def test_a_star_is_spelled_out_from_the_catalogue_and_models_from_those_before_them() -> None:
    reading = read(fixed())
    assert reading.notes == ()
    staged, report = by_name(reading)["dwh.mart.staged"], by_name(reading)["dwh.mart.report"]
    assert staged.columns == ("id", "email", "region", "active")
    assert words(staged.influences) == "crm.public.customers.active:FILTER"
    assert {name: words(uses) for name, uses in (report.made_from or {}).items()} == {
        "id": "dwh.mart.staged.id:IDENTITY",
        "mail": "dwh.mart.staged.email:TRANSFORMATION*",
        "title": "dwh.mart.regions.title:IDENTITY",
    }
    assert words(report.influences) == "dwh.mart.regions.id:JOIN dwh.mart.staged.region:JOIN"


def test_purposes_come_from_meta_tags_and_the_default() -> None:
    reading = read(fixed(), project=DbtProject(NAMESPACE, purpose="operations"))
    assert {each.job.name: each.purpose for each in reading.declared} == {
        "exposure.shop.dashboard": "planning",
        "model.shop.report": "public-health",
        "model.shop.staged": "operations",
    }


def test_an_exposure_reads_its_models_as_a_whole() -> None:
    found = by_name(read(fixed()))["exposure.shop.dashboard"]
    assert found.made_from is None
    assert [each.name for each in found.inputs] == ["dwh.mart.report"]


def test_without_a_catalogue_a_star_is_taken_as_a_whole_with_a_note() -> None:
    reading = read(fixed(), None)
    assert by_name(reading)["dwh.mart.staged"].made_from is None
    assert [note.code for note in reading.notes] == ["sql-star-unknown"]


@pytest.mark.parametrize("change", [{"compiled_code": None}, {"language": "python"}])
def test_a_model_without_sql_is_taken_as_a_whole_through_ephemeral_ones(
    change: dict[str, Any],
) -> None:
    manifest = fixed()
    manifest["nodes"]["model.shop.report"].update(change)
    reading = read(manifest)
    found = by_name(reading)["dwh.mart.report"]
    assert [each.name for each in found.inputs] == ["dwh.mart.regions", "dwh.mart.staged"]
    assert [note.code for note in reading.notes] == ["dbt-not-compiled"]


def test_a_model_that_is_not_understood_is_a_problem_in_its_own_file() -> None:
    with pytest.raises(DocumentError) as caught:
        read()
    (found,) = caught.value.problems
    assert (str(found.position), found.code) == ("models/report.sql:2:114", "sql-unknown-column")


def test_if_told_so_it_is_taken_as_a_whole_with_both_said() -> None:
    reading = read(project=DbtProject(NAMESPACE, lenient=True))
    assert by_name(reading)["dwh.mart.report"].made_from is None
    assert [note.code for note in reading.notes] == ["sql-unknown-column", "dbt-taken-whole"]


def test_the_adapter_says_the_dialect() -> None:
    manifest = fixed()
    manifest["metadata"]["adapter_type"] = "bigquery"
    sql = "select * except (email) from `crm`.`public`.`customers`"
    manifest["nodes"]["model.shop.staged"]["compiled_code"] = sql
    manifest["nodes"]["model.shop.report"]["compiled_code"] = "select 1 as one"
    for each in (*manifest["nodes"].values(), *manifest["sources"].values()):
        each["relation_name"] = (each["relation_name"] or "").replace('"', "`") or None
    assert by_name(read(manifest))["dwh.mart.staged"].columns == ("id", "region", "active")


def test_a_circle_of_models_ends() -> None:
    manifest = fixed()
    manifest["nodes"]["model.shop.staged"]["depends_on"]["nodes"].append("model.shop.report")
    assert len(read(manifest).declared) == 3


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("metadata", "dbt_schema_version"), "https://schemas.getdbt.com/dbt/manifest/v6.json", "dbt-version"),
        (("metadata", "dbt_schema_version"), "v12\u00b2", "dbt-version"),
        (("metadata", "adapter_type"), "cobol", "sql-dialect"),
        (("nodes",), [], "dbt-artifact"),
        (("nodes", "model.shop.report", "relation_name"), "select 1", "dbt-relation"),
        (("nodes", "model.shop.report", "relation_name"), "a" * 5000, "dbt-relation"),
        (("nodes", "model.shop.report", "meta"), {"purpose": 7}, "dbt-purpose"),
        (("exposures", "exposure.shop.dashboard", "depends_on"), {"nodes": ["model.shop.gone"]}, "dbt-unknown-node"),
        (("nodes", "model.shop.report", "compiled_code"), "select {{ x }}", "sql-template"),
        (("nodes", "model.shop.report", "compiled_code"), "select '\ud800'", "dbt-artifact"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_problem(path: tuple[str, ...], value: object, code: str) -> None:
    manifest = fixed()
    inner: Any = manifest
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert code in codes(manifest)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"a": ' * 100_000, b"null"])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        read_dbt(("manifest.json", data), None, PROJECT)
    assert caught.value.problems[0].code == "dbt-artifact"
