"""Chooses the engine: a remote OPA, else a local one, else the embedded evaluator."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from headwater.catalog.errors import EngineUnavailableError
from headwater.catalog.position import Position
from headwater.catalog.problems import problem
from headwater.policies.opa_version import MINIMUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.catalog.model import OpaServer
    from headwater.policies.engine import Engine
    from headwater.policies.model import PolicySet

Choice = Literal["auto", "opa", "native"]


@contextmanager
def open_engine(
    choice: Choice,
    policies: PolicySet,
    *,
    executable: str | None = None,
    server: OpaServer | None = None,
) -> Iterator[Engine]:
    """Yield an engine that decides by ``policies``.

    Args:
        choice: ``opa`` never falls back; ``auto`` takes ``server``, else ``executable``, else
            native.
        policies: What it decides by; with Rego of the workspace's own, only OPA can.
        executable: A local OPA to start.
        server: A remote OPA that serves the bundle of these policies.

    Raises:
        InputError: The server's address or files are wrong, or OPA refuses the workspace's Rego.
        EngineUnavailableError: There is no OPA, or it cannot be used.
        EngineAnswerError: The remote OPA serves other policies.
    """
    if choice == "native" or (choice == "auto" and not server and not executable):
        refuse_rego(policies)
        from headwater.policies.native import NativeEngine

        with NativeEngine(policies) as native:
            yield native
    elif server:
        with _remote(server, policies) as remote:
            yield remote
    elif executable:
        from headwater.policies.opa_local import start_opa

        with start_opa(executable, policies) as local:
            yield local
    else:
        raise EngineUnavailableError([problem("no-opa", minimum=MINIMUM)])


@contextmanager
def _remote(server: OpaServer, policies: PolicySet) -> Iterator[Engine]:
    from headwater.policies.opa_http import OpaEngine
    from headwater.policies.opa_transport import Address

    with OpaEngine(Address.at(server), policies) as remote:
        remote.greet()
        yield remote


def refuse_rego(policies: PolicySet) -> None:
    """Raise where there is Rego of the workspace's own, which only OPA can evaluate.

    Raises:
        EngineUnavailableError: For every module.
    """
    found = [
        problem("rego-needs-opa", Position(module.file), minimum=MINIMUM)
        for module in policies.modules
    ]
    if found:
        raise EngineUnavailableError(found)
