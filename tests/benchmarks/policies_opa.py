"""Decisions a second through a real OPA server: ours in batches, against one call a decision.

Run: HEADWATER_OPA=/path/to/opa python tests/benchmarks/policies_opa.py [QUESTIONS]

One run, one OPA, the same 30 rules of 3 conditions and the same distinct questions. The yardstick
is opa-python-client's ``query_rule`` called once per decision, as its own documentation shows, on
the loopback interface. Where the machine is busy the wall clock tells little; the last columns
are processor time for a decision, OPA's and ours together, and their ratio (Linux only).
"""

from __future__ import annotations

import datetime
import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from opa_client.opa import OpaClient

from headwater.catalog.model import LEVELS, OpaServer
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import PolicySet, Vocabulary, build_bundle, normalise, open_engine
from headwater.policies.model import AccessPolicy, All, Atom, Dates, Effect, Mode, Rule
from headwater.policies.opa_local import COLLECTING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.policies import Facts

HERE = Position("policies/p.yaml")
NAME = Text("a policy", "策略")
DAY = datetime.date(2026, 11, 1)
PURPOSES = tuple(f"purpose-{number}" for number in range(20))
DEPARTMENTS = tuple(f"department-{number}" for number in range(20))
VOCABULARY = Vocabulary(
    {name: (name, "city") for name in DEPARTMENTS},
    {name: (name, "any") for name in PURPOSES},
    ("health", "minors", "personal"),
    {},
)
RULES = 30
COUNT = 20_000
SINGLE = 1500
"""So many are asked one by one: enough to time, and over in a few seconds."""


def policies(random: Random) -> PolicySet:
    def rule(number: int) -> Rule:
        effect = Effect.ALLOW if number % 5 == 0 else Effect.DENY
        parts = All(
            (
                Atom("action", "eq", (random.choice(["read", "share", "export"]),)),
                Atom("context.purpose", "under", (random.choice(PURPOSES),)),
                random.choice(
                    [
                        Atom("resource.level", "above", (random.choice(LEVELS[:-1]),)),
                        Atom("subject.department", "eq", (random.choice(DEPARTMENTS),)),
                        Atom("resource.categories", "has", ("health",)),
                        Atom("context.hops", "above", (random.randint(1, COUNT),)),
                    ]
                ),
            )
        )
        message = None if effect is Effect.ALLOW else NAME
        return Rule(f"p/r{number}", effect, None, parts, message, None, (), (), HERE)

    rules = tuple(rule(number) for number in range(RULES))
    dates = Dates(None, None)
    return PolicySet((AccessPolicy("p", NAME, "city", (), dates, Mode.ENFORCE, rules, HERE),), ())


def question(random: Random, number: int) -> Facts:
    """Return a question that differs from all others in what a rule asks about: ``number``."""
    return normalise(
        {
            "action": random.choice(["read", "share", "export"]),
            "subject": {"department": random.choice(DEPARTMENTS), "clearance": "core"},
            "resource": {
                "name": f"dataset-{number}",
                "level": random.choice(LEVELS),
                "categories": random.sample(["health", "minors", "personal"], k=1),
            },
            "context": {"purpose": random.choice(PURPOSES), "agreement": "active", "hops": number},
        },
        VOCABULARY,
        DAY,
    )


@contextmanager
def server(
    executable: str, found: PolicySet, folder: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield one OPA that listens on a port of the loopback interface and on ``opa.sock``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    Path(folder, "bundle.tar.gz").write_bytes(build_bundle(found))
    words = [executable, "run", "--server", "--log-level", "error", "--skip-version-check"]
    words += ["--addr", f"127.0.0.1:{port}", "--addr", f"unix://{folder}/opa.sock"]
    words += ["--bundle", f"{folder}/bundle.tar.gz"]
    environment = {"GOGC": COLLECTING}  # as the one that we start ourselves
    with subprocess.Popen(words, env=environment) as process:
        try:
            _wait(port)
            yield process, port
        finally:
            process.kill()


def _wait(port: int) -> None:
    pause = threading.Event()
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            pause.wait(0.02)
        else:
            return
    raise SystemExit("OPA does not listen")


def processor(process: subprocess.Popen[bytes]) -> float:
    """Return the seconds of processor time that OPA and we have used."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        return 0.0
    ticks = stat.read_text().rpartition(") ")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") + time.process_time()


def measured(
    name: str, count: int, process: subprocess.Popen[bytes], work: Callable[[], object]
) -> tuple[str, float, float]:
    """Return decisions a second by the wall clock, and microseconds of processor time for one."""
    begin, used = time.perf_counter(), processor(process)
    work()
    took, spent = time.perf_counter() - begin, processor(process) - used
    return name, count / took, spent / count * 1e6


def main() -> None:
    executable = os.environ.get("HEADWATER_OPA", "opa")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    random = Random(1)  # noqa: S311 - questions, not secrets
    found = policies(random)
    facts = [question(random, number) for number in range(count)]
    for each in facts:
        _ = each.key  # what the gate has anyway, as it asks equal questions once
    with (
        tempfile.TemporaryDirectory() as folder,
        server(executable, found, folder) as (process, port),
    ):
        client = OpaClient(host="127.0.0.1", port=port)
        answers = []

        def one_by_one() -> None:
            for each in facts[:SINGLE]:
                reply = client.query_rule(each.document, "headwater", "decision")
                answers.append(reply["result"]["allow"])

        one_by_one()  # warm
        answers.clear()
        rows = [measured("query_rule, one call a decision", SINGLE, process, one_by_one)]
        # Flows repeat: the same departments, levels and purposes, in ever other columns.
        flows = [facts[random.randrange(count // 20)] for _ in range(count)]
        for url in (f"http://127.0.0.1:{port}", f"unix://{folder}/opa.sock"):
            kind = url.partition(":")[0].replace("http", "tcp")
            with open_engine("opa", found, server=OpaServer(url)) as engine:
                ours = [each.allow for each in engine.decide(facts[:SINGLE])]
                work = partial(engine.decide, facts)
                rows.append(measured(f"batches, all different, {kind}", count, process, work))
                work = partial(engine.decide, flows)
                rows.append(measured(f"batches, 1 in 20 is new, {kind}", count, process, work))
        if ours != answers:
            raise SystemExit("the two do not decide alike")
    say(f"{RULES} rules, {count} questions, Python {platform.python_version()}")
    say(f"{'':<34}{'decisions/s':>12}{'':>8}{'CPU us each':>14}")
    for name, value, spent in rows:
        ratio, saved = value / rows[0][1], rows[0][2] / spent if spent else 0
        say(f"{name:<34}{value:>12,.0f}{ratio:>7.1f}x{spent:>14,.0f}{saved:>7.1f}x")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
