"""The OPA server, through opa-python-client; the only module that imports it.

The client's own time-out is per read, it follows redirects and reads without end; so it is given
our own transport, and each request runs under one total deadline.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from ssl import SSLError
from typing import TYPE_CHECKING, Self, TypeVar

from headwater.catalog.errors import (
    EngineAnswerError,
    EngineTimeoutError,
    EngineUnavailableError,
    HeadwaterError,
)
from headwater.catalog.problems import problem
from headwater.catalog.text import Text
from headwater.policies.facts import AS_OF, FORM
from headwater.policies.opa_answers import (
    AnswerReader,
    batch_of,
    opa_version,
)
from headwater.policies.opa_transport import Address, Transport
from headwater.policies.opa_version import MINIMUM, too_old
from headwater.policies.rego import asked_names

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from types import TracebackType

    from headwater.policies.engine import Decision, Terms
    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet

CHUNK = 250
LANES = 4
DEADLINE = 30.0
LIMIT = 16 * 1024 * 1024

_Answer = TypeVar("_Answer")
_QUERY = {"strict-builtin-errors": "true", "provenance": "true"}


class OpaEngine:
    """Decides by asking an OPA that serves our bundle; see :class:`.engine.Engine`.

    Questions that differ in nothing that any rule asks about are asked once, ``CHUNK`` in a
    request, over ``LANES`` connections at once.
    """

    name = "opa"

    def __init__(
        self,
        address: Address,
        policies: PolicySet,
        *,
        deadline: float = DEADLINE,
        limit: int = LIMIT,
    ) -> None:
        self._policies = policies
        self._reader = AnswerReader(policies)
        names = asked_names(policies)
        self._names = None if names is None else tuple(sorted(names))
        self._lanes = tuple(_Lane(address, deadline, limit) for _ in range(LANES))
        self._version = ""

    @property
    def version(self) -> str:
        """The version that OPA gave with its latest answer; empty before the first."""
        return self._version

    def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
        """Answer access questions."""
        return self._answers(facts, ("access", "decisions"), self._reader.decision)

    def terms(self, facts: Sequence[Facts]) -> tuple[Terms, ...]:
        """Answer which retention rules hold."""
        return self._answers(facts, ("terms", "terms"), self._reader.terms)

    def greet(self) -> None:
        """Ask nothing, to see that OPA is there and serves exactly these policies.

        Raises:
            EngineError: It is not, or does not.
        """
        self._batch(self._lanes[0], [], ("access", "decisions"))
        if self._version and too_old(self._version):  # a server may keep its version to itself
            old = self._version
            raise unusable(self._lanes[0].url, f"version {old} is too old", f"版本 {old} 过旧")

    def close(self) -> None:
        """Close the sessions."""
        for lane in self._lanes:
            lane.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answers(
        self, facts: Sequence[Facts], names: tuple[str, str], read: Callable[[object], _Answer]
    ) -> tuple[_Answer, ...]:
        keys = [self._key(question) for question in facts]
        distinct = dict(zip(keys, facts, strict=True))
        asked = list(distinct)
        todo = deque(asked[start : start + CHUNK] for start in range(0, len(asked), CHUNK))
        found: dict[Hashable, _Answer] = {}

        def work(lane: _Lane) -> None:
            while todo:
                try:
                    chunk = todo.popleft()
                except IndexError:  # another lane took the last
                    return
                requests = [self._request(distinct[key]) for key in chunk]
                try:
                    items = self._batch(lane, requests, names)
                    found.update((key, read(item)) for key, item in zip(chunk, items, strict=True))
                except BaseException:
                    todo.clear()  # half an answer is none: the others need not go on
                    raise

        _together([partial(work, lane) for lane in self._lanes[: len(todo)]])
        return tuple(found[key] for key in keys)

    def _key(self, facts: Facts) -> Hashable:
        """Return what is the same for questions that must have the same answer."""
        if self._names is None:
            return facts.key
        values = facts.values
        return tuple(
            tuple(value) if isinstance(value := values[name], list) else value
            for name in self._names
        )

    def _request(self, facts: Facts) -> dict[str, object]:
        """Return the document of a question, less what no rule asks about.

        What is not needed does not leave this machine, and need not be read by OPA.
        """
        if self._names is None:
            return facts.document
        found: dict[str, object] = {"headwater": FORM, AS_OF: facts.values[AS_OF]}
        groups: dict[str, dict[str, object]] = {}
        for name in self._names:
            group, dot, inner = name.partition(".")
            if dot:
                groups.setdefault(group, {})[inner] = facts.values[name]
            else:
                found[name] = facts.values[name]
        return found | groups

    def _batch(
        self, lane: _Lane, requests: list[dict[str, object]], names: tuple[str, str]
    ) -> list[object]:
        answer = lane.ask({"requests": requests}, names[0])
        items = batch_of(answer, names[1], len(requests), self._policies)
        self._version = opa_version(answer)
        return items


def _together(tasks: Sequence[Callable[[], None]]) -> None:
    """Run ``tasks`` at once; raise the error of the first that failed."""
    if len(tasks) == 1:
        tasks[0]()
        return
    workers = [_Worker(task) for task in tasks]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for worker in workers:
        if worker.error is not None:
            raise worker.error


class _Lane:
    """One client of one server, asked one question after the other, each within the deadline."""

    def __init__(self, address: Address, deadline: float, limit: int) -> None:
        from opa_client.opa import OpaClient

        self._deadline = deadline
        self._transport = Transport(address, limit)
        self._client = OpaClient(
            host=address.host, port=address.port, ssl=address.secure, retries=0, timeout=deadline
        )
        session = self._client._session  # noqa: SLF001 - the client offers no other way
        session.trust_env = False  # no proxies and no passwords from the environment
        session.mount("http://", self._transport)
        session.mount("https://", self._transport)

    @property
    def url(self) -> str:
        """The server's address."""
        return str(self._client.root_url)

    def close(self) -> None:
        """Close the client's session."""
        self._client.close_connection()

    def ask(self, query: dict[str, object], rule: str) -> object:
        """Return what the server answers; nothing foreign gets out.

        It runs in a thread of its own, as no time-out of a socket bounds the whole: a server that
        sends a byte a second would never reach one.

        Raises:
            EngineError: There is no answer, none in time, or none that can be used.
            InputError: A file that the settings name cannot be used.
        """

        def work() -> object:
            return self._client.query_rule(query, "headwater.batch", rule, _QUERY)

        worker = _Worker(work)
        worker.start()
        worker.join(self._deadline)
        if worker.is_alive():
            self._transport.abort()
            seconds = f"{self._deadline:g}"
            raise EngineTimeoutError([problem("opa-timeout", seconds=seconds)])
        if worker.error is not None:
            raise self._ours(worker.error) from worker.error
        return worker.answer

    def _ours(self, error: Exception) -> HeadwaterError:
        """Return what ``error`` means here; what nobody foresaw is an answer we cannot use."""
        if isinstance(error, HeadwaterError):
            return error
        if isinstance(error, TimeoutError):
            seconds = f"{self._deadline:g}"
            return EngineTimeoutError([problem("opa-timeout", seconds=seconds)])
        # Unreadable JSON is an OSError to `requests`, and a ValueError; so is a bad certificate.
        lost = isinstance(error, OSError) and not isinstance(error, ValueError)
        if lost or isinstance(error, SSLError):
            said = getattr(error, "strerror", None) or type(error).__name__
            return EngineUnavailableError([problem("opa-unreachable", reason=said)])
        reason = Text("it is not JSON that can be read", "它不是可读取的 JSON")
        return EngineAnswerError([problem("opa-answer", reason=reason)])


def unusable(what: str, en: str, zh: str) -> EngineUnavailableError:
    """Return the error that ``what``, an executable or an address, is no OPA that we can use."""
    reason = Text(en, zh)
    found = problem("opa-unusable", executable=what, reason=reason, minimum=MINIMUM)
    return EngineUnavailableError([found])


class _Worker(threading.Thread):
    """Runs one question; a daemon, so that a silent server cannot keep the program alive."""

    def __init__(self, ask: Callable[[], object]) -> None:
        super().__init__(name="headwater-opa", daemon=True)
        self._ask = ask
        self.answer: object = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.answer = self._ask()
        except Exception as error:  # noqa: BLE001 - a border: the asking thread sorts it
            self.error = error
