"""Use cases: write the bundle; say what a bundle is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headwater.app.writing import write_whole
from headwater.catalog.errors import InputError

if TYPE_CHECKING:
    from headwater.policies import BundleContents, PolicySet, Vocabulary

MAX_KEY = 64 * 1024


def build(
    policies: PolicySet,
    target: Path,
    *,
    sequence: int | None = None,
    tested: Vocabulary | None = None,
    key: Path | None = None,
    key_id: str = "headwater",
    executable: str | None = None,
) -> str:
    """Write the bundle to ``target``, whole or not at all; return the policy revision.

    Args:
        policies: What it decides by.
        target: The file to write.
        sequence: The bundle's number in the order of bundles.
        tested: The workspace's names, for generated tests to go into it.
        key: The file of the private key that signs it.
        key_id: The id by which OPA knows the key.
        executable: The OPA that judges the workspace's own Rego, where there is some.

    Raises:
        InputError: ``target`` cannot be written, or ``key`` is none.
        DocumentError: OPA refuses the workspace's own Rego.
        EngineUnavailableError: There is such Rego and no OPA.
    """
    from headwater.policies import Signer, build_bundle, check_modules, refuse_rego

    signer = Signer.of(read_capped(key, MAX_KEY), key_id) if key else None
    if executable is None:
        refuse_rego(policies)
    else:
        check_modules(executable, policies)
    data = build_bundle(policies, sequence=sequence, tested=tested, signer=signer)
    write_whole(target, data)
    return policies.revision


def inspect(
    source: Path,
    *,
    key: Path | None = None,
    key_id: str = "headwater",
    newer_than: str | None = None,
) -> BundleContents:
    """Return what the bundle in ``source`` is.

    Args:
        source: The bundle's file.
        key: The file of the public key that must have signed it.
        key_id: The id by which it was signed.
        newer_than: A sequence number, or the file of the bundle that this one would replace.

    Raises:
        InputError: It is no bundle of ours, or is not signed so, or not newer.
    """
    from headwater.policies import inspect_bundle, public_key

    return inspect_bundle(
        _bundle(source),
        key=public_key(read_capped(key, MAX_KEY)) if key else None,
        key_id=key_id,
        newer_than=_sequence(newer_than) if newer_than is not None else None,
    )


def _sequence(known: str) -> int:
    from headwater.policies import inspect_bundle

    if known.isascii() and known.isdigit() and len(known) < len(str(2**63)):
        return int(known)
    return inspect_bundle(_bundle(Path(known))).sequence or 0


def _bundle(path: Path) -> bytes:
    from headwater.policies import MAX_PACKED

    return read_capped(path, MAX_PACKED + 1)


def read_capped(path: Path, limit: int) -> bytes:
    """Return at most ``limit`` bytes of ``path``.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with path.open("rb") as source:
            return source.read(limit)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError.of("file-unreadable", path=str(path), reason=reason) from error
