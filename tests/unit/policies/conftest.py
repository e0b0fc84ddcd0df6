"""A city of three departments, and short ways to policies and facts in it."""

from __future__ import annotations

import csv
import datetime
import io
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from headwater.catalog.forms import Problems
from headwater.catalog.nodes import Mapping
from headwater.catalog.workspace import load_workspace
from headwater.catalog.yaml_source import parse_yaml
from headwater.policies import Decision, Facts, PolicySet, Vocabulary, load_policies, normalise
from headwater.policies.native import NativeEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.catalog.model import Workspace
    from headwater.catalog.problems import Problem

DAY = datetime.date(2026, 11, 1)

_FILES = {
    "headwater.yaml": "kind: workspace\nid: town\ncategories: [census]\n",
    "departments.yaml": """\
kind: departments
departments:
  - {id: city, name: {en: City, zh: 市}, level: city, region: "330100", clearance: core}
  - {id: health, under: city, name: {en: Health, zh: 卫健委}, level: city, region: "330100",
     clearance: general-4}
  - {id: police, under: city, name: {en: Police, zh: 公安局}, level: city, region: "330100",
     clearance: general-4}
  - {id: tax, name: {en: Tax, zh: 税务局}, level: city, region: "330100", clearance: general-3}
""",
    "purposes.yaml": """\
kind: purposes
purposes:
  - {id: public-health, name: {en: public health, zh: 公共卫生}}
  - {id: immunisation, under: public-health, name: {en: immunisation, zh: 免疫规划}}
  - {id: marketing, name: {en: marketing, zh: 营销}}
""",
}

HEAD = """\
kind: access-policy
id: p
title: {en: A policy, zh: 策略}
owner: health
basis: [PIPL-28]
effective: {from: 2026-01-01}
"""


class Loaded(NamedTuple):
    """What came of loading."""

    policies: PolicySet
    problems: list[Problem]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root: Path = tmp_path_factory.mktemp("town")
    for name, text in _FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    problems = Problems()
    found = load_workspace(root, problems)
    assert found is not None, list(problems)
    assert not problems, list(problems)
    return found


@pytest.fixture(scope="session")
def vocabulary(workspace: Workspace) -> Vocabulary:
    return Vocabulary.of(workspace)


@pytest.fixture(scope="session")
def load(workspace: Workspace) -> Callable[..., Loaded]:
    """Load documents, ``HEAD`` before those that are only rules; ``off`` switches rules off."""

    def loaded(*texts: str, off: tuple[str, ...] = ()) -> Loaded:
        documents = []
        for number, text in enumerate(texts, 1):
            whole = text if text.startswith("kind:") else HEAD + text
            node = parse_yaml(whole.encode(), f"policies/{number}.yaml")
            assert isinstance(node, Mapping)
            documents.append(node)
        problems = Problems()
        changed = replace(workspace, policy_documents=tuple(documents), disabled_rules=off)
        policies = load_policies(changed, problems=problems)
        return Loaded(policies, sorted(problems, key=lambda found: found.order()))

    return loaded


@pytest.fixture(scope="session")
def facts(vocabulary: Vocabulary) -> Callable[..., Facts]:
    """Facts from attributes by name: ``facts({"resource.level": "core"})``."""

    def normalised(given: dict[str, Any], as_of: datetime.date = DAY) -> Facts:
        document: dict[str, Any] = {}
        for name, value in given.items():
            group, dot, inner = name.partition(".")
            if dot:
                document.setdefault(group, {})[inner] = value
            else:
                document[group] = value
        return normalise(document, vocabulary, as_of)

    return normalised


@pytest.fixture(scope="session")
def decide(load: Callable[..., Loaded], facts: Callable[..., Facts]) -> Callable[..., Decision]:
    """Decide by the rules of one policy text, natively."""

    def decided(text: str, given: dict[str, Any], as_of: datetime.date = DAY) -> Decision:
        policies, problems = load(text)
        assert problems == []
        (decision,) = NativeEngine(policies).decide([facts(given, as_of)])
        return decision

    return decided


# --- database servers ------------------------------------------------------------------------


class Server:
    """A database server of the test's own, asked through its own command-line client."""

    name: str

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], client: list[str]) -> None:
        self._folder = folder
        self._process = process
        self._client = client

    def ask(self, script: str) -> list[list[str | None]]:
        """Run a script; return its rows, as texts."""
        done = subprocess.run(
            self._client, input=script.encode(), capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{done.stderr.decode()}\n{script[:2000]}"
        return self.rows(done.stdout.decode())

    def rows(self, output: str) -> list[list[str | None]]:
        raise NotImplementedError

    def ready(self) -> bool:
        """Say whether it answers yet."""
        if self._process.poll() is not None:
            pytest.fail(f"{self.name} ended: {(self._folder / 'log').read_text()[-2000:]}")
        return subprocess.run(
            self._client, input=b"SELECT 1;", capture_output=True, check=False, timeout=60
        ).returncode == 0  # fmt: skip

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        shutil.rmtree(self._folder)


class PostgreSQL(Server):
    name = "postgresql"

    def rows(self, output: str) -> list[list[str | None]]:
        found = csv.reader(io.StringIO(output, newline=""))
        return [[None if cell == "<NULL>" else cell for cell in row] for row in found]


class MariaDB(Server):
    name = "mysql"

    def rows(self, output: str) -> list[list[str | None]]:
        return [
            [None if cell == "NULL" else cell for cell in line.split("\t")]
            for line in output.splitlines()
        ]


def _needed(name: str, folders: list[Path]) -> str:
    """Return the path of a program; without it the test is skipped with that reason, not in CI."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders), "/usr/sbin"])
    found = shutil.which(name, path=path)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"CI must have `{name}`: .ci/run installs it")
    pytest.skip(f"no `{name}` on this machine")


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return how to run a server: as root it would refuse."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _started(
    made: type[Server], setup: list[str], server: list[str], client: list[str], folder: Path
) -> Server:
    given = {"env": {**os.environ, "HOME": str(folder)}, "cwd": folder, **_unprivileged(folder)}
    done = subprocess.run(setup, capture_output=True, check=False, timeout=120, **given)
    assert done.returncode == 0, done.stderr.decode()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            server, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **given
        )
    found = made(folder, process, client)
    for _ in range(600):
        if found.ready():
            return found
        threading.Event().wait(0.1)
    found.stop()
    pytest.fail(f"{made.name} did not start")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL of the tests' own; its columns may compare texts as people do."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    initdb, postgres, psql = (_needed(name, homes) for name in ("initdb", "postgres", "psql"))
    folder = Path(tempfile.mkdtemp(prefix="hw-pg-"))
    data = str(folder / "data")
    setup = [initdb, "-D", data, "-U", "hw", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    quiet = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"]
    server = [postgres, "-D", data, "-k", str(folder), *quiet]
    client = [psql, "-XqAt", "--csv", "-P", "null=<NULL>", "-v", "ON_ERROR_STOP=1"]
    client += ["-h", str(folder), "-U", "hw", "postgres"]
    found = _started(PostgreSQL, setup, server, client, folder)
    yield found
    found.stop()


@pytest.fixture(scope="session")
def mysql() -> Iterator[Server]:
    """A MariaDB of the tests' own; Debian has no MySQL."""
    names = ("mariadb-install-db", "mariadbd", "mariadb")
    install, mariadbd, mariadb = (_needed(name, []) for name in names)
    folder = Path(tempfile.mkdtemp(prefix="hw-my-"))
    data, at = f"--datadir={folder / 'data'}", f"--socket={folder / 's'}"
    setup = [install, "--no-defaults", data, "--auth-root-authentication-method=normal"]
    setup += ["--skip-test-db", "--skip-name-resolve"]
    small = [
        "--skip-networking",
        "--innodb-buffer-pool-size=16M",
        "--innodb-flush-log-at-trx-commit=0",
    ]
    server = [mariadbd, "--no-defaults", data, at, *small, f"--pid-file={folder / 'pid'}"]
    client = [mariadb, "--no-defaults", at, "-uroot", "-NB", "--default-character-set=utf8mb4"]
    found = _started(MariaDB, setup, server, client, folder)
    found.ask("CREATE DATABASE hw CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;")
    client += ["hw"]
    yield found
    found.stop()
