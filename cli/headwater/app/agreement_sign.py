"""Use cases: sign an agreement, and say whose signatures stand."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.app.signatures import PAYLOAD_TYPE, envelope_of, judge_signatures
from headwater.app.writing import write_whole
from headwater.catalog.dsse import Envelope, SigningKey
from headwater.catalog.errors import InputError, UnknownNameError
from headwater.catalog.problems import closest
from headwater.catalog.signature_files import signature_file

if TYPE_CHECKING:
    import datetime

    from headwater.app.signatures import Signatures
    from headwater.catalog.model import Agreement, PublicKey, Workspace

MOST_KEY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Verified:
    """An agreement and what its signatures are worth on a day."""

    agreement: Agreement
    file: str
    signatures: Signatures
    as_of: datetime.date


def agreement_of(workspace: Workspace, name: str) -> Agreement:
    """Return the agreement that ``name`` is the id or the file of.

    Raises:
        UnknownNameError: There is none.
    """
    for agreement in workspace.agreements:
        if name in (agreement.id, agreement.position.file):
            return agreement
    path = Path(name)
    for agreement in workspace.agreements if path.suffix in (".yaml", ".yml") else ():
        if (workspace.root / agreement.position.file).resolve() == path.resolve():
            return agreement
    near = closest(name, [agreement.id for agreement in workspace.agreements])
    raise UnknownNameError.of("unknown-agreement", name=name, suggestion=near)


def verify(workspace: Workspace, name: str, as_of: datetime.date) -> Verified:
    """Return whose signatures stand beside the agreement ``name``.

    Raises:
        UnknownNameError: There is no such agreement.
    """
    agreement = agreement_of(workspace, name)
    found = judge_signatures(workspace, agreement, as_of)
    return Verified(agreement, signature_file(agreement), found, as_of)


def sign(
    workspace: Workspace, name: str, *, key: Path, department: str, as_of: datetime.date
) -> Verified:
    """Sign the agreement ``name`` for ``department`` and return whose signatures then stand.

    Signatures of the text as it is now are kept; those of an earlier text are dropped, for they
    are worth nothing any more. Signing twice with one key changes nothing.

    Raises:
        UnknownNameError: There is no such agreement.
        InputError: The department is no party, or the key is none that it vouches for that day.
    """
    agreement = agreement_of(workspace, name)
    if department not in (agreement.provider, agreement.consumer):
        raise InputError.of(
            "not-a-party",
            department=department,
            id=agreement.id,
            provider=agreement.provider,
            consumer=agreement.consumer,
        )
    signer = SigningKey(_read(key))
    registered = _registered(workspace, department, signer.public, as_of)
    envelope = envelope_of(agreement) or Envelope(PAYLOAD_TYPE, agreement.paper.text)
    made = signer.sign(PAYLOAD_TYPE, agreement.paper.text, registered.id)
    if made.value not in [each.value for each in envelope.signatures]:
        envelope = replace(envelope, signatures=(*envelope.signatures, made))
    data = (json.dumps(envelope.document(), indent=2) + "\n").encode()
    target = workspace.root / signature_file(agreement)
    if target.is_symlink():
        raise InputError.of("cannot-write", path=signature_file(agreement), reason="symbolic link")
    if agreement.paper.envelope != data:
        write_whole(target, data)
    signed = replace(agreement, paper=replace(agreement.paper, envelope=data))
    found = judge_signatures(workspace, signed, as_of)
    return Verified(signed, signature_file(agreement), found, as_of)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(MOST_KEY_BYTES)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError.of("file-unreadable", path=str(path), reason=reason) from error


def _registered(
    workspace: Workspace, department: str, public: bytes, as_of: datetime.date
) -> PublicKey:
    for key in workspace.departments[department].keys:
        if key.public == public and key.valid_on(as_of):
            return key
    raise InputError.of("key-not-registered", department=department, day=as_of)
