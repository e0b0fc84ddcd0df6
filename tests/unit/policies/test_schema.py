"""JSON Schemas say what the readers say: of every example, and of every key misspelt in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from headwater.app.schema import schema
from headwater.catalog.forms import Form, Problems
from headwater.catalog.nodes import Mapping, plain
from headwater.catalog.workspace import load_workspace
from headwater.catalog.yaml_source import parse_yaml, read_yaml
from headwater.lineage.edge_list import read_dated_edges
from headwater.policies import SCHEMA_KINDS, Vocabulary, load_policies, schema_of
from headwater.policies.fixture_documents import read_fixtures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/headwater.yaml"))

WHOLE = {
    "headwater.yaml": """\
kind: workspace
id: whole
title: {en: Whole, zh: 全}
languages: [en, zh]
namespaces: [{namespace: "a:*", name: "*", department: a}]
jobs: [{namespace: "*", name: j, purpose: care}]
lineage:
  events: ["lineage/*.ndjson"]
  reading: lenient
  sql:
    - {files: "sql/*.sql", namespace: "postgres://db:5432", since: 2026-01-01, dialect: postgres,
       database: d, schema: s, job_namespace: sql, purpose: care}
  dbt:
    - {manifest: headwater.yaml, catalog: purposes.yaml, namespace: "postgres://db:5432", since: 2026-01-01,
       job_namespace: dbt, purpose: care}
checks: {server: local}
engine: auto
opa: {url: "https://opa.example", ca: ca.pem, cert: c.pem, key: k.pem, token_file: t}
rules: {off: [sharing/onward]}
categories: [own, {id: ours, under: personal}]
labels:
  indirect: false
  rules: [{namespace: "a:*", name: "*", column: c, level: core, categories: [own]}]
ignore: ["drafts/**"]
zone: Asia/Shanghai
policies: policies
contracts: policies
agreements: {folder: policies, require_signatures: true}
exchange: {hubs: [{namespace: "h:*", name: "*"}], flows: [{provider: a, consumer: "*"}]}
""",
    "departments.yaml": """\
kind: departments
departments:
  - {id: a, name: {en: A, zh: 甲}, level: city, region: "330100", clearance: core,
     keys: [{id: k, valid: {from: 2026-01-01, until: 2026-12-31},
     public_key: MCowBQYDK2VwAyEAXBS3uq1dxlXsnm+4Qz8mCxrqGOl4gl4NFCPVzGHwFWs=}]}
  - {id: b, under: a, name: B, level: county, region: "330102", clearance: general-1}
""",
    "purposes.yaml": """\
kind: purposes
purposes: [{id: care, name: {en: care, zh: 照护}, dpv: "dpv:X"}, {id: c, under: care, name: c}]
""",
    "lineage/edges.yaml": """\
kind: lineage
since: 2026-01-01
job: paper/list
purpose: care
edges:
  - {from: "n/a#x", to: "n/b#y", kind: direct, subtype: IDENTITY, masked: true, job: n/j,
     purpose: care}
""",
    "elements.yaml": """\
kind: elements
elements: [{id: e, name: {en: E, zh: 元}, level: core, categories: [own]}]
""",
    "stop-points.yaml": """\
kind: stop-points
stop_points:
  - id: s
    title: {en: S, zh: 止}
    kind: k-anonymise
    job: {namespace: "*", name: j}
    dataset: {namespace: "a:*", name: n}
    columns: [c]
    lowers: {level: general-1, remove: [health]}
    proof: {k: 5, quasi_identifiers: [a], l: 2, sensitive: b, min_group: 3, size_column: n,
            format: x}
""",
    "policies/agreement.yaml": """\
kind: agreement
id: a-b
title: {en: A to B, zh: 甲至乙}
provider: a
consumer: b
mode: entrust
supersedes: none-yet
impact_assessment: PIA
grants: [{contract: k, object: o, columns: ["*"]}]
purposes: [care]
legal_basis: {ground: statutory-duty, mandate: m}
valid: {from: 2026-01-01, until: 2026-12-31}
state: draft
conditions:
  max_level: general-2
  masked: ["*"]
  min_k: 10
  location: ["330100"]
  rows: {c: x, d: {eq: 1, not: 2, in: [3], not_in: [4.5], at_least: 1, at_most: 9, above: 0, below: 9,
    between: [1, 2]}}
onward: [a]
retention: {at_most: P1Y, then: return}
""",
    "policies/access.yaml": """\
kind: access-policy
id: p
title: {en: P, zh: 策}
owner: a
basis: [PIPL-28]
effective: {from: 2026-01-01, until: 2026-12-31}
mode: enforce
applies_to: {resource.categories: {has_any: [health, own]}}
rules:
  - id: d
    deny: {en: never, zh: 否}
    when:
      any:
        - not: {context.assessed: {older_than: P1Y}}
        - all: [{resource.name: {matches: "tmp_.*"}}, {context.hops: {between: [1, 2]}}]
        - resource.level: {above: {attribute: subject.clearance}}
        - {resource.band: {in: [x]}, context.via: {absent: true}, subject.region: {eq: "330100"}}
    remedy: {en: stop, zh: 停}
    basis: [PIPL-28]
  - {id: w, warn: hm, when: {context.masked: {eq: true}}}
  - id: a
    allow: true
    message: {en: yes then, zh: 可}
    when: {context.purpose: {under: care}}
    obligations: [{delete_after: P1D, mask: {category: health, with: hash}, notify: a},
                  {filter_rows: {any: [{resource.region: {eq: {attribute: subject.region}}}]}}]
""",
    "policies/retention.yaml": """\
kind: retention-policy
id: t
title: {en: T, zh: 期}
owner: a
effective: {from: 2026-01-01}
zone: Asia/Shanghai
rules:
  - {id: m, at_most: P1Y, since: {column: c}, then: delete, when: {resource.name: {eq: n}}}
  - {id: l, at_least: P1M, since: service-ended, remedy: r, basis: [x], verified: false}
""",
    "holds.yaml": """\
kind: holds
holds:
  - id: h
    title: {en: H, zh: 冻}
    scope: [{namespace: "a:*", name: "*"}, {name: n}]
    reason: {en: R, zh: 因}
    owner: a
    basis: [x]
    from: 2026-01-01
    review: 2026-06-30
    released: 2026-07-01
""",
    "policies/vocabulary.yaml": """\
kind: vocabulary
id: own
title: {en: Own, zh: 自定}
attributes:
  - {id: context.assessed, type: date, may_be_absent: true, description: {en: day, zh: 日}}
  - {id: resource.band, type: choice, values: [x, u], description: {en: band, zh: 档}}
""",
    "policies/exception.yaml": """\
kind: exception
id: e
title: {en: E, zh: 例外}
owner: a
approver: somebody
reason: {en: because, zh: 因为}
rule: p/d
when: {subject.department: {eq: b}}
effective: {from: 2026-01-01, until: 2026-06-30}
""",
    "waivers.yaml": """\
kind: waivers
waivers:
  - id: w
    match: {fingerprint: 0123456789abcdef0123456789abcdef, rule: "p/*", dataset: "*",
            provider: a, consumer: b, department: a}
    reason: {en: because, zh: 因为}
    owner: a
    approver: b
    from: 2026-01-01
    until: 2026-06-30
""",
    "tests/p.yaml": """\
kind: policy-test
id: x
title: {en: X, zh: 测}
policies: [p]
now: 2026-11-01
action: read
subjects: {s: {department: b, clearance: core}}
resources: {r: {department: a, categories: [health], band: x}}
contexts: {c: {purpose: care, via: [a], assessed: 2026-01-01}}
cases:
  - {title: t, now: 2026-10-01, action: share, subject: s, resource: r, context: c, allow: true,
     with: {context.hops: 1}, rules: [p/a], unknown: [], warnings: [p/w], exceptions: [e],
     obligations: [{notify: a}], terms: [t/m]}
matrix: true
""",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    for name, text in WHOLE.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def _vocabulary(root: Path) -> Vocabulary:
    workspace = load_workspace(root, Problems())
    assert workspace is not None
    return Vocabulary.of(workspace)


def _files(root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted([*root.rglob("*.yaml"), *root.rglob("*.yml")]):
        document: Any = plain(read_yaml(path, path.name))
        if document.get("kind") in SCHEMA_KINDS:
            yield path.relative_to(root).as_posix(), document


def _misspelt(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each key of ``value`` stands, whose name is not of somebody's choosing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if at[-1:] not in [("subjects",), ("resources",), ("contexts",), ("rows",)]:
                yield (*at, key)
            yield from _misspelt(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _misspelt(inner, (*at, number))


def _bent(document: dict[str, Any], at: tuple[Any, ...]) -> dict[str, Any]:
    bent: Any = json.loads(json.dumps(document))
    inner = bent
    for key in at[:-1]:
        inner = inner[key]
    inner[f"{at[-1]}x"] = inner.pop(at[-1])
    found: dict[str, Any] = bent
    return found


def _check(root: Path, make: Callable[[str], Any]) -> int:
    count = 0
    for name, document in _files(root):
        judge = jsonschema_rs.Draft202012Validator(make(document["kind"]))
        assert [str(error) for error in judge.iter_errors(document)] == [], name
        for at in _misspelt(document):
            assert not judge.is_valid(_bent(document, at)), (name, at)
            count += 1
    return count


@pytest.mark.parametrize("kind", SCHEMA_KINDS)
def test_a_schema_is_one_of_2020_12(kind: str) -> None:
    found = schema_of(kind)
    jsonschema_rs.meta.validate(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"urn:headwater:schema:{kind}:1"


@pytest.mark.parametrize("root", EXAMPLES, ids=lambda path: path.name)
def test_every_example_fits_its_schema_and_none_does_with_any_key_misspelt(root: Path) -> None:
    vocabulary = _vocabulary(root)
    assert _check(root, lambda kind: schema_of(kind, vocabulary)) > 20


def test_the_acceptance_workspace_fits(mini: Path) -> None:
    vocabulary = _vocabulary(mini)
    assert _check(mini, lambda kind: schema_of(kind, vocabulary)) > 20


def test_a_workspace_that_writes_every_key_loads_and_fits(whole: Path) -> None:
    problems = Problems()
    workspace = load_workspace(whole, problems)
    assert workspace is not None
    policies = load_policies(workspace, problems=problems)
    read_fixtures(workspace.test_documents, policies, Vocabulary.of(workspace), problems)
    assert {found.code for found in problems} == {"unknown-reference"}  # its contract `k`
    edges = "lineage/edges.yaml"
    read_dated_edges((whole / edges).read_bytes(), edges, dated=True)
    vocabulary = _vocabulary(whole)
    assert _check(whole, lambda kind: schema_of(kind, vocabulary)) > 150
    kinds = {document["kind"] for _, document in _files(whole)}
    assert kinds == set(SCHEMA_KINDS)


# --- the same keys as the readers ---------------------------------------------------------------


def test_a_schema_knows_the_keys_that_the_readers_know(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, set[frozenset[str]]] = {}
    first = Form.__init__

    def noted(self: Form, node: Any, problems: Problems, key: str, *keys: str) -> None:
        if isinstance(node, Mapping) and set(keys) != {"en", "zh"}:
            seen.setdefault(node.position.file, set()).add(frozenset(keys))
        first(self, node, problems, key, *keys)

    monkeypatch.setattr(Form, "__init__", noted)
    test_a_workspace_that_writes_every_key_loads_and_fits(whole)
    assert set(seen) == {*WHOLE, "headwater/policies/packs/sharing.yaml"}
    del seen["headwater/policies/packs/sharing.yaml"]
    for file, forms in seen.items():
        kind = WHOLE[file].removeprefix("kind: ").partition("\n")[0]
        known = set(_mappings(schema_of(kind, _vocabulary(whole))))
        for keys in forms:
            named = WHOLE[file].startswith("kind: policy-test") and keys <= _NAMED
            assert named or keys in known, (file, sorted(keys))


_NAMED = {
    *("s", "r", "c", "department", "clearance", "categories", "band", "purpose", "via"),
    *("assessed", "context.hops"),
}
"""What the policy test above calls things, and the attributes that it gives."""


def _mappings(shape: Any) -> Iterator[frozenset[str]]:
    if isinstance(shape, dict):
        if isinstance(shape.get("properties"), dict):
            yield frozenset(shape["properties"])
        for inner in shape.values():
            yield from _mappings(inner)
    elif isinstance(shape, list):
        for inner in shape:
            yield from _mappings(inner)


# --- what a schema refuses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("policies/access.yaml", "{in: [x]}", "{in: [z]}"),
        ("policies/access.yaml", "{in: [x]}", "{in: []}"),
        ("policies/access.yaml", "{in: [x]}", "{at_least: x}"),
        ("policies/access.yaml", "between: [1, 2]", "between: [1]"),
        ("policies/access.yaml", "above: {attribute: subject.clearance}", "above: topmost"),
        ("policies/access.yaml", "attribute: subject.clearance", "attribute: subject.level"),
        ("policies/access.yaml", "older_than: P1Y", "older_than: 1 year"),
        ("policies/access.yaml", "absent: true", "absent: false"),
        ("policies/access.yaml", "under: care", "under: carre"),
        ("policies/access.yaml", "allow: true", "allow: true\n    deny: d"),
        ("policies/access.yaml", "from: 2026-01-01, ", ""),
        ("policies/retention.yaml", ", then: delete", ""),
        ("policies/retention.yaml", "at_least: P1M", "at_least: P1M, at_most: P1Y"),
        ("policies/exception.yaml", ", until: 2026-06-30", ""),
        ("holds.yaml", "    review: 2026-06-30\n", ""),
        ("holds.yaml", "owner: a", "owner: 1"),
        ("policies/vocabulary.yaml", "values: [x, u], ", ""),
        ("policies/vocabulary.yaml", "type: date", "type: date, values: [x]"),
        ("policies/vocabulary.yaml", "id: context.assessed", "id: action.assessed"),
        ("tests/p.yaml", "allow: true,", "allow: 1,"),
        ("tests/p.yaml", "band: x", "band: z"),
        ("headwater.yaml", ", key: k.pem", ""),
        ("departments.yaml", "level: county", "level: village"),
        ("waivers.yaml", "fingerprint: 0123456789abcdef", "fingerprint: 0123"),
        ("policies/agreement.yaml", "mode: entrust", "mode: lend"),
        ("policies/agreement.yaml", "then: return", "then: anonymise"),
        ("policies/agreement.yaml", "min_k: 10", "min_k: 1"),
        ("policies/agreement.yaml", "min_k: 10", "min_k: ten"),
        ("policies/agreement.yaml", '"330100"', '"3301"'),
        ("policies/agreement.yaml", "eq: 1", "is: 1"),
        ("policies/agreement.yaml", "eq: 1", "eq: [1]"),
        ("policies/agreement.yaml", "in: [3]", "in: 3"),
        ("policies/agreement.yaml", "between: [1, 2]", "between: [1]"),
        ("headwater.yaml", "require_signatures: true", "require_signatures: maybe"),
        ("headwater.yaml", 'provider: a, consumer: "*"', ""),
    ],
)
def test_what_a_reader_refuses_in_a_file_alone_the_schema_refuses(
    file: str, old: str, new: str, whole: Path
) -> None:
    text = WHOLE[file]
    assert text.count(old) >= 1
    document: Any = plain(parse_yaml(text.replace(old, new, 1).encode(), file))
    judge = jsonschema_rs.Draft202012Validator(schema(document["kind"], whole_schema(whole)))
    assert not judge.is_valid(document)


def whole_schema(root: Path) -> Path:
    """Return a copy of the workspace without what names a contract that there is not."""
    bare = root.parent / f"{root.name}-bare"
    if not bare.is_dir():
        for name, text in WHOLE.items():
            if name != "policies/agreement.yaml":
                (bare / name).parent.mkdir(parents=True, exist_ok=True)
                (bare / name).write_text(text, encoding="utf-8")
    return bare


# --- the command --------------------------------------------------------------------------------


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headwater.cli.main", "schema", *words],
        cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "LANG": "C.UTF-8"},
    )  # fmt: skip


def test_the_command_prints_one_schema_writes_all_and_knows_a_workspace(
    tmp_path: Path, whole: Path
) -> None:
    listed = _run(tmp_path)
    assert (listed.returncode, listed.stdout.split()) == (0, list(SCHEMA_KINDS))
    one = _run(tmp_path, "agreement")
    assert (one.returncode, json.loads(one.stdout)) == (0, schema_of("agreement"))
    folder = tmp_path / "new" / "schemas"
    all_ = _run(tmp_path, "--all", str(folder), "--workspace", str(whole_schema(whole)))
    assert (all_.returncode, all_.stdout) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{kind}.schema.json" for kind in SCHEMA_KINDS
    ]
    assert "context.assessed" in (folder / "access-policy.schema.json").read_text("utf-8")
    assert "context.assessed" not in _run(tmp_path, "access-policy").stdout


def test_what_has_no_schema_is_exit_2(tmp_path: Path) -> None:
    done = _run(tmp_path, "agrement")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean `agreement`?" in done.stderr
    done = _run(tmp_path, "agreement", "--all", "x")
    assert (done.returncode, done.stdout) == (2, "")
    (tmp_path / "x").write_text("", encoding="utf-8")
    done = _run(tmp_path, "--all", "x")
    assert (done.returncode, done.stdout) == (2, "")
    done = _run(tmp_path, "agreement", "--workspace", ".")
    assert (done.returncode, done.stdout) == (2, "")
