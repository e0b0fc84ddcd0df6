"""The generated bundle: formatted, strict, the same each time, and deaf to hostile names."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from headwater.policies import Facts, PolicySet, Vocabulary, build_bundle
from headwater.policies.rego import asked_names, bundle_files, rego_modules
from headwater.policies.rego_text import literal

if TYPE_CHECKING:
    from collections.abc import Callable


def _yaml(value: object) -> str:
    """JSON is YAML, save for pairs of surrogates and raw line separators."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\u2fff]", lambda match: f"\\u{ord(match[0]):04x}", text)


BAD = '"]}\n# METADATA\n# entrypoint: true \u2028 \U0001f600 \x85 \u202e data.x := 1 \\" ` 中文 #'
NAMES = [
    *('"}\n', "a\tb", "\U0001f600", "\u202e", "\u2028", "中文", "\\"),
    *("<&>'`$%{}", "true", "input", "x" * 300),
]
RULES = [
    {"id": "package", "deny": BAD.replace("}", ""), "when": {"resource.name": {"in": NAMES}}},
    {
        "id": "default",
        "allow": True,
        "when": {"resource.column": {"eq": "}\n\nallow := true\n"}},
        "obligations": [{"mask": {"category": "health", "with": "hash"}}, {"notify": "tax"}],
    },
    {
        "id": "rows",
        "allow": True,
        "when": {"resource.column": {"eq": "rows"}},
        "obligations": [
            {
                "filter_rows": {
                    "any": [
                        {"resource.name": {"in": NAMES}},
                        {"not": {"resource.level": {"above": {"attribute": "subject.clearance"}}}},
                        {"resource.contract": {"matches": 'a{1,2}\\\\d|"}'}},
                        {"context.hops": {"between": [-1, 1.5]}},
                    ]
                }
            }
        ],
    },
    {
        "id": "0",
        "warn": "w",
        "when": {
            "any": [
                {"not": {"all": [{"action": {"eq": "read"}}, {"context.hops": {"above": 1.5}}]}},
                {"context.via": {"has": "tax"}},
            ]
        },
    },
]
_HEAD = {"id": "a.b-c_D", "title": BAD, "owner": "health", "rules": RULES}
HOSTILE = "kind: access-policy\neffective: {from: 2026-01-01, until: 2026-12-31}\n" + "\n".join(
    f"{key}: {_yaml(value)}" for key, value in _HEAD.items()
)
TERMS = """\
kind: retention-policy
id: t
title: t
owner: police
effective: {from: 2021-11-01}
rules:
  - id: most
    at_most: P2Y
    since: {column: c}
    then: delete
    when: {resource.level: {above: general-2}}
"""
SETS = {"the pack alone": (), "hostile names": (HOSTILE, TERMS), "retention": (TERMS,)}


@pytest.fixture(params=SETS, ids=list(SETS))
def policies(request: pytest.FixtureRequest, load: Callable[..., Any]) -> PolicySet:
    found, problems = load(*SETS[request.param])
    assert problems == []
    assert isinstance(found, PolicySet)
    return found


def _written(policies: PolicySet, vocabulary: Vocabulary, root: Path) -> Path:
    for name, text in bundle_files(policies, vocabulary).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def _opa(executable: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [executable, *words], input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.opa
def test_it_is_formatted_as_opa_would_and_passes_the_strict_check(
    policies: PolicySet, vocabulary: Vocabulary, opa_executable: str, tmp_path: Path
) -> None:
    root = _written(policies, vocabulary, tmp_path) / "headwater"
    formatted = _opa(opa_executable, "fmt", "--diff", str(root))
    assert (formatted.returncode, formatted.stdout) == (0, "")
    checked = _opa(opa_executable, "check", "--strict", str(root))
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.opa
def test_the_schemas_know_every_attribute_and_no_other(
    policies: PolicySet, vocabulary: Vocabulary, opa_executable: str, tmp_path: Path
) -> None:
    root = _written(policies, vocabulary, tmp_path)
    words = ("check", "--strict", "--schema", str(root / "schemas"), str(root / "headwater"))
    checked = _opa(opa_executable, *words)
    assert (checked.returncode, checked.stderr) == (0, "")
    for name in ("headwater/facts/facts.rego", "headwater/rules/p_0001/p_0001.rego"):
        path = root / name
        before = path.read_text(encoding="utf-8")
        code = before[before.index("\npackage ") :]
        attribute = re.search(r"input\.\w+\.\w+", code)
        assert attribute
        path.write_text(before.replace(attribute[0], f"{attribute[0]}x"), encoding="utf-8")
        broken = _opa(opa_executable, *words)
        assert broken.returncode == 1
        assert f"undefined ref: {attribute[0]}x" in broken.stderr
        path.write_text(before, encoding="utf-8")


@pytest.mark.opa
def test_the_generated_tests_pass_and_reach_nearly_all_of_it(
    policies: PolicySet, vocabulary: Vocabulary, opa_executable: str, tmp_path: Path
) -> None:
    root = str(_written(policies, vocabulary, tmp_path) / "headwater")
    passed = _opa(opa_executable, "test", root)
    assert passed.returncode == 0, passed.stdout[-2000:]
    assert int(passed.stdout.split()[-1].partition("/")[2]) > 20
    report = json.loads(_opa(opa_executable, "test", "--coverage", "--format", "json", root).stdout)
    rules = {
        Path(name).name: file.get("coverage", 0)
        for name, file in report["files"].items()
        if "/rules/" in name
    }
    assert len(rules) == len(policies.access) + len(policies.retention)
    assert {name: share for name, share in rules.items() if share < 90} == {}


@pytest.mark.opa
def test_a_rule_that_says_something_else_fails_the_generated_tests(
    load: Callable[..., Any], vocabulary: Vocabulary, opa_executable: str, tmp_path: Path
) -> None:
    root = _written(load(TERMS).policies, vocabulary, tmp_path)
    path = root / "headwater" / "rules" / "p_0001" / "p_0001.rego"
    before = path.read_text(encoding="utf-8")
    for change in (("> ", ">= "), (" == true", " == false"), ("deny contains", "warn contains")):
        assert change[0] in before
        path.write_text(before.replace(*change), encoding="utf-8")
        assert _opa(opa_executable, "test", str(root / "headwater")).returncode != 0, change


def test_the_generated_tests_are_the_same_each_time(
    policies: PolicySet, vocabulary: Vocabulary
) -> None:
    first = build_bundle(policies, tested=vocabulary)
    assert build_bundle(policies, tested=vocabulary) == first
    assert len(first) > len(build_bundle(policies))


@pytest.mark.opa
def test_a_bundle_with_tests_passes_them_as_it_is(
    policies: PolicySet, vocabulary: Vocabulary, opa_executable: str, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(build_bundle(policies, tested=vocabulary))
    assert _opa(opa_executable, "test", "--bundle", str(path)).returncode == 0


@pytest.mark.opa
def test_every_package_and_public_rule_is_annotated_and_decision_is_an_entrypoint(
    policies: PolicySet, opa_executable: str, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.tar.gz"
    path.write_bytes(build_bundle(policies))
    found = json.loads(_opa(opa_executable, "inspect", "-a", str(path), "--format", "json").stdout)
    packages = {
        tuple(part["value"] for part in each["path"]): each for each in found["annotations"]
    }
    entrypoints = {at for at, each in packages.items() if each["annotations"].get("entrypoint")}
    assert ("data", "headwater", "decision") in entrypoints
    assert entrypoints <= {("data", "headwater", "decision"), ("data", "headwater", "retention")}
    for name, text in rego_modules(policies).items():
        blocks = text.strip().split("\n\n")
        assert blocks[0].startswith("# METADATA"), name
        seen = set()
        for block in blocks[1:]:
            head = next(line for line in block.split("\n") if not line.startswith("#"))
            rule = head.removeprefix("default ").split()[0]
            if rule != "import" and not rule.startswith("_") and rule not in seen:
                assert block.startswith("# METADATA"), (name, head)
            seen.add(rule)


def test_the_same_policies_make_the_same_bytes_and_others_do_not(
    policies: PolicySet, load: Callable[..., Any]
) -> None:
    first = build_bundle(policies)
    assert build_bundle(policies) == first
    other = load(off=("sharing/onward",)).policies
    assert build_bundle(other) != first


def test_the_bundle_is_plain_files_of_nobody_with_a_manifest(policies: PolicySet) -> None:
    flags_and_time = build_bundle(policies)[3:8]
    assert flags_and_time == bytes(5)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(build_bundle(policies)))) as archive:
        members = archive.getmembers()
        source = archive.extractfile(".manifest")
        assert source is not None
        manifest = json.loads(source.read())
    assert all(each.isreg() and each.mtime == each.uid == each.gid == 0 for each in members)
    assert all(each.uname == each.gname == "" for each in members)
    assert manifest["revision"] == policies.revision
    assert (manifest["roots"], manifest["rego_version"]) == (["headwater"], 1)


def test_names_never_become_paths_or_identifiers(load: Callable[..., Any]) -> None:
    modules = rego_modules(load(HOSTILE).policies)
    assert all("a.b-c" not in name for name in modules)
    text = modules["headwater/rules/p_0001/p_0001.rego"]
    code = [line for line in text.split("\n") if not line.startswith("#")]
    assert not any(line.startswith(("data.", "allow :=", "input")) for line in code)
    assert all(line.isprintable() for line in text.replace("\t", "").split("\n"))


def test_code_is_within_the_limits_of_the_house(policies: PolicySet) -> None:
    for name, text in rego_modules(policies).items():
        if "p_" not in name:
            assert text.count("\n") <= 120, name
        for block in text.split("\n\n"):
            assert block.count("\n") <= 30, name


NOT_NORMALISED: list[object] = [
    {},
    None,
    [],
    "share",
    {"action": "share"},
    {"action": "read", "subject": {"department": "police", "clearance": "core"}},
    {"headwater": "facts/1"},
    {"headwater": "facts/1", "as_of": 20758, "missing": []},
    {"headwater": "facts/2"},
]


def _evaluated(executable: str, bundle: Path, query: str, document: object) -> Any:
    words = ("eval", "-b", str(bundle), "-I", query, "--format", "raw", "--strict-builtin-errors")
    done = _opa(executable, *words, stdin=json.dumps(document))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.opa
def test_facts_that_nobody_normalised_are_refused_and_every_field_is_there(
    load: Callable[..., Any], opa_executable: str, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.tar.gz"
    bundle.write_bytes(build_bundle(load(HOSTILE, TERMS).policies))
    requests = {"requests": NOT_NORMALISED}
    batch = _evaluated(opa_executable, bundle, "data.headwater.batch", requests)
    refused = {
        "allow": False,
        "rules": ["headwater/not-normalised"],
        "unknown": [],
        "unknown_rules": {},
        "warnings": [],
        "obligations": [],
        "exceptions": [],
    }
    assert batch["access"]["decisions"] == [refused] * len(NOT_NORMALISED)
    nothing = {"terms": [], "unknown": {"headwater/not-normalised": []}}
    assert batch["terms"]["terms"] == [nothing] * len(NOT_NORMALISED)
    assert _evaluated(opa_executable, bundle, "data.headwater.decision", {}) == refused


@pytest.mark.opa
def test_normalised_facts_with_one_value_of_a_wrong_shape_are_refused(
    load: Callable[..., Any], facts: Callable[..., Facts], opa_executable: str, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.tar.gz"
    policies = load().policies
    bundle.write_bytes(build_bundle(policies))
    good = facts(
        {
            "action": "share",
            "subject.clearance": "core",
            "resource.level": "general-1",
            "context.agreement": "active",
            "context.granted": True,
            "context.purpose": "immunisation",
            "context.purpose_agreed": True,
            "context.checks": "passing",
            "context.evidence": "observed",
        }
    ).document
    requests: list[Any] = [good]
    changed: list[str] = []
    for group in ("subject", "resource", "context"):
        for name in json.loads(json.dumps(good[group])):
            for change in ({"x": 1}, "DELETE"):
                bent = json.loads(json.dumps(good))
                if change == "DELETE":
                    del bent[group][name]
                else:
                    bent[group][name] = change
                requests.append(bent)
                changed.append(f"{group}.{name}")
    answer = _evaluated(
        opa_executable, bundle, "data.headwater.batch.access", {"requests": requests}
    )
    first, *others = answer["decisions"]
    assert first["allow"] is True
    names = asked_names(policies) or frozenset()
    assert len(names) > 10
    for name, found in zip(changed, others, strict=True):
        if name in names:
            assert found["rules"] == ["headwater/not-normalised"], name
            assert not found["allow"]
        else:
            assert found == first, name  # no rule asks about it


def test_a_literal_reads_back_as_what_it_was() -> None:
    for value in (
        "",
        '"',
        "\\",
        "\n",
        "\x00",
        "\x7f",
        "\u2028",
        "\U0001f600",
        "中",
        "\ufeff",
        1,
        1.5,
        True,
    ):
        assert json.loads(literal(value)) == value
        assert literal(value).isprintable()
