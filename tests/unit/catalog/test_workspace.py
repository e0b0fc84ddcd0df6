"""Bad workspaces: every problem of every file in one run, each at its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from headwater.catalog.errors import DocumentError, InputError
from headwater.catalog.forms import Problems
from headwater.catalog.ids import DatasetId
from headwater.catalog.model import Workspace
from headwater.catalog.workspace import load_workspace

FILES = {
    "headwater.yaml": """\
kind: workspace
id: town
namespaces:
  - {namespace: "postgres://db:*", department: police}
jobs:
  - {namespace: etl, purpose: care}
lineage: ["events/*.ndjson"]
checks: {server: sample}
""",
    "departments.yaml": """\
kind: departments
departments:
  - {id: police, name: Police, level: city, region: "330100", clearance: general-3}
  - {id: health, name: {en: Health, zh: 卫健委}, level: city, region: "330100", clearance: core}
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: care, name: Care}
  - {id: vaccination, under: care, name: Vaccination}
""",
    "contracts/resident.odcs.yaml": """\
apiVersion: v3.1.0
kind: DataContract
id: resident
name: Residents
version: 1.0.0
status: active
tenant: police
servers:
  - {server: production, type: postgres, host: db, port: 5432, database: pop, schema: public}
  - {server: sample, type: local, path: data/resident.csv, format: csv}
schema:
  - name: resident
    properties:
      - {name: id, logicalType: string, classification: general-3, tags: [personal, other]}
      - {name: name, logicalType: string}
""",
    "agreements/a.yaml": """\
kind: agreement
id: a
provider: police
consumer: health
grants:
  - {contract: resident, columns: [id]}
purposes: [care]
legal_basis: {ground: statutory-duty}
valid: {from: 2026-01-01, until: 2026-12-31}
onward: none
""",
}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def loaded(root: Path) -> Workspace:
    found = Problems()
    workspace = load_workspace(root, found)
    found.raise_any()
    assert workspace is not None
    return workspace


def problems(root: Path) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        loaded(root)
    return [
        f"{found.position} {found.code}: {found.message.en}"
        + (f" ({found.hint.en})" if found.hint else "")
        for found in caught.value.problems
    ]


def test_a_good_workspace_loads(town: Path) -> None:
    workspace = loaded(town)
    resident = DatasetId("postgres://db:5432", "pop.public.resident")
    assert list(workspace.datasets) == [resident]
    assert workspace.department_of(resident) == "police"
    assert workspace.department_of(DatasetId("s3://x", "y")) is None
    assert workspace.purpose_and_above("vaccination") == ("vaccination", "care")
    assert workspace.purpose_of_job("etl", "anything") == "care"
    column = workspace.datasets[resident].column("id")
    assert column is not None
    assert (column.level, column.categories) == ("general-3", ("personal",))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("agreements/a.yaml", "provider:", "provder:", "agreements/a.yaml:3:1 unknown-key: "
         "unknown key `provder` (did you mean `provider`?"),
        ("agreements/a.yaml", "ground: statutory-duty", "ground: statutory",
         "agreements/a.yaml:8:23 not-one-of: `statutory` is not a valid `ground` "
         "(did you mean `statutory-duty`?"),
        ("agreements/a.yaml", "consumer: health", "consumer: helth",
         "agreements/a.yaml:4:11 unknown-reference: there is no department `helth` "
         "(did you mean `health`?)"),
        ("agreements/a.yaml", "purposes: [care]", "purposes: [car]",
         "agreements/a.yaml:7:12 unknown-reference: there is no purpose `car` "
         "(did you mean `care`?)"),
        ("agreements/a.yaml", "columns: [id]", "columns: [idd]",
         "agreements/a.yaml:6:36 matches-no-column: `idd` matches no column of `resident` "
         "(did you mean `id`?)"),
        ("agreements/a.yaml", "contract: resident", "contract: residents",
         "agreements/a.yaml:6:5 unknown-reference: there is no contract `residents`"),
        ("agreements/a.yaml", "provider: police", "provider: health",
         "agreements/a.yaml:6:5 not-the-provider: "),
        ("agreements/a.yaml", "from: 2026-01-01", "from: 2026-02-30",
         "agreements/a.yaml:9:15 bad-date: `2026-02-30` is not a date of the calendar"),
        ("agreements/a.yaml", "until: 2026-12-31", "until: 2025-12-31",
         "agreements/a.yaml:9:34 bad-range: "),
        ("agreements/a.yaml", "columns: [id]", "columns: []", "agreements/a.yaml:6:35 empty: "),
        ("agreements/a.yaml", "columns: [id]", "columns: 5",
         "agreements/a.yaml:6:35 quote-it: `columns` must be text, and `5` is read as a number"),
        ("agreements/a.yaml", "purposes: [care]\n", "", "agreements/a.yaml:1:1 missing-key: "
         "the key `purposes` is missing"),
        ("agreements/a.yaml", "kind: agreement", "kind: agrement",
         "agreements/a.yaml:1:1 unknown-kind: "),
        ("agreements/a.yaml", "kind: agreement", "knd: agreement",
         "agreements/a.yaml:1:1 unknown-key: unknown key `knd` (did you mean `kind`?"),
        ("agreements/a.yaml", "kind: agreement\n", "", "agreements/a.yaml:1:1 no-kind: "),
        ("agreements/a.yaml", "kind: agreement", "kind: workspace",
         "agreements/a.yaml:1:1 second-document: "),
        ("departments.yaml", "region: \"330100\"", "region: 330100",
         "departments.yaml:3:53 quote-it: `region` must be text, and `330100` is read as a number"),
        ("departments.yaml", "region: \"330100\"", "region: \"33010\"",
         "departments.yaml:3:53 bad-region: "),
        ("departments.yaml", "clearance:", "clearence:",
         "departments.yaml:3:63 unknown-key: unknown key `clearence` (did you mean `clearance`?"),
        ("departments.yaml", "id: health", "id: police", "departments.yaml:4:5 duplicate-id: "),
        ("departments.yaml", "zh: 卫健委", "fr: x", "departments.yaml:4:24 text-language: "),
        ("purposes.yaml", "{id: care, ", "{id: care, under: vaccination, ",
         "purposes.yaml:3:5 cycle: `care` lies under itself"),
        ("purposes.yaml", "id: care", "id: \"ca re\"", "purposes.yaml:3:10 bad-id: "),
        ("headwater.yaml", "department: police", "department: polce",
         "headwater.yaml:4:48 unknown-reference: there is no department `polce`"),
        ("headwater.yaml", "purpose: care", "purpose: cure",
         "headwater.yaml:6:31 unknown-reference: there is no purpose `cure`"),
        ("headwater.yaml", "\"events/*.ndjson\"", "\"../*.ndjson\"",
         "headwater.yaml:7:11 file-outside: "),
        ("headwater.yaml", "server: sample", "server: sampel",
         "headwater.yaml:2:5 unknown-reference: there is no server `sampel` "
         "(did you mean `sample`?)"),
        ("contracts/resident.odcs.yaml", "classification:", "clasification:",
         "contracts/resident.odcs.yaml:14:41 unknown-key: unknown key `clasification` "
         "(did you mean `classification`?"),
        ("contracts/resident.odcs.yaml", "general-3", "general-9",
         "contracts/resident.odcs.yaml:14:41 not-one-of: `general-9`"),
        ("contracts/resident.odcs.yaml", "schema:\n", "scema:\n",
         "contracts/resident.odcs.yaml:11:1 unknown-key: unknown key `scema` "
         "(did you mean `schema`?"),
        ("contracts/resident.odcs.yaml", "tenant: police", "tenant: plice",
         "contracts/resident.odcs.yaml:7:9 unknown-reference: there is no department `plice`"),
        ("contracts/resident.odcs.yaml", "apiVersion: v3.1.0", "apiVersion: v2.2.0",
         "contracts/resident.odcs.yaml:1:1 odcs-version: "),
        ("contracts/resident.odcs.yaml", "logicalType: string", "logicalType: [x]",
         "contracts/resident.odcs.yaml:14:33 bad-contract: "),
        ("contracts/resident.odcs.yaml", "type: postgres", "type: postgrs",
         "contracts/resident.odcs.yaml:12:5 no-dataset-name: "),
        ("contracts/resident.odcs.yaml", "host: db, ", "",
         "contracts/resident.odcs.yaml:12:5 no-dataset-name: the dataset of `resident` cannot be "
         "named: the server production lacks host"),
        ("contracts/resident.odcs.yaml", "name: name", "name: id",
         "contracts/resident.odcs.yaml:15:9 duplicate-id: "),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_place(
    town: Path, file: str, old: str, new: str, expected: str
) -> None:
    edit(town, file, old, new)
    found = problems(town)
    assert any(line.startswith(expected) for line in found), found


def test_all_problems_of_all_files_come_in_one_run(town: Path) -> None:
    edit(town, "agreements/a.yaml", "provider:", "provder:")
    edit(town, "departments.yaml", "clearance:", "clearence:")
    edit(town, "contracts/resident.odcs.yaml", "version: 1.0.0\n", "")
    files = {line.split(":")[0] for line in problems(town)}
    assert files == {"agreements/a.yaml", "departments.yaml", "contracts/resident.odcs.yaml"}


def test_rego_modules_are_read_sorted_and_a_hidden_character_is_refused(town: Path) -> None:
    (town / "policies").mkdir()
    for name in ("b", "a"):
        (town / "policies" / f"{name}.rego").write_text(f"package {name}\n", encoding="utf-8")
    found = [("policies/a.rego", "package a\n"), ("policies/b.rego", "package b\n")]
    assert list(loaded(town).rego_modules) == found
    (town / "policies" / "a.rego").write_text("package a # \u202e\n", encoding="utf-8")
    assert problems(town)[0].startswith("policies/a.rego:1:13 character")


def test_a_remote_opa_is_an_address_with_files_relative_to_the_workspace(town: Path) -> None:
    marker = town / "headwater.yaml"
    before = marker.read_text(encoding="utf-8")
    lines = "opa: {url: https://opa.example, ca: tls/ca.pem, cert: /etc/c.pem, key: k.pem}\n"
    marker.write_text(before + lines, encoding="utf-8")
    server = loaded(town).opa
    assert server is not None
    assert (server.url, server.ca, server.key) == (
        "https://opa.example",
        town / "tls" / "ca.pem",
        town / "k.pem",
    )
    assert (str(server.cert), server.token_file) == ("/etc/c.pem", None)
    marker.write_text(before + lines.replace(", key: k.pem", ""), encoding="utf-8")
    assert "opa-cert-and-key" in problems(town)[0]


def test_a_folder_with_its_own_marker_is_a_workspace_of_its_own(town: Path) -> None:
    shutil.copytree(town, town / "inner", ignore=shutil.ignore_patterns("inner"))
    assert loaded(town).id == "town"


def test_ignored_files_are_left_out(town: Path) -> None:
    (town / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    assert problems(town)[0].startswith("compose.yaml:1:1 no-kind")
    edit(town, "headwater.yaml", "id: town", "id: town\nignore: [compose.yaml]")
    assert loaded(town).id == "town"


def test_a_symbolic_link_is_not_followed(
    town: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "a2.yaml"
    outside.write_text(FILES["agreements/a.yaml"], encoding="utf-8")
    (town / "agreements" / "a2.yaml").symlink_to(outside)
    assert len(loaded(town).agreements) == 1


def test_a_folder_without_a_marker_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_workspace(tmp_path, Problems())
    assert caught.value.problems[0].code == "no-workspace"
