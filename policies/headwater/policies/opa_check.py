"""Lets OPA judge the workspace's own Rego before it is used, and says where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.catalog.errors import DocumentError
from headwater.catalog.position import Position
from headwater.catalog.problems import problem
from headwater.policies.bundle import build_bundle
from headwater.policies.workspace_rego import custom_paths

if TYPE_CHECKING:
    import subprocess

    from headwater.catalog.errors import EngineUnavailableError
    from headwater.catalog.problems import Problem
    from headwater.policies.model import PolicySet
    from headwater.policies.workspace_rego import RegoModule

CHECK = 60.0
_SHOWN = 300
_BUNDLE = "bundle.tar.gz"
_ALLOWED = "capabilities.json"


def check_modules(executable: str, policies: PolicySet) -> None:
    """See that OPA accepts the workspace's own Rego, strictly, together with what is generated.

    Raises:
        DocumentError: It does not; every error stands at its place in the workspace's files.
        EngineUnavailableError: ``executable`` is not an OPA that says so.
    """
    if not policies.modules:
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        Path(folder, _BUNDLE).write_bytes(build_bundle(policies))
        Path(folder, _ALLOWED).write_bytes(_capabilities(executable, folder))
        words = ("check", "--strict", "--capabilities", _ALLOWED, "--format", "json")
        done = _run(executable, folder, *words, "--bundle", _BUNDLE)
    if done.returncode == 0:
        return
    errors = _errors(done.stderr) or _errors(done.stdout)
    if not errors:
        raise _no_check(executable)
    paths = custom_paths(policies.modules)
    found = [_placed(error, paths) for error in errors]
    placed = {(each.position, each.message): each for each in found if each is not None}
    first = Position(policies.modules[0].file)
    raise DocumentError(placed.values() or [_problem(errors[0], first)])


def _capabilities(executable: str, folder: str) -> bytes:
    """Return what modules may use: whatever gives the same answer each time, on any machine."""
    done = _run(executable, folder, "capabilities", "--current")
    try:
        known = json.loads(done.stdout)
        kept = [each for each in known["builtins"] if not each.get("nondeterministic")]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise _no_check(executable) from error
    return json.dumps({**known, "builtins": kept, "allow_net": []}).encode()


def _run(executable: str, folder: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    import subprocess

    try:
        return subprocess.run(  # noqa: S603 - the person named it
            [executable, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=CHECK,
            check=False,
            cwd=folder,
            env={"HOME": folder},
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise _no_check(executable) from error


def _no_check(executable: str) -> EngineUnavailableError:
    from headwater.policies.opa_http import unusable

    return unusable(executable, "it does not check Rego", "无法检查 Rego")


def _errors(output: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(output)
    except (ValueError, RecursionError):
        return []
    match found:
        case {"errors": list(errors)}:
            return [each for each in errors if isinstance(each, dict)]
        case _:
            return []


def _placed(error: dict[str, Any], paths: dict[str, RegoModule]) -> Problem | None:
    """Return OPA's error where a person would mend it; ``None`` where it is in what we wrote."""
    match error.get("location"):
        case {"file": str(file), "row": int(row), "col": int(column)}:
            for path, module in paths.items():
                if file.endswith(path):
                    return _problem(error, Position(module.file, max(row, 1), max(column, 1)))
    return None


def _problem(error: dict[str, Any], at: Position) -> Problem:
    return problem("rego-refused", at, reason=str(error.get("message"))[:_SHOWN])
