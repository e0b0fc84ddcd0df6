"""A workspace's own Rego: read, refused where it does not belong, and joined by deny-overrides."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from headwater.app.gate import gate
from headwater.app.loading import load
from headwater.catalog.errors import (
    DocumentError,
    EngineAnswerError,
    EngineUnavailableError,
    HeadwaterError,
)
from headwater.policies import Facts, PolicySet, open_engine
from headwater.policies.workspace_rego import RegoModule, package_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHOP = """\
# METADATA
# title: Shop
package custom.headwater.shop

deny contains "custom/shop/night" if input.context.hops > 2
"""
ALLOWING = """\
rules:
  - id: reads
    allow: true
    when: {action: {eq: read}}
"""


@pytest.fixture
def town(mini: Path, tmp_path: Path) -> Path:
    root = tmp_path / "town"
    shutil.copytree(mini, root, ignore=shutil.ignore_patterns(".headwater"))
    (root / "policies").mkdir(exist_ok=True)
    return root


def problems(root: Path) -> list[str]:
    with pytest.raises(HeadwaterError) as caught:
        load(root)
    return [f"{found.position} {found.code}" for found in caught.value.problems]


def with_rego(policies: PolicySet, *texts: str) -> PolicySet:
    modules = []
    for number, text in enumerate(texts):
        name = package_of(text)[1].rpartition(".")[2]
        modules.append(RegoModule(name, f"policies/{number}.rego", text))
    return PolicySet(policies.access, policies.retention, tuple(modules))


# --- reading -------------------------------------------------------------------------------------


def test_modules_are_read_and_their_text_is_part_of_the_revision(town: Path) -> None:
    before = load(town).policies.revision
    path = town / "policies" / "shop.rego"
    path.write_text(SHOP, encoding="utf-8")
    (town / "policies" / "shop_test.rego").write_text(
        "package custom.headwater.shop_test\n\ntest_x := true\n", encoding="utf-8"
    )
    policies = load(town).policies
    assert [(module.name, module.file) for module in policies.modules] == [
        ("shop", "policies/shop.rego")
    ]
    after = policies.revision
    path.write_text(SHOP.replace("> 2", "> 3"), encoding="utf-8")
    assert len({before, after, load(town).policies.revision}) == 3


PACKAGES = {
    "package headwater.decision": "2:1",
    "package custom.headwater": "2:1",
    "package custom.headwater.shop.more": "2:1",
    "package custom": "2:1",
    "package custom.headwater.Shop": "2:1",
    'package custom.headwater["shop"]': "2:1",
    "package system.authz": "2:1",
    "package\ncustom.headwater.shop": "2:1",
    "package custom.headwater.shop_test": "2:1",
    "import data.x\npackage custom.headwater.shop": "2:1",
    "": "1:1",
}


@pytest.mark.parametrize("line", PACKAGES)
def test_a_module_in_another_package_is_refused_where_it_says_so(line: str, town: Path) -> None:
    (town / "policies" / "x.rego").write_text(f"# a comment\n{line}\n", encoding="utf-8")
    assert problems(town) == [f"policies/x.rego:{PACKAGES[line]} rego-package"]


def test_a_test_file_may_not_hold_what_decides(town: Path) -> None:
    (town / "policies" / "x_test.rego").write_text(SHOP, encoding="utf-8")
    assert problems(town) == ["policies/x_test.rego:3:1 rego-package"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"package custom.headwater.x\n\xff", "2:1 encoding"),
        (b"package custom.headwater.x\n# \xe2\x80\xae", "2:3 character"),
        (b"package custom.headwater.x\n#\x00", "2:2 character"),
        (b"#" * (1024 * 1024 + 1), "1:1 file-too-large"),
    ],
)
def test_a_file_that_hides_something_is_refused(data: bytes, expected: str, town: Path) -> None:
    (town / "policies" / "x.rego").write_bytes(data)
    assert problems(town) == [f"policies/x.rego:{expected}"]


# --- deciding ------------------------------------------------------------------------------------


@pytest.fixture
def reads(load: Callable[..., Any]) -> PolicySet:
    found, problems = load(ALLOWING)
    assert problems == []
    assert isinstance(found, PolicySet)
    return found


def test_without_opa_a_module_is_an_error_and_never_ignored(reads: PolicySet) -> None:
    policies = with_rego(reads, SHOP)
    for choice in ("native", "auto"):
        with (
            pytest.raises(EngineUnavailableError) as caught,
            open_engine(choice, policies),
        ):
            pytest.fail("there is no engine")
        (found,) = caught.value.problems
        assert (found.code, str(found.position)) == ("rego-needs-opa", "policies/0.rego:1:1")
        assert found.hint is not None


@pytest.mark.opa
def test_a_module_refuses_what_the_policies_allow_and_allows_nothing(
    reads: PolicySet, facts: Callable[..., Facts], opa_executable: str
) -> None:
    policies = with_rego(reads, SHOP)
    near = facts({"action": "read", "context.hops": 1, "resource.level": "general-1",
                  "subject.clearance": "core"})  # fmt: skip
    far = facts({"action": "read", "context.hops": 3, "resource.level": "general-1",
                 "subject.clearance": "core"})  # fmt: skip
    nothing = facts({"action": "share", "context.hops": 1})
    with open_engine("opa", policies, executable=opa_executable) as engine:
        found = engine.decide([near, far, nothing])
    assert [(each.allow, each.rules) for each in found[:2]] == [
        (True, ("p/reads",)),
        (False, ("custom/shop/night",)),
    ]
    assert not found[2].allow
    assert found[1].obligations == ()


@pytest.mark.opa
@pytest.mark.parametrize(
    "body",
    [
        'deny := ["custom/shop/night"]',
        'deny := {"a": "custom/shop/night"}',
        "deny := input.context.via",
        "deny := input.nothing",
        "x := 1",
    ],
)
def test_a_module_whose_deny_is_no_set_refuses_everything(
    body: str, reads: PolicySet, facts: Callable[..., Facts], opa_executable: str
) -> None:
    policies = with_rego(reads, f"package custom.headwater.shop\n\n{body}\n")
    with open_engine("opa", policies, executable=opa_executable) as engine:
        (found,) = engine.decide([facts({"action": "read"})])
    assert not found.allow
    assert "custom/shop/not-a-set" in found.rules


@pytest.mark.opa
@pytest.mark.parametrize(
    "member", ['"p/reads"', '"custom/other/x"', '"custom/shop/"', "1", '{"id": "custom/shop/x"}']
)
def test_an_id_that_is_not_the_modules_own_is_no_answer(
    member: str, reads: PolicySet, facts: Callable[..., Facts], opa_executable: str
) -> None:
    policies = with_rego(reads, f"package custom.headwater.shop\n\ndeny contains {member}\n")
    with (
        open_engine("opa", policies, executable=opa_executable) as engine,
        pytest.raises(EngineAnswerError),
    ):
        engine.decide([facts({"action": "read"})])


@pytest.mark.opa
def test_an_error_while_it_runs_is_an_error_of_the_engine(
    reads: PolicySet, facts: Callable[..., Facts], opa_executable: str
) -> None:
    body = 'deny contains "custom/shop/x" if to_number(input.resource.name) > 1'
    policies = with_rego(reads, f"package custom.headwater.shop\n\n{body}\n")
    with (
        open_engine("opa", policies, executable=opa_executable) as engine,
        pytest.raises(EngineAnswerError),
    ):
        engine.decide([facts({"action": "read", "resource.name": "no number"})])


WRONG = {
    "deny contains {{ if": "3:18",
    'deny contains "custom/shop/x" if {\n  y := 1\n  foo(3)\n}': "4:3",
    'deny contains "custom/shop/x" if data.headwater.decision.allow': "3:1",
    "import data.headwater\nheadwater := 1": "3:1",
    "deny := true": "1:1",
    'deny contains "custom/shop/x" if time.now_ns() > 1': "3:34",
    'deny contains "custom/shop/x" if http.send({"method": "get", "url": "http://x"})': "3:34",
    'deny := "custom/shop/x"': "1:1",
}


@pytest.mark.opa
@pytest.mark.parametrize("body", WRONG)
def test_what_opa_refuses_is_shown_in_the_workspaces_own_file(
    body: str, reads: PolicySet, opa_executable: str
) -> None:
    policies = with_rego(reads, f"package custom.headwater.shop\n\n{body}\n")
    with (
        pytest.raises(DocumentError) as caught,
        open_engine("opa", policies, executable=opa_executable),
    ):
        pytest.fail("it must not be used")
    found = {(each.code, str(each.position)) for each in caught.value.problems}
    assert ("rego-refused", f"policies/0.rego:{WRONG[body]}") in found
    assert {each.position.file for each in caught.value.problems if each.position} == {
        "policies/0.rego"
    }


@pytest.mark.opa
def test_a_check_reports_what_a_module_refuses_at_its_line(town: Path, opa_executable: str) -> None:
    text = (
        'package custom.headwater.shop\n\ndeny contains "custom/shop/all" if input.context.hops\n'
    )
    (town / "policies" / "shop.rego").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "headwater.cli.main", "check", str(town)]
    command += ["--as-of", "2026-11-01", "--format", "json", "--engine", "opa"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"HEADWATER_OPA": opa_executable}
    )
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    found = [each for each in report["findings"] if each["rule"] == "custom/shop/all"]
    assert found
    assert {each["severity"] for each in found} == {"error"}
    assert "policies/shop.rego:3:15" in found[0]["remedy"]["en"]


def test_a_check_without_opa_could_not_judge(town: Path) -> None:
    import datetime

    (town / "policies" / "shop.rego").write_text(SHOP, encoding="utf-8")
    with pytest.raises(EngineUnavailableError):
        gate(load(town), as_of=datetime.date(2026, 11, 1), engine="native")
