"""Contracts become expectations, expectations run as real GX validations."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import indent

import duckdb
import pytest

from headwater.app.loading import load
from headwater.catalog.errors import DocumentError
from headwater.catalog.model import Dataset, Workspace
from headwater.catalog.nodes import Mapping, plain
from headwater.catalog.yaml_source import read_yaml
from headwater.checks import CheckResult, DatasetChecks, run_checks
from headwater.checks.compile import compile_dataset
from headwater.checks.drafts import mappings

HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: {name}
name: {name}
version: 1.0.0
status: active
tenant: police
servers:
  - {{server: production, type: postgres, host: db, port: 5432, database: d, schema: s}}
  - {{server: sample, type: local, path: {path}, format: {format}}}
{sla}schema:
  - name: {name}
    properties:
"""


class Town:
    """A workspace in a folder, with one department."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "contracts").mkdir()
        (root / "data").mkdir()
        self.write("headwater.yaml", "kind: workspace\nid: town\nchecks: {server: sample}\n")
        self.write(
            "departments.yaml",
            "kind: departments\ndepartments:\n"
            '  - {id: police, name: P, level: city, region: "330100", clearance: core}\n',
        )

    def write(self, name: str, text: str | bytes) -> None:
        (self.root / name).write_bytes(text.encode() if isinstance(text, str) else text)

    def contract(
        self,
        properties: str,
        *,
        name: str = "people",
        table: str = "",
        sla: str = "",
        path: str = "",
        format_: str = "csv",
    ) -> None:
        path = path or f"data/{name}.{format_}"
        head = HEAD.format(name=name, path=path, format=format_, sla=sla)
        text = head + indent(properties, "      ") + indent(table, "    ")
        self.write(f"contracts/{name}.odcs.yaml", text)

    def checked(self, name: str = "people") -> DatasetChecks:
        workspace = load(self.root).workspace
        return run_checks(workspace, [_only(workspace, name)], self.root / "kept")[0]


def _only(workspace: Workspace, name: str) -> Dataset:
    return next(d for d in workspace.datasets.values() if d.object == name)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def said(checks: DatasetChecks) -> dict[str, tuple[str, int | None, int | None]]:
    return {r.check.key: (r.status, r.unexpected, r.total) for r in checks.results}


def result(checks: DatasetChecks, key: str) -> CheckResult:
    return next(r for r in checks.results if r.check.key == key)


# One contract with a failing case of each kind, so that Great Expectations is imported once.
EACH = """\
- {name: id, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
- {name: name, logicalType: string, required: true, logicalTypeOptions: {minLength: 2, maxLength: 3}}
- {name: code, logicalType: string, logicalTypeOptions: {pattern: "[A-Z]\\\\d"}}
- name: age
  logicalType: integer
  logicalTypeOptions: {minimum: 0, exclusiveMaximum: 100}
  quality:
    - {id: few-empty, type: library, metric: nullValues, mustBeLessThan: 50, unit: percent}
    - {id: no-empty, type: library, metric: nullValues, mustBe: 0, severity: warning}
    - {id: at-most-one-empty, metric: nullValues, mustBeLessOrEqualTo: 1}
- name: kind
  logicalType: string
  quality:
    - {id: listed, type: library, metric: invalidValues, mustBe: 0, arguments: {validValues: [a, b]}}
    - {id: shape, type: library, metric: invalidValues, mustBeLessThan: 2, arguments: {pattern: "[a-z]"}}
    - {id: missing, type: library, metric: missingValues, mustBe: 0, arguments: {missingValues: ["n/a"]}}
    - {id: twice, type: library, metric: duplicateValues, mustBeBetween: [1, 2]}
    - {id: own, type: custom, engine: greatExpectations, implementation: {type: expect_column_values_to_not_be_in_set, kwargs: {value_set: [c]}}}
    - id: text-form
      type: custom
      engine: greatExpectations
      implementation: |
        type: expect_column_distinct_values_to_be_in_set
        kwargs: {value_set: [a, c, n/a]}
    - {id: by-hand, type: text, description: Reviewed each year}
    - {id: by-sql, type: sql, query: SELECT 1, mustBe: 0}
    - {id: soda, type: custom, engine: soda, implementation: x}
    - {id: nonsense, type: library, metric: nullValus, mustBe: 0}
    - {id: unknown-gx, type: custom, engine: greatExpectations, implementation: {type: expect_the_best}}
"""
TABLE = """\
quality:
  - {id: rows, type: library, metric: rowCount, mustBeGreaterOrEqualTo: 4}
  - {id: more-rows, type: library, metric: rowCount, mustBeGreaterThan: 4}
  - {id: pairs, type: library, metric: duplicateValues, mustBe: 0, arguments: {properties: [id, kind]}}
  - {id: odd, type: library, metric: rowCount, mustNotBe: 4}
"""
SLA = """\
slaProperties:
  - {property: latency, value: 4, unit: d}
  - {property: retention, value: 3, unit: y}
"""
DATA = """\
id,name,code,age,kind
1,ab,A1,0,a
1,abcd,A12,99,a
2,,B2,100,c
3,xyz,b3,,n/a
"""


def test_every_rule_becomes_a_verdict_or_says_why_not(town: Town) -> None:
    town.contract(EACH, table=TABLE, sla=SLA)
    town.write("data/people.csv", DATA)
    checks = town.checked()
    assert said(checks) == {
        "id.required": ("passed", 0, 4),
        "id.unique": ("failed", 2, 4),
        "name.required": ("failed", 1, 4),
        "name.length": ("failed", 1, 4),
        "code.pattern": ("failed", 1, 4),
        "age.limits": ("failed", 1, 4),
        "age.few-empty": ("passed", 1, 4),
        "age.no-empty": ("failed", 1, 4),
        "age.at-most-one-empty": ("passed", 1, 4),
        "kind.listed": ("failed", 2, 4),
        "kind.shape": ("passed", 0, 4),
        "kind.missing": ("failed", 1, 4),
        "kind.twice": ("passed", 1, 4),
        "kind.own": ("failed", 1, 4),
        "kind.text-form": ("passed", 0, None),
        "kind.by-hand": ("manual", None, None),
        "kind.by-sql": ("failed", None, None),
        "kind.soda": ("not-evaluated", None, None),
        "kind.nonsense": ("not-evaluated", None, None),
        "kind.unknown-gx": ("not-evaluated", None, None),
        "rows": ("passed", None, None),
        "more-rows": ("failed", None, None),
        "pairs": ("failed", 2, 4),
        "odd": ("failed", None, None),
        "sla.latency": ("manual", None, None),
    }
    assert checks.state == "failing"
    assert result(checks, "age.no-empty").check.severity == "warning"
    assert str(result(checks, "kind.by-sql").check.position) == "contracts/people.odcs.yaml:42:13"
    assert result(checks, "more-rows").observed == 4
    for found in checks.results:
        if found.status == "not-evaluated":
            assert found.reason is not None
            assert found.reason.en
            assert found.reason.zh


def test_kept_results_hold_no_value_and_spare_the_second_run(town: Town) -> None:
    town.contract("- {name: id, logicalType: string, unique: true}\n")
    town.write("data/people.csv", "id\nCANARY\nCANARY\nx\n")
    first = town.checked()
    kept = list((town.root / "kept").iterdir())
    assert len(kept) == 1
    assert "CANARY" not in kept[0].read_text(encoding="utf-8")
    code = (
        "import sys, pathlib\n"
        "from headwater.app.loading import load\n"
        "from headwater.checks import run_checks\n"
        f"root = pathlib.Path({str(town.root)!r})\n"
        "w = load(root).workspace\n"
        "print(run_checks(w, w.datasets.values(), root / 'kept')[0].digest)\n"
        "print('great_expectations' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [first.digest, "False"]
    kept[0].write_text("{broken", encoding="utf-8")
    assert town.checked() == first
    assert json.loads(kept[0].read_text(encoding="utf-8"))["schema"] == "headwater/checks/1"
    town.write("data/people.csv", "id\nx\n")
    assert said(town.checked()) == {"id.unique": ("passed", 0, 1)}


def test_only_an_empty_field_is_no_value(town: Town) -> None:
    town.contract("- {name: id, logicalType: string, required: true}\n")
    town.write("data/people.csv", "id,x\nNA,1\nnull,1\n,1\n")
    assert said(town.checked()) == {"id.required": ("failed", 1, 3)}


def test_values_that_are_no_numbers_do_not_slip_through_limits(town: Town) -> None:
    town.contract("- {name: n, logicalType: integer, logicalTypeOptions: {minimum: 1}}\n")
    town.write("data/people.csv", "n\n5\nmany\n\n")
    checks = town.checked()
    assert said(checks)["n.limits"][:2] == ("failed", 1)


def test_parquet_is_read_with_its_types(town: Town) -> None:
    town.contract(
        "- {name: 'a \"b\"', logicalType: integer, required: true, logicalTypeOptions: {maximum: 2}}\n",
        format_="parquet",
    )
    file = town.root / "data" / "people.parquet"
    duckdb.sql(f'COPY (SELECT unnest([1, 2, 3, NULL]) AS "a ""b""") TO \'{file}\'')
    found = said(town.checked())
    assert found == {'a "b".required': ("failed", 1, 4), 'a "b".limits': ("failed", 1, 4)}


REFERS = """\
- name: region
  logicalType: string
  relationships: [{{type: foreignKey, to: {to}}}]
"""


def test_a_reference_resolves_in_the_other_dataset(town: Town) -> None:
    town.contract("- {name: code, logicalType: string}\n", name="regions")
    town.write("data/regions.csv", "code\n330100\n330102\n")
    town.contract(REFERS.format(to="regions.code"))
    town.write("data/people.csv", "region,x\n330100,1\n999999,1\n,1\n330102,1\n")
    assert said(town.checked()) == {"region.references": ("failed", 1, 4)}
    town.write("data/regions.csv", "code\n330100\n330102\n999999\n")
    assert said(town.checked()) == {"region.references": ("passed", 0, 4)}


@pytest.mark.parametrize("to", ["nowhere.code", "regions.nothing", "regions"])
def test_a_reference_to_nothing_is_never_a_pass(town: Town, to: str) -> None:
    town.contract("- {name: code, logicalType: string}\n", name="regions")
    town.write("data/regions.csv", "code\n1\n")
    town.contract(REFERS.format(to=to))
    town.write("data/people.csv", "region\n1\n")
    assert town.checked().state == "not-evaluated"


@pytest.mark.parametrize(
    ("data", "path", "expected"),
    [
        (None, "", "there is no file `data/people.csv`"),
        (b"", "", "`data/people.csv` is empty"),
        ("id\n王\n".encode("gbk"), "", "`data/people.csv` is not UTF-8"),
        (b"id\nx\n", "data/../../people.csv", "leads outside the workspace"),
        (b"id\nx\n", "/etc/passwd", "leads outside the workspace"),
        (b"id\nx\n", "data/link.csv", "leads outside the workspace"),
    ],
)
def test_data_that_cannot_be_read_is_one_result_that_says_why(
    town: Town, data: bytes | None, path: str, expected: str
) -> None:
    town.contract("- {name: id, logicalType: string, required: true, unique: true}\n", path=path)
    (town.root / "data" / "link.csv").symlink_to("/etc/passwd")
    if data is not None:
        town.write("data/people.csv", data)
    checks = town.checked()
    assert said(checks) == {"data": ("not-evaluated", None, None)}
    reason = checks.results[0].reason
    assert reason is not None
    assert expected in reason.en
    assert str(checks.results[0].check.position) == "contracts/people.odcs.yaml:10:5"


def test_broken_parquet_is_not_evaluated(town: Town) -> None:
    town.contract("- {name: id, logicalType: string, required: true}\n", format_="parquet")
    town.write("data/people.parquet", b"PAR1 not really")
    assert said(town.checked()) == {"data": ("not-evaluated", None, None)}


def test_a_missing_column_does_not_stop_the_other_checks(town: Town) -> None:
    town.contract(
        "- {name: id, logicalType: string, required: true}\n"
        "- {name: gone, logicalType: string, required: true}\n"
    )
    town.write("data/people.csv", "id\nx\n")
    checks = town.checked()
    assert said(checks) == {
        "gone.required": ("not-evaluated", None, None),
        "id.required": ("passed", 0, 1),
    }
    assert checks.state == "not-evaluated"


def test_a_contract_of_names_types_and_labels_states_nothing(town: Town) -> None:
    town.contract("- {name: id, logicalType: string, classification: general-1, tags: [x]}\n")
    town.write("data/people.csv", "id\n\n")
    checks = town.checked()
    assert (checks.state, checks.results) == ("missing", ())


def test_a_failing_warning_does_not_make_a_dataset_failing(town: Town) -> None:
    town.contract(
        "- name: id\n  logicalType: string\n"
        "  quality: [{id: q, metric: nullValues, mustBe: 0, severity: warning}]\n"
    )
    town.write("data/people.csv", "id,x\n,1\n")
    checks = town.checked()
    assert (said(checks)["id.q"][0], checks.state) == ("failed", "passing")


def test_every_rule_of_the_standards_own_examples_is_accounted_for(
    town: Town, corpus: Path
) -> None:
    town.contract("- {name: id, logicalType: string}\n")
    workspace = load(town.root).workspace
    contract = next(iter(workspace.contracts.values()))
    seen = 0
    for path in sorted((corpus / "odcs").rglob("*.odcs.yaml")):
        try:
            node = read_yaml(path, path.name)
        except DocumentError:  # YAML that we refuse is another test's matter
            continue
        for item in mappings(node.get("schema")) if isinstance(node, Mapping) else ():
            dataset = replace(contract.datasets[0], node=item)
            compiled = compile_dataset(workspace, contract, dataset)
            stated = json.dumps(plain(item))
            rules = len(re.findall('"(?:metric|rule|query|implementation)": ', stated))
            assert len(compiled) >= rules
            seen += rules
    assert seen >= 7
