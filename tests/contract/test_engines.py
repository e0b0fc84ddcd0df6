"""Engines: one suite for every adapter, equality on random policies, and an OPA that lies."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import socket
import struct
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from headwater.catalog.errors import (
    EngineAnswerError,
    EngineError,
    EngineTimeoutError,
    EngineUnavailableError,
    InputError,
    UndefinedDecisionError,
)
from headwater.catalog.model import LEVELS, OpaServer
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import Facts, PolicySet, Vocabulary, normalise, open_engine
from headwater.policies.attributes import ATTRIBUTES as BUILT_IN
from headwater.policies.model import (
    AccessPolicy,
    All,
    Atom,
    Condition,
    Dates,
    Disposal,
    Effect,
    Mode,
    Not,
    PolicyException,
    Reference,
    RetentionPolicy,
    RetentionRule,
    Rule,
    Since,
)
from headwater.policies.model import Any as AnyOf
from headwater.policies.native import NativeEngine
from headwater.policies.opa_http import CHUNK, OpaEngine
from headwater.policies.opa_local import start_opa
from headwater.policies.opa_transport import Address
from headwater.policies.operators import LISTS, PRESENCE, comparable_names, fitting
from headwater.policies.own_attributes import PERIOD_OPERATORS
from headwater.policies.vocabulary import Attribute, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.policies import Engine

DAY = datetime.date(2026, 11, 1)
HERE = Position("policies/p.yaml")
NAME = Text("a policy", "策略")
OWN = tuple(
    Attribute(name, kind, NAME, choices)
    for name, kind, choices in (
        ("context.assessed", Kind.DATE, ()),
        ("context.ends", Kind.DATE, ()),
        ("context.for", Kind.PURPOSE, ()),
        ("context.steward", Kind.DEPARTMENT, ()),
        ("resource.band", Kind.CHOICE, ("a", "b", "c")),
        ("resource.grade", Kind.LEVEL, LEVELS),
        ("resource.marks", Kind.SET, ("x", "y", "z")),
        ("resource.notes", Kind.SET, ()),
        ("resource.score", Kind.NUMBER, ()),
        ("subject.sworn", Kind.YES_NO, ()),
    )
)
PERIODS = ("P1D", "P1M", "P90D", "P1Y", "P4Y1M1D", "P9999Y")
ATTRIBUTES = BUILT_IN | {attribute.name: attribute for attribute in OWN}
VOCABULARY = Vocabulary(
    {"city": ("city",), "health": ("health", "city"), "clinic": ("clinic", "health", "city")},
    {"care": ("care",), "vaccines": ("vaccines", "care"), "marketing": ("marketing",)},
    ("health", "minors", "personal"),
    {},
    ATTRIBUTES,
    PERIODS,
)
SAMPLES: dict[Kind, list[Any]] = {
    Kind.TEXT: ["a", "户籍", "\U0001f600", '"', "\\", "\u202e\n"],
    Kind.REGION: ["330100", "330102"],
    Kind.DATE: [
        *("2026-11-01", "2026-10-31", "2026-11-02", "2026-10-01", "2026-09-30", "2026-08-03"),
        *("2026-08-02", "2025-11-01", "2025-10-31", "2022-09-30", "2024-02-29", "0001-01-01"),
        "9999-12-31",
    ],
    Kind.NUMBER: [-1, 0, 1, 1.5, 2, 0.1 + 0.2, 1e-7, 2**53, -(2**53), 123456789.125],
    Kind.YES_NO: [True, False],
    Kind.DEPARTMENT: ["city", "health", "clinic"],
    Kind.PURPOSE: ["care", "vaccines", "marketing"],
    Kind.SET: ["x", "y", "z"],
    Kind.CATEGORIES: ["health", "minors", "personal"],
    Kind.DEPARTMENTS: ["city", "health", "clinic"],
}
PATTERNS = [
    *("a", "户.", "3301[0-9]{2}", ".*", "", "(?i)A|\\\\", "a|b", "[^a]", "(?m)^$", "(?s).+", '"'),
    *("\U0001f600", r"\x{202e}\n", "(?:a)?", "33|3301(?:00|02)", r"[[:alpha:]]", r"\D+", "[^\\n]+"),
    *("a\n", "^a$", r"\Qa\E", r"\bA?a\b", "`", "%d", "(?U)a+"),
]


# --- random policies and facts ---------------------------------------------------------------


def _samples(attribute: Attribute) -> list[Any]:
    return SAMPLES.get(attribute.kind) or list(attribute.choices)


def _atom(random: Random, names: list[str]) -> Atom:
    attribute = ATTRIBUTES[random.choice(names)]
    op = random.choice(fitting(attribute.kind))
    return Atom(attribute.name, op, _operand(random, attribute, op), None, attribute.kind)


def _operand(random: Random, attribute: Attribute, op: str) -> Any:
    if op in PRESENCE:
        return (True,)
    others = comparable_names(attribute, op, ATTRIBUTES)
    if others and random.random() < 0.25:
        return Reference(random.choice(others))
    if op == "matches":
        return (random.choice(PATTERNS),)
    if op in PERIOD_OPERATORS:
        return (random.choice(PERIODS),)
    values = _samples(attribute)
    if op == "between":
        low, high = sorted(random.choices(range(len(values)), k=2))
        pair = sorted(values) if attribute.kind in (Kind.NUMBER, Kind.DATE) else values
        return (pair[low], pair[high])
    count = random.randint(1, 3) if op in LISTS else 1
    return tuple(sorted(set(random.choices(values, k=count))))


def _condition(random: Random, names: list[str], depth: int = 3) -> Condition:
    kind = random.choice(["atom", "atom", "all", "any", "not"]) if depth else "atom"
    if kind == "atom":
        return _atom(random, names)
    if kind == "not":
        return Not(_condition(random, names, depth - 1))
    parts = tuple(_condition(random, names, depth - 1) for _ in range(random.randint(1, 3)))
    return All(parts) if kind == "all" else AnyOf(parts)


def _dates(random: Random) -> Dates:
    near = [None, *(DAY + datetime.timedelta(days) for days in (-400, -1, 0, 1))]
    start, until = (
        random.choice([None, near[1], near[1], near[3]]),
        random.choice(near[:1] * 3 + near),
    )
    return Dates(start, until if until is None or start is None or until >= start else None)


def _policies(random: Random) -> PolicySet:
    # A few attributes for each set, so that rules overlap and boundaries meet.
    names = random.sample(list(ATTRIBUTES), k=random.randint(2, 9))

    def rule(policy: str, number: int) -> Rule:
        effect = random.choice([Effect.ALLOW, Effect.DENY, Effect.DENY, Effect.WARN])
        when = _condition(random, names) if random.random() < 0.95 else None
        owed = tuple(
            random.sample(['{"delete_after":"P1D"}', '{"notify":"城"}'], k=random.randint(0, 2))
        )
        obligations = owed if effect is Effect.ALLOW else ()
        applies = _condition(random, names, 1) if random.random() < 0.3 else None
        return Rule(
            *(f"{policy}/r{number}", effect, applies, when, NAME, None, (), obligations, HERE),
            tuple(
                exception(f"{policy}-{number}-{each}", f"{policy}/r{number}")
                for each in range(random.choice([0, 0, 1, 2]))
                if effect is not Effect.ALLOW
            ),
        )

    def exception(name: str, rule: str) -> PolicyException:
        when, dates = _condition(random, names, 2), _dates(random)
        return PolicyException(name, NAME, "city", "a person", NAME, rule, when, dates, HERE)

    def term(policy: str, number: int) -> RetentionRule:
        when, since = _condition(random, names), Since(column="c")
        name = f"{policy}/r{number}"
        return RetentionRule(name, None, when, "P1Y", None, since, Disposal.DELETE, None, (), HERE)

    def policy(name: str, dates: Dates) -> AccessPolicy:
        mode = Mode.ADVISE if random.random() < 0.2 else Mode.ENFORCE
        rules = tuple(rule(name, number) for number in range(random.randint(1, 6)))
        return AccessPolicy(name, NAME, "city", (), dates, mode, rules, HERE)

    def kept(dates: Dates) -> RetentionPolicy:
        terms = tuple(term("t", number) for number in range(2))
        return RetentionPolicy("t", NAME, "city", (), dates, Mode.ENFORCE, terms, HERE)

    access = [policy(name, _dates(random)) for name in ("a.a", "b-b")[: random.randint(1, 2)]]
    retention = [kept(_dates(random))]
    if random.random() < 0.4:  # one policy in two versions, the second from some day near on
        turn = DAY + datetime.timedelta(random.choice([-1, 0, 1]))
        before = Dates(None, turn - datetime.timedelta(1))
        access += [policy("v", before), policy("v", Dates(turn, None))]
        retention = [kept(before), kept(Dates(turn, None))]
    return PolicySet(tuple(access), tuple(retention), (), OWN)


def _facts(random: Random, holes: float) -> Facts:
    document: dict[str, Any] = {}
    for attribute in ATTRIBUTES.values():
        if random.random() < holes:
            continue
        values = _samples(attribute)
        value: Any = random.choice(values)
        if attribute.multiple:
            value = random.sample(values, k=random.randint(0, 3))
        elif attribute.kind is Kind.NUMBER and random.random() < 0.3:  # next to a bound
            value = min(max(value + random.choice([-1, 1, 0.5]), -(2**53)), 2**53)
        group, dot, inner = attribute.name.partition(".")
        if dot:
            document.setdefault(group, {})[inner] = value
        else:
            document[group] = value
    return normalise(document, VOCABULARY, DAY + datetime.timedelta(random.choice([-1, 0, 0, 1])))


@pytest.mark.opa
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_native_and_opa_agree_on_random_policies_and_facts(seed: int, opa_executable: str) -> None:
    random = Random(seed)  # noqa: S311 - policies, not secrets
    for _ in range(11):
        policies = _policies(random)
        native = NativeEngine(policies)
        holes = random.choice([0, 0.1, 0.4])
        facts = [_facts(random, holes) for _ in range(200)]
        with start_opa(opa_executable, policies) as opa:
            pairs = zip(facts, native.decide(facts), opa.decide(facts), strict=True)
            for question, ours, theirs in pairs:
                assert ours.document() == theirs.document(), (policies, question.document)
            assert native.terms(facts) == opa.terms(facts)


def test_random_facts_and_policies_reach_every_kind_of_answer() -> None:
    random = Random(7)  # noqa: S311 - policies, not secrets
    seen = set()
    for _ in range(60):
        engine = NativeEngine(_policies(random))
        for found in engine.decide([_facts(random, 0.2) for _ in range(40)]):
            seen |= {("allow", found.allow), ("owed", bool(found.obligations))}
            seen |= {("unknown", bool(found.unknown)), ("warned", bool(found.warnings))}
            seen.add(("denied", bool(found.rules) and not found.allow))
            seen.add(("excepted", bool(found.exceptions)))
    assert len(seen) == 12


# --- one suite for every adapter ---------------------------------------------------------------

DENY = Rule(
    "p/deny",
    Effect.DENY,
    None,
    Atom("resource.level", "above", ("general-4",)),
    NAME,
    None,
    (),
    (),
    HERE,
)
ALLOW = Rule(
    "p/allow",
    Effect.ALLOW,
    None,
    Atom("action", "eq", ("read",)),
    None,
    None,
    (),
    ('{"notify":"city"}',),
    HERE,
)
WARN = Rule(
    "p/warn", Effect.WARN, None, Atom("context.masked", "eq", (False,)), NAME, None, (), (), HERE
)
TERM = RetentionRule(
    "t/keep",
    None,
    Atom("resource.categories", "has", ("personal",)),
    "P1Y",
    None,
    Since(column="c"),
    Disposal.DELETE,
    None,
    (),
    HERE,
)
POLICIES = PolicySet(
    (
        AccessPolicy(
            "p", NAME, "city", (), Dates(None, None), Mode.ENFORCE, (DENY, ALLOW, WARN), HERE
        ),
    ),
    (RetentionPolicy("t", NAME, "city", (), Dates(None, None), Mode.ENFORCE, (TERM,), HERE),),
)


def _question(**known: Any) -> Facts:
    """Facts by short names: a level, an action, masked, categories."""
    document: dict[str, Any] = {
        "action": known.get("action"),
        "resource": {"level": known.get("level"), "categories": known.get("categories")},
        "context": {"masked": known.get("masked"), "hops": known.get("hops")},
    }
    return normalise(document, VOCABULARY, DAY)


READ = _question(action="read", level="general-1", masked=True, categories=["personal"])
CORE = _question(action="read", level="core", masked=False, categories=[])
BARE = _question()


@pytest.fixture(params=["native", pytest.param("opa", marks=pytest.mark.opa), "http"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "native":
        with open_engine("native", POLICIES) as found:
            yield found
    elif request.param == "opa":
        executable = request.getfixturevalue("opa_executable")
        with open_engine("opa", POLICIES, executable=executable) as found:
            yield found
    else:  # the wire alone, without a real OPA behind it
        with _server("good") as url, open_engine("opa", POLICIES, server=OpaServer(url)) as found:
            yield found


def test_an_engine_answers_in_the_order_of_the_questions_and_repeats_itself(engine: Engine) -> None:
    questions = [CORE, READ, BARE, READ, CORE]
    first = engine.decide(questions)
    assert first == (*engine.decide(questions[:2]), *engine.decide(questions[2:]))
    assert [found.document() for found in first[:3]] == [
        {
            "allow": False,
            "rules": ["p/deny"],
            "unknown": [],
            "unknown_rules": {},
            "warnings": ["p/warn"],
            "obligations": [],
            "exceptions": [],
        },
        {
            "allow": True,
            "rules": ["p/allow"],
            "unknown": [],
            "unknown_rules": {},
            "warnings": [],
            "obligations": [{"notify": "city"}],
            "exceptions": [],
        },
        {
            "allow": False,
            "rules": ["p/deny"],
            "unknown": ["resource.level"],
            "unknown_rules": {"p/deny": ["resource.level"], "p/warn": ["context.masked"]},
            "warnings": ["p/warn"],
            "obligations": [],
            "exceptions": [],
        },
    ]


def test_an_engine_answers_retention_questions(engine: Engine) -> None:
    assert [found.document() for found in engine.terms([READ, CORE, BARE])] == [
        {"terms": ["t/keep"], "unknown": {}},
        {"terms": [], "unknown": {}},
        {"terms": [], "unknown": {"t/keep": ["resource.categories"]}},
    ]


def test_an_engine_answers_nothing_when_asked_nothing(engine: Engine) -> None:
    assert engine.decide([]) == ()
    assert engine.terms([]) == ()


def test_an_engine_answers_more_questions_than_fit_one_request(engine: Engine) -> None:
    questions = [_question(action="read", level="core", hops=n) for n in range(CHUNK + 3)]
    questions[CHUNK] = READ
    found = engine.decide(questions)
    assert [each.allow for each in found] == [n == CHUNK for n in range(CHUNK + 3)]


def test_an_engine_says_what_it_is(engine: Engine) -> None:
    engine.decide([READ])
    assert engine.name in ("native", "opa")
    assert engine.version


# --- an OPA that lies or dies -------------------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    """Answers as the server's mode says; ``good`` answers by the native engine."""

    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append(self.path)
        self.server.passwords += self.headers.get_all("Authorization", [])
        with suppress(ConnectionError):
            getattr(self, f"_{self.server.mode}", self._bent)(body["input"]["requests"])

    def _good(self, requests: list[Any]) -> None:
        self._send(json.dumps(self._answer(requests)).encode())

    def _answer(self, requests: list[Any]) -> dict[str, Any]:
        native = NativeEngine(POLICIES)
        facts = [_read_back(request) for request in requests]
        access = self.path.startswith("/v1/data/headwater/batch/access?")
        key = "decisions" if access else "terms"
        found = native.decide(facts) if access else native.terms(facts)
        items = [each.document() for each in found]
        result = {"revision": POLICIES.revision, key: items}
        return {"provenance": {"version": "1.22.2"}, "result": result}

    def _bent(self, requests: list[Any]) -> None:
        answer = self._answer(requests)
        (BENT | VERSIONS)[self.server.mode](answer)
        self._send(json.dumps(answer).encode())

    def _send(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _undefined(self, _: list[Any]) -> None:
        self._send(b"{}")

    def _hang(self, _: list[Any]) -> None:
        self.server.over.wait(60)

    def _drip(self, requests: list[Any]) -> None:
        data = json.dumps(self._answer(requests)).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data))
        self._dripped(data)

    def _drip_headers(self, _: list[Any]) -> None:
        self._dripped(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100)

    def _dripped(self, data: bytes) -> None:
        for n in range(len(data)):
            self.wfile.write(data[n : n + 1])
            if self.server.over.wait(0.1):
                return

    def _redirect(self, _: list[Any]) -> None:
        self._send(b"", 302, Location=self.path)

    def _error(self, _: list[Any]) -> None:
        self._send(b'{"code": "internal_error"}', 500)

    def _created(self, requests: list[Any]) -> None:
        self._send(json.dumps(self._answer(requests)).encode(), 201)

    def _html(self, _: list[Any]) -> None:
        self._send(b"<html><title>Log in</title></html>", Content_Type="text/html")

    def _junk(self, _: list[Any]) -> None:
        self.wfile.write(b"no HTTP at all\r\n\r\n")

    def _deep(self, _: list[Any]) -> None:
        self._send(b"[" * 500_000)

    def _truncated(self, requests: list[Any]) -> None:
        data = json.dumps(self._answer(requests)).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(data) + 10))
        self.wfile.write(data)

    def _short(self, requests: list[Any]) -> None:
        data = json.dumps(self._answer(requests)).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(data) // 2))
        self.wfile.write(data)

    def _chunked(self, requests: list[Any]) -> None:
        data = json.dumps(self._answer(requests)).encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))  # and no last chunk

    def _compressed(self, requests: list[Any]) -> None:
        data = gzip.compress(json.dumps(self._answer(requests)).encode())
        self._send(data, Content_Encoding="gzip")

    def _huge(self, _: list[Any]) -> None:
        piece = b" " * 65536
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n")
        for _n in range(300_000_000 // len(piece)):
            self.wfile.write(piece)
            self.server.sent += len(piece)

    def _reset(self, _: list[Any]) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.rfile.close()
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()


def _read_back(request: dict[str, Any]) -> Facts:
    values = dict.fromkeys(ATTRIBUTES) | {"action": request["action"], "as_of": request["as_of"]}
    for group in ("subject", "resource", "context"):
        values |= {f"{group}.{name}": value for name, value in request.get(group, {}).items()}
    return Facts(values, {})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, mode: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mode = mode
        self.over = threading.Event()
        self.seen: list[str] = []
        self.passwords: list[str] = []
        self.sent = 0

    def shutdown_request(self, request: Any) -> None:
        with suppress(OSError):
            super().shutdown_request(request)


@contextmanager
def _serving(mode: str) -> Iterator[_Server]:
    server = _Server(mode)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _server(mode: str) -> Iterator[str]:
    with _serving(mode) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"


def _asked(server: _Server, **limits: Any) -> Any:
    address = Address.of(f"http://127.0.0.1:{server.server_address[1]}")
    with OpaEngine(address, POLICIES, **limits) as engine:
        return engine.decide([CORE, READ])


NEMESIS: dict[str, tuple[type[EngineError], str]] = {
    "undefined": (UndefinedDecisionError, "opa-undefined"),
    "redirect": (EngineAnswerError, "opa-answer"),
    "error": (EngineAnswerError, "opa-answer"),
    "created": (EngineAnswerError, "opa-answer"),
    "html": (EngineAnswerError, "opa-answer"),
    "junk": (EngineAnswerError, "opa-answer"),
    "deep": (EngineAnswerError, "opa-answer"),
    "truncated": (EngineAnswerError, "opa-answer"),
    "short": (EngineAnswerError, "opa-answer"),
    "chunked": (EngineAnswerError, "opa-answer"),
    "compressed": (EngineAnswerError, "opa-answer"),
    "reset": (EngineUnavailableError, "opa-unreachable"),
}


@pytest.mark.parametrize("mode", NEMESIS)
def test_whatever_is_not_an_answer_is_our_error_and_is_asked_for_once(mode: str) -> None:
    wanted, code = NEMESIS[mode]
    with _serving(mode) as server, pytest.raises(EngineError) as caught:
        _asked(server)
    assert type(caught.value) is wanted
    assert [found.code for found in caught.value.problems] == [code]
    assert len(server.seen) == 1


@pytest.mark.parametrize("mode", ["hang", "drip", "drip_headers"])
def test_a_slow_answer_is_given_up_at_the_deadline_however_it_is_slow(mode: str) -> None:
    with _serving(mode) as server:
        begin = time.monotonic()
        with pytest.raises(EngineTimeoutError) as caught:
            _asked(server, deadline=0.5)
        assert 0.4 < time.monotonic() - begin < 2
        workers = [each for each in threading.enumerate() if each.name == "headwater-opa"]
        for worker in workers:  # broken off, not left waiting for the server
            worker.join(2)
            assert not worker.is_alive()
    assert "0.5" in caught.value.problems[0].message.en


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with _serving("huge") as server:
        with pytest.raises(EngineAnswerError, match="longer than 1048576 bytes"):
            _asked(server, limit=1024 * 1024)
        assert server.sent < 64 * 1024 * 1024


def test_nobody_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (
        OpaEngine(Address.of(f"http://127.0.0.1:{port}"), POLICIES) as engine,
        pytest.raises(EngineUnavailableError),
    ):
        engine.decide([READ])
    with (
        OpaEngine(Address.of("unix:///nowhere/opa.sock"), POLICIES) as engine,
        pytest.raises(EngineUnavailableError),
    ):
        engine.decide([READ])


def _first(change: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Change the first decision, which denies by ``p/deny`` and warns by ``p/warn``."""

    def bend(answer: dict[str, Any]) -> None:
        decision = answer["result"]["decisions"][0]
        decision |= change
        for key in [key for key, value in decision.items() if value is ...]:
            del decision[key]

    return bend


def _result(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], None]:
    def bend(answer: dict[str, Any]) -> None:
        change(answer["result"])

    return bend


ALLOWED: dict[str, Any] = {
    "allow": True,
    "rules": ["p/allow"],
    "warnings": [],
    "obligations": [{"notify": "city"}],
}
BENT: dict[str, Callable[[dict[str, Any]], object]] = {
    "allow is text": _first({"allow": "true"}),
    "allow is a number": _first({"allow": 1}),
    "allow is null": _first({"allow": None}),
    "allow is missing": _first({"allow": ...}),
    "a field too many": _first({"more": 1}),
    "a field too few": _first({"warnings": ...}),
    "allowed by a rule that denies": _first({"allow": True}),
    "allowed by no rule": _first({**ALLOWED, "rules": []}),
    "allowed by no rule and owing nothing": _first({**ALLOWED, "rules": [], "obligations": []}),
    "warned by a rule that denies": _first({"warnings": ["p/deny"]}),
    "allowed by a rule there is not": _first({**ALLOWED, "rules": ["p/allowed"]}),
    "allowed by a warning": _first({**ALLOWED, "rules": ["p/warn"]}),
    "allowed though something is unknown": _first({**ALLOWED, "unknown": ["action"]}),
    "allowed without its obligation": _first({**ALLOWED, "obligations": []}),
    "an obligation of nobody": _first({"obligations": [{"notify": "city"}]}),
    "denied by a rule that allows": _first({"rules": ["p/allow"]}),
    "not normalised": _first({"rules": ["headwater/not-normalised"]}),
    "rules are no list": _first({"rules": "p/deny"}),
    "rules are no texts": _first({"rules": [1]}),
    "rules are repeated": _first({"rules": ["p/deny", "p/deny"]}),
    "an exception that there is not": _first({"exceptions": ["p/deny"]}),
    "exceptions are no list": _first({"exceptions": {}}),
    "unknown without a rule": _first({"unknown": ["action"]}),
    "an unknown rule that is not named": _first({"unknown_rules": {"p/allow": ["action"]}}),
    "unknown rules are no lists": _first({"unknown_rules": {"p/deny": "resource.level"}}),
    "too few": _result(lambda result: result["decisions"].pop()),
    "too many": _result(lambda result: result["decisions"].append(result["decisions"][0])),
    "none": _result(lambda result: result["decisions"].clear()),
    "decisions are no list": _result(lambda result: result.update(decisions={"0": {}})),
    "a decision is true": _result(lambda result: result["decisions"].__setitem__(1, True)),
    "no decisions": _result(lambda result: result.pop("decisions")),
    "no revision": _result(lambda result: result.pop("revision")),
    "another revision": _result(lambda result: result.update(revision="sha256:0")),
    "the result is true": lambda answer: answer.update(result=True),
}

VERSIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an old version": lambda answer: answer["provenance"].update(version="1.20.2"),
    "no version": lambda answer: answer.pop("provenance"),
}


@pytest.mark.parametrize("mode", BENT)
def test_an_answer_that_is_nearly_a_decision_is_none(mode: str) -> None:
    with _serving(mode) as server, pytest.raises(EngineAnswerError) as caught:
        _asked(server)
    assert caught.value.problems[0].message.zh


def test_the_questions_arrive_where_the_rules_are_with_strict_built_ins() -> None:
    with _serving("good") as server:
        _asked(server)
    assert server.seen == [
        "/v1/data/headwater/batch/access?strict-builtin-errors=true&provenance=true"
    ]


def test_a_remote_opa_that_is_too_old_is_refused_and_one_that_keeps_silent_is_not() -> None:
    with (
        _server("an old version") as url,
        pytest.raises(EngineUnavailableError, match=r"version 1\.20\.2 is too old"),
        open_engine("opa", POLICIES, server=OpaServer(url)),
    ):
        pytest.fail("it must not be used")
    with (
        _server("no version") as url,
        open_engine("opa", POLICIES, server=OpaServer(url)) as engine,
    ):
        assert (engine.decide([READ])[0].allow, engine.version) == (True, "")


def test_no_proxy_and_no_password_is_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with _serving("good") as server:
        assert len(_asked(server)) == 2
    assert server.passwords == []


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8181",
        "ftp://h:1",
        "http://",
        "http://h:1/v1",
        "http://u:p@h:1",
        "http://h:1?x=1",
        "http://h:99999",
        "http://[::1",
        "unix://host/path",
        "unix:///",
        "",
    ],
)
def test_what_is_no_address_of_an_opa_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        Address.of(url)
    assert caught.value.problems[0].code == "opa-url"


def test_addresses_are_read() -> None:
    assert Address.of("http://[::1]:8181").host == "[::1]"
    assert Address.of("https://opa.example").port == 443
    assert Address.of("unix:///run/opa.sock").socket == "/run/opa.sock"


# --- choosing, starting, stopping ---------------------------------------------------------------


def test_opa_without_an_opa_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(EngineUnavailableError) as caught, open_engine("opa", POLICIES):
        pytest.fail("there is no engine")
    (found,) = caught.value.problems
    assert found.code == "no-opa"
    assert found.hint is not None
    assert "HEADWATER_OPA" in found.hint.en


def test_auto_takes_the_native_engine_where_there_is_no_opa() -> None:
    with open_engine("auto", POLICIES) as engine:
        assert engine.name == "native"


def test_auto_does_not_fall_back_when_the_opa_it_was_given_is_dead(tmp_path: Path) -> None:
    with (
        pytest.raises(EngineUnavailableError),
        open_engine("auto", POLICIES, executable=str(tmp_path / "opa")),
    ):
        pytest.fail("there is no engine")
    with (
        pytest.raises(EngineUnavailableError),
        open_engine("auto", POLICIES, server=OpaServer("unix:///nowhere/opa.sock")),
    ):
        pytest.fail("there is no engine")


@pytest.mark.opa
def test_a_remote_opa_with_other_policies_is_refused(opa_executable: str) -> None:
    (access,) = POLICIES.access
    other = PolicySet((replace(access, rules=(ALLOW,)),), POLICIES.retention)
    with start_opa(opa_executable, other) as running:
        url = f"unix://{running._lanes[0]._transport._address.socket}"
        with open_engine("opa", other, server=OpaServer(url)) as engine:
            assert engine.decide([READ])[0].allow
        with (
            pytest.raises(EngineAnswerError) as caught,
            open_engine("opa", POLICIES, server=OpaServer(url)),
        ):
            pytest.fail("it must not be used")
    assert caught.value.problems[0].code == "opa-revision"


@pytest.mark.opa
def test_a_local_opa_is_private_and_gone_afterwards_even_after_an_error(
    opa_executable: str,
) -> None:
    with ExitStack() as stack:
        engine = stack.enter_context(start_opa(opa_executable, POLICIES))
        listens = Path(str(engine._lanes[0]._transport._address.socket))
        assert listens.parent.stat().st_mode & 0o777 == 0o700
        assert listens.stat().st_mode & 0o777 == 0o600
        stack.callback(_fail)
        with pytest.raises(RuntimeError):
            stack.close()
    assert not listens.parent.exists()
    with pytest.raises(EngineUnavailableError):
        engine.decide([READ])


@pytest.mark.opa
def test_an_opa_that_dies_is_unavailable_and_says_so_at_once(
    opa_executable: str, tmp_path: Path
) -> None:
    script = _script(tmp_path, f'echo $$ >> {tmp_path}/pids\nexec {opa_executable} "$@"')
    with start_opa(script, POLICIES) as engine:
        os.kill(int((tmp_path / "pids").read_text().split()[-1]), 9)
        with pytest.raises(EngineError):
            engine.decide([READ])


def _fail() -> None:
    raise RuntimeError


def _script(folder: Path, body: str) -> str:
    path = folder / "fake-opa"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


FAKES = {
    "says nothing": ("exit 0", "does not say a version"),
    "is something else": ("echo git version 2.39", "does not say a version"),
    "fails": ("echo Version: 1.22.2; exit 3", "does not say a version"),
    "is too old": ("echo Version: 1.21.2", "version 1.21.2 is too old"),
    "is far too old": ("echo Version: 0.70.0", "version 0.70.0 is too old"),
    "only knows its version": (
        '[ "$1" = version ] && echo Version: 1.22.2 && exit 0; echo cannot >&2; exit 1',
        "it ended at once: cannot",
    ),
}


@pytest.mark.parametrize("fake", FAKES)
def test_what_is_no_usable_opa_is_refused_with_a_hint(fake: str, tmp_path: Path) -> None:
    body, said = FAKES[fake]
    with (
        pytest.raises(EngineUnavailableError) as caught,
        start_opa(_script(tmp_path, body), POLICIES),
    ):
        pytest.fail("it must not be used")
    (found,) = caught.value.problems
    assert found.code == "opa-unusable"
    assert said in found.message.en
    assert found.hint is not None
    assert "1.21.3" in found.hint.en


def test_an_opa_that_never_answers_is_stopped_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headwater.policies.opa_local.START", 0.3)
    body = (
        '[ "$1" = version ] && echo Version: 1.22.2 && exit 0\n'
        f"sleep 60 &\necho $! > {tmp_path}/child\necho $$ > {tmp_path}/parent\nwait"
    )
    with (
        pytest.raises(EngineUnavailableError, match="does not answer"),
        start_opa(_script(tmp_path, body), POLICIES),
    ):
        pytest.fail("it must not be used")
    pids = [int((tmp_path / name).read_text()) for name in ("parent", "child")]
    waiting = threading.Event()
    assert any(not any(map(_runs, pids)) or waiting.wait(0.02) for _ in range(100))


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    if Path("/proc/self").exists():
        return state.exists() and state.read_text().rpartition(") ")[2][:1] not in ("Z", "X")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


ALWAYS_KNOWN = Atom("context.via", "present", (True,))
EDGES: dict[str, Condition | None] = {
    "no condition": None,
    "presence alone": ALWAYS_KNOWN,
    "presence in a part": All(
        (AnyOf((ALWAYS_KNOWN, Not(ALWAYS_KNOWN))), DENY.when or ALWAYS_KNOWN)
    ),
    "parts in parts": AnyOf(
        (
            All((AnyOf((WARN.when or ALWAYS_KNOWN, DENY.when or ALWAYS_KNOWN)), ALWAYS_KNOWN)),
            All((AnyOf((ALLOW.when or ALWAYS_KNOWN, DENY.when or ALWAYS_KNOWN)), ALWAYS_KNOWN)),
        )
    ),
}


@pytest.mark.opa
@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("edge", EDGES)
def test_native_and_opa_agree_where_sets_are_empty(
    edge: str, effect: Effect, opa_executable: str
) -> None:
    rule = replace(DENY, effect=effect, when=EDGES[edge])
    policies = PolicySet((replace(POLICIES.access[0], rules=(rule,)),), ())
    questions = [READ, CORE, BARE, normalise({"context": {"via": ["city"]}}, VOCABULARY, DAY)]
    native = NativeEngine(policies)
    with start_opa(opa_executable, policies) as opa:
        assert opa.decide(questions) == native.decide(questions)
        assert opa.terms(questions) == native.terms(questions)


@pytest.mark.opa
def test_no_policies_at_all_allow_nothing(opa_executable: str) -> None:
    nothing = PolicySet((), ())
    with start_opa(opa_executable, nothing) as opa:
        (found,) = opa.decide([READ])
    assert (found,) == NativeEngine(nothing).decide([READ])
    assert not found.allow


JUNK: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 1e300, 3, 99, "", "general-1", "\u0000", "city"),
    *([], [[]], [None], [1], [""], ["city"], ["city", "city"], [{}], {}, {"a": 1}),
]


@pytest.mark.opa
@pytest.mark.parametrize("seed", range(3))
def test_no_value_of_any_shape_slips_between_a_rule_and_its_opposite(
    seed: int, opa_executable: str
) -> None:
    random = Random(seed)  # noqa: S311 - policies, not secrets
    for _ in range(6):
        names = random.sample([*ATTRIBUTES], k=3)
        condition = _condition(random, names, 2)
        always = AnyOf((Atom("action", "present", (True,)), Atom("action", "absent", (True,))))
        rules = (
            Rule("p/if", Effect.DENY, None, condition, NAME, None, (), (), HERE),
            Rule("p/not", Effect.DENY, None, Not(condition), NAME, None, (), (), HERE),
            Rule("p/any", Effect.ALLOW, None, always, None, None, (), (), HERE),
        )
        policies = PolicySet((replace(POLICIES.access[0], rules=rules),), ())
        questions: list[Any] = [_facts(random, 0.2).document for _ in range(4)]
        for base in list(questions):
            for name in names:
                group, dot, inner = name.partition(".")
                for junk in JUNK:
                    bent = json.loads(json.dumps(base))
                    (bent[group] if dot else bent)[inner or name] = junk
                    questions.append(bent)
        with start_opa(opa_executable, policies) as opa:
            answer: Any = opa._lanes[0].ask({"requests": questions}, "access")
        decisions = answer["result"]["decisions"]
        assert len(decisions) == len(questions)
        slipped = [q for q, found in zip(questions, decisions, strict=True) if found["allow"]]
        assert slipped == [], condition
