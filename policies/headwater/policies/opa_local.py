"""A local OPA that we start on a private socket with our bundle, and always stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.catalog.errors import EngineError, EngineUnavailableError
from headwater.policies.bundle import build_bundle
from headwater.policies.opa_check import check_modules
from headwater.policies.opa_http import DEADLINE, OpaEngine, unusable
from headwater.policies.opa_transport import Address
from headwater.policies.opa_version import too_old

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.policies.model import PolicySet

START = 20.0
COLLECTING = "400"
"""OPA lives as long as we do: it may keep more memory and tidy up less often."""
_VERSION = re.compile(r"^Version: (\S{1,100})\s*$", re.MULTILINE)
_LONGEST_SOCKET = 100  # the system's own limit is 104 to 108 bytes
_TICK = 0.02


@contextmanager
def start_opa(
    executable: str, policies: PolicySet, *, deadline: float = DEADLINE
) -> Iterator[OpaEngine]:
    """Yield an engine over an OPA of our own, which is gone afterwards.

    Raises:
        EngineUnavailableError: ``executable`` is not an OPA, too old, or does not start.
    """
    _check_version(executable)
    check_modules(executable, policies)
    with tempfile.TemporaryDirectory(prefix="headwater-", dir=_short_folder()) as folder:
        bundle, listens = Path(folder, "bundle.tar.gz"), Path(folder, "opa.sock")
        bundle.write_bytes(build_bundle(policies))
        process = _started(executable, folder, bundle, listens)
        try:
            engine = OpaEngine(Address.of(f"unix://{listens}"), policies, deadline=deadline)
            with engine:
                _wait(engine, process, executable, Path(folder, "log"))
                yield engine
        finally:
            _stop(process)


def _short_folder() -> str | None:
    """Return where the private folder goes: the system's place, unless no socket fits there."""
    usual = tempfile.gettempdir()
    fits = len(usual.encode()) + len("/headwater-XXXXXXXX/opa.sock") <= _LONGEST_SOCKET
    return None if fits else "/tmp"  # noqa: S108 - the folder in it is new and private


def _check_version(executable: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the person named it
            [executable, "version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=START,
            check=False,
            env={},
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise unusable(executable, "it does not run", "无法运行") from error
    match = _VERSION.search(done.stdout[:4096].decode(errors="replace"))
    if match is None or done.returncode != 0:
        raise unusable(executable, "it does not say a version of OPA", "没有给出 OPA 的版本")
    if too_old(match[1]):
        raise unusable(executable, f"version {match[1]} is too old", f"版本 {match[1]} 过旧")


def _started(executable: str, folder: str, bundle: Path, listens: Path) -> subprocess.Popen[bytes]:
    words = ["run", "--server", "--addr", f"unix://{listens}", "--unix-socket-perm", "600"]
    words += ["--bundle", str(bundle), "--log-level", "error", "--skip-version-check"]
    words += ["--shutdown-grace-period", "1"]
    with Path(folder, "log").open("wb") as log:
        try:
            return subprocess.Popen(  # noqa: S603 - the person named it
                [executable, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env={"HOME": folder, "GOGC": COLLECTING},
                start_new_session=True,
            )
        except OSError as error:
            raise unusable(executable, "it does not run", "无法运行") from error


def _wait(engine: OpaEngine, process: subprocess.Popen[bytes], executable: str, log: Path) -> None:
    """Return once the engine answers by our policies."""
    end = time.monotonic() + START
    while True:
        try:
            engine.greet()
        except EngineUnavailableError as error:
            if time.monotonic() > end:
                raise unusable(executable, "it does not answer", "没有应答") from error
        except EngineError:
            raise
        else:
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(_TICK)
            raise unusable(executable, *_last_words(log))


def _last_words(log: Path) -> tuple[str, str]:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = lines[-1][:300] if lines else "-"
    return f"it ended at once: {said}", f"它立即退出：{said}"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process, politely first, and whatever it may have started."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(3)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
    process.wait()
