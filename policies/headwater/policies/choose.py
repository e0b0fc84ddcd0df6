"""Chooses the engine: a remote OPA, else a local one, else the embedded evaluator."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from headwater.catalog.errors import EngineUnavailableError
from headwater.catalog.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.policies.engine import Engine
    from headwater.policies.model import PolicySet

Choice = Literal["auto", "opa", "native"]


@contextmanager
def open_engine(
    choice: Choice, policies: PolicySet, *, executable: str | None = None, url: str | None = None
) -> Iterator[Engine]:
    """Yield an engine that decides by ``policies``.

    Args:
        choice: ``opa`` never falls back; ``auto`` takes ``url``, else ``executable``, else native.
        policies: What it decides by.
        executable: A local OPA to start.
        url: The address of a remote OPA that serves the bundle of these policies.

    Raises:
        InputError: ``url`` is not an address.
        EngineUnavailableError: There is no OPA, or it cannot be used.
        EngineAnswerError: The remote OPA serves other policies.
    """
    if choice == "native" or (choice == "auto" and not url and not executable):
        from headwater.policies.native import NativeEngine

        with NativeEngine(policies) as native:
            yield native
    elif url:
        from headwater.policies.opa_http import OpaEngine
        from headwater.policies.opa_transport import Address

        with OpaEngine(Address.of(url), policies) as remote:
            remote.greet()
            yield remote
    elif executable:
        from headwater.policies.opa_local import start_opa

        with start_opa(executable, policies) as local:
            yield local
    else:
        from headwater.policies.opa_version import MINIMUM

        raise EngineUnavailableError([problem("no-opa", minimum=MINIMUM)])
