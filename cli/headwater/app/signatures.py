"""Who signed an agreement: the envelope beside it, judged against the departments' keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headwater.catalog.dsse import parse_envelope
from headwater.catalog.signature_files import MAX_BYTES

if TYPE_CHECKING:
    import datetime

    from headwater.catalog.dsse import Envelope, Signature
    from headwater.catalog.model import Agreement, PublicKey, Workspace

PAYLOAD_TYPE = "application/vnd.headwater.agreement+json"

EnvelopeState = Literal["none", "too-large", "unreadable", "other-type", "other-text", "sound"]
Verdict = Literal["valid", "repeated", "other-party", "not-in-force", "unknown-key"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One signature and what it is worth.

    ``key_id`` is the id of the registered key that made it, else what the envelope says.
    """

    key_id: str
    department: str | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Signatures:
    """What the envelope of an agreement is worth on one day.

    ``signed`` are the parties that have signed the text as it is now, each with a key of its own
    that it vouches for on that day.
    """

    state: EnvelopeState
    judged: tuple[Judged, ...]
    signed: frozenset[str]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether both sides have signed."""
        return not self.missing


def judge_signatures(
    workspace: Workspace, agreement: Agreement, as_of: datetime.date
) -> Signatures:
    """Return what the signatures beside ``agreement`` are worth on the day ``as_of``.

    An envelope of another text or type is worth nothing, whoever signed it.
    """
    parties = dict.fromkeys((agreement.provider, agreement.consumer))
    state, envelope = _envelope(agreement)
    judged: list[Judged] = []
    signed: set[str] = set()
    for signature in envelope.signatures if envelope and state == "sound" else ():
        found = _judged(workspace, agreement, (envelope, signature), as_of) if envelope else None
        if found and found.verdict == "valid":
            if found.department not in parties:
                found = Judged(found.key_id, found.department, "other-party")
            elif found.department in signed:
                found = Judged(found.key_id, found.department, "repeated")
            elif found.department:
                signed.add(found.department)
        if found:
            judged.append(found)
    missing = tuple(name for name in parties if name not in signed)
    return Signatures(state, tuple(judged), frozenset(signed), missing)


def envelope_of(agreement: Agreement) -> Envelope | None:
    """Return the envelope beside ``agreement`` if it holds its text as it is now."""
    state, envelope = _envelope(agreement)
    return envelope if state == "sound" else None


def _envelope(agreement: Agreement) -> tuple[EnvelopeState, Envelope | None]:
    data = agreement.paper.envelope
    if data is None:
        return "none", None
    if len(data) > MAX_BYTES:
        return "too-large", None
    envelope = parse_envelope(data)
    if envelope is None:
        return "unreadable", None
    if envelope.payload_type != PAYLOAD_TYPE:
        return "other-type", envelope
    if envelope.payload != agreement.paper.text:
        return "other-text", envelope
    return "sound", envelope


def _judged(
    workspace: Workspace,
    agreement: Agreement,
    signed: tuple[Envelope, Signature],
    as_of: datetime.date,
) -> Judged:
    envelope, signature = signed
    keys = _keys(workspace, agreement, signature.key_id)
    public = envelope.verified_by(signature, keys)
    if public is None:
        return Judged(signature.key_id, None, "unknown-key")
    department, key = keys[public]
    return Judged(key.id, department, "valid" if key.valid_on(as_of) else "not-in-force")


def _keys(
    workspace: Workspace, agreement: Agreement, hint: str
) -> dict[bytes, tuple[str, PublicKey]]:
    """Return the keys to try, each with its department: of the parties, and the one hinted at.

    No other key could make the signature count, and trying all of a large workspace for each
    signature of a hostile envelope would take long.
    """
    parties = (agreement.provider, agreement.consumer)
    found = [
        (department.id, key)
        for department in workspace.departments.values()
        for key in department.keys
        if key.public and (department.id in parties or key.id == hint)
    ]
    found.sort(key=lambda each: each[1].id != hint)
    return {key.public: (department, key) for department, key in found}
