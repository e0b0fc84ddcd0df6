"""DSSE envelopes signed with Ed25519: what was signed, of what type, and by which keys.

The format is that of https://github.com/secure-systems-lab/dsse (v1). A key's id in an envelope
is only a hint and is signed by nobody: which key signed is found by trying the keys themselves.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_SIGNATURES = 64
_SIGNATURE = 64
_LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of an envelope; ``value`` is ``None`` where it is no Ed25519 signature."""

    key_id: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope holds. Nothing of it is known to be true before a key has verified it."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...] = ()

    def verified_by(self, signature: Signature, keys: Iterable[bytes]) -> bytes | None:
        """Return the public key that made ``signature``, or ``None``."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        signed = signed_bytes(self.payload_type, self.payload)
        for key in keys if signature.value is not None else ():
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(signature.value or b"", signed)
            except (InvalidSignature, ValueError):
                continue
            return key
        return None

    def document(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": each.key_id, "sig": base64.b64encode(each.value or b"").decode()}
                for each in self.signatures
            ],
        }


def signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed (DSSE calls it PAE): type and text, each after its length.

    Example:
        >>> signed_bytes("text", b"hi")
        b'DSSEv1 4 text 2 hi'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def parse_envelope(data: bytes) -> Envelope | None:
    """Return the envelope in ``data``, or ``None`` where it is none."""
    try:
        found = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    match found:
        case {"payload": str(text), "payloadType": str(kind), "signatures": list(signatures)}:
            payload = _decoded(text)
        case _:
            return None
    known = [each for item in signatures if (each := _signature(item))]
    if payload is None or len(known) != len(signatures) or len(known) > MOST_SIGNATURES:
        return None
    return Envelope(kind, payload, tuple(known)) if _encodes(kind) else None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the object, whose keys must be unique: two readers must not see two things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _signature(item: object) -> Signature | None:
    match item:
        case {"sig": str(text), "keyid": str(name)} if len(name) <= _LONGEST_ID:
            pass
        case {"sig": str(text), **rest} if "keyid" not in rest:
            name = ""
        case _:
            return None
    value = _decoded(text)
    return Signature(name, value if value is not None and len(value) == _SIGNATURE else None)


def _decoded(text: str) -> bytes | None:
    """Return what base64 holds, in its usual or its URL form, as DSSE asks."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return None


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class SigningKey:
    """An Ed25519 private key."""

    def __init__(self, pem: bytes) -> None:
        """Read the key from PEM, not encrypted.

        Raises:
            InputError: It is no such key.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise InputError.of("bad-signing-key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError.of("bad-signing-key")
        self._key = key

    @property
    def public(self) -> bytes:
        """The public half, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, payload_type: str, payload: bytes, key_id: str) -> Signature:
        """Return the signature of ``payload`` as of this type; the same each time."""
        return Signature(key_id, self._key.sign(signed_bytes(payload_type, payload)))
