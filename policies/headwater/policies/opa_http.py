"""The OPA server, through opa-python-client; the only module that imports it.

The client's own time-out is per read, it follows redirects and reads without end; so it is given
our own transport, and each request runs under one total deadline.
"""

from __future__ import annotations

import threading
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
from headwater.policies.opa_answers import (
    AnswerReader,
    batch_of,
    opa_version,
)
from headwater.policies.opa_transport import Address, Transport
from headwater.policies.opa_version import MINIMUM, too_old

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from headwater.policies.engine import Decision, Terms
    from headwater.policies.facts import Facts
    from headwater.policies.model import PolicySet

CHUNK = 500
DEADLINE = 30.0
LIMIT = 16 * 1024 * 1024

_Answer = TypeVar("_Answer")
_QUERY = {"strict-builtin-errors": "true", "provenance": "true"}


class OpaEngine:
    """Decides by asking an OPA that serves our bundle; see :class:`.engine.Engine`.

    Distinct questions are asked once, ``CHUNK`` at a time.
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
        from opa_client.opa import OpaClient

        self._policies = policies
        self._reader = AnswerReader(policies)
        self._deadline = deadline
        self._transport = Transport(address, limit)
        self._client = OpaClient(
            host=address.host, port=address.port, ssl=address.secure, retries=0, timeout=deadline
        )
        session = self._client._session  # noqa: SLF001 - the client offers no other way
        session.trust_env = False  # no proxies and no passwords from the environment
        session.mount("http://", self._transport)
        session.mount("https://", self._transport)
        self._version = ""

    @property
    def version(self) -> str:
        """The version that OPA gave with its latest answer; empty before the first."""
        return self._version

    def decide(self, facts: Sequence[Facts]) -> tuple[Decision, ...]:
        """Answer access questions."""
        return self._asked(facts, ("access", "decisions"), self._reader.decision)

    def terms(self, facts: Sequence[Facts]) -> tuple[Terms, ...]:
        """Answer which retention rules hold."""
        return self._asked(facts, ("terms", "terms"), self._reader.terms)

    def greet(self) -> None:
        """Ask nothing, to see that OPA is there and serves exactly these policies.

        Raises:
            EngineError: It is not, or does not.
        """
        self._batch([], "access", "decisions")
        if self._version and too_old(self._version):  # a server may keep its version to itself
            old = self._version
            raise unusable(self._client.root_url, f"version {old} is too old", f"版本 {old} 过旧")

    def close(self) -> None:
        """Close the client's session."""
        self._client.close_connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _asked(
        self, facts: Sequence[Facts], names: tuple[str, str], read: Callable[[object], _Answer]
    ) -> tuple[_Answer, ...]:
        distinct = {question.key: question for question in facts}
        keys = list(distinct)
        found: dict[str, _Answer] = {}
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            items = self._batch([distinct[key].document for key in chunk], *names)
            found |= {key: read(item) for key, item in zip(chunk, items, strict=True)}
        return tuple(found[question.key] for question in facts)

    def _batch(self, requests: list[dict[str, object]], rule: str, key: str) -> list[object]:
        def ask() -> object:
            query = {"requests": requests}
            return self._client.query_rule(query, "headwater.batch", rule, _QUERY)

        answer = self._within_deadline(ask)
        items = batch_of(answer, key, len(requests), self._policies)
        self._version = opa_version(answer)
        return items

    def _within_deadline(self, ask: Callable[[], object]) -> object:
        """Return what ``ask`` returns; nothing foreign gets out.

        It runs in a thread of its own, as no time-out of a socket bounds the whole: a server that
        sends a byte a second would never reach one.
        """
        worker = _Worker(ask)
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
