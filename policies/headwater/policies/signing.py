"""Signs bundles and checks their signatures, as OPA does: a JWT that lists every file's hash.

The algorithm follows from the key (ES256, ES384, ES512 or RS256), never from what is checked, and
the key's id is always written. Signing the same files with the same key gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.catalog.errors import HeadwaterError, InputError
from headwater.policies.model import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

    PrivateKey = EllipticCurvePrivateKey | RSAPrivateKey
    PublicKey = EllipticCurvePublicKey | RSAPublicKey

SIGNATURES = ".signatures.json"
KEY_ID = "headwater"
LEAST_RSA = 2048
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the id by which OPA knows its public half."""

    key: PrivateKey
    key_id: str = KEY_ID

    @classmethod
    def of(cls, pem: bytes, key_id: str = KEY_ID) -> Signer:
        """Return the signer for a private key in PEM form, not encrypted.

        Raises:
            InputError: It is no such key, or of a kind that OPA does not know.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise InputError.of("bad-key") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise InputError.of("bad-key")
        algorithm_of(key.public_key())
        return cls(key, key_id)

    def signatures(self, files: Mapping[str, bytes]) -> bytes:
        """Return ``.signatures.json`` for ``files``."""
        head = {"alg": algorithm_of(self.key.public_key()), "kid": self.key_id, "typ": "JWT"}
        hashes = [
            {"name": name, "hash": digest(data), "algorithm": "SHA-256"}
            for name, data in sorted(files.items())
        ]
        said = ".".join(
            _encoded(canonical(part).encode())
            for part in (head, {"files": hashes, "keyid": self.key_id})
        )
        token = f"{said}.{_encoded(_signed(self.key, said.encode()))}"
        return canonical({"signatures": [token]}).encode()


def public_key(pem: bytes) -> PublicKey:
    """Return the public key in ``pem``.

    Raises:
        InputError: It is none, or of a kind that OPA does not know.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError.of("bad-key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise InputError.of("bad-key")
    algorithm_of(key)
    return key


def algorithm_of(key: PublicKey) -> str:
    """Return the name under which OPA knows how ``key`` signs.

    Raises:
        InputError: It does not know any.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa

    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_RSA:
            raise InputError.of("bad-key")
        return "RS256"
    if key.curve.name not in _CURVES:
        raise InputError.of("bad-key")
    return _CURVES[key.curve.name]


def signed_files(signatures: bytes, key: PublicKey, key_id: str = KEY_ID) -> dict[str, str]:
    """Return the hash of every file that ``.signatures.json`` vouches for, if ``key`` signed it.

    Raises:
        InputError: It did not, or what it signed is no list of files.
    """
    head, payload = _verified(_token(signatures), key)
    said = payload.get("keyid", head.get("kid"))
    if head.get("alg") != algorithm_of(key) or said != key_id or head.get("kid", said) != said:
        raise _refused()
    match payload.get("files"):
        case list(entries):
            found = dict(_entry(each) for each in entries)
        case _:
            raise _refused()
    if len(found) != len(entries):
        raise _refused()
    return found


def digest(data: bytes) -> str:
    """Return the hash of a file as OPA takes it; of JSON that OPA reads, our form is canonical."""
    return hashlib.sha256(data).hexdigest()


def _token(signatures: bytes) -> str:
    match _json(signatures):
        case {"signatures": [str(token)]}:
            return token
    raise _refused()


def _verified(token: str, key: PublicKey) -> tuple[dict[str, Any], dict[str, Any]]:
    from cryptography.exceptions import InvalidSignature

    said, _, given = token.rpartition(".")
    try:
        _check(key, said.encode(), _decoded(given))
    except InvalidSignature as error:
        raise _refused() from error
    head, dot, payload = said.partition(".")
    match (_json(_decoded(head)), _json(_decoded(payload))):
        case (dict(first), dict(second)) if dot:
            return first, second
    raise _refused()


def _entry(found: object) -> tuple[str, str]:
    match found:
        case {"name": str(name), "hash": str(value), "algorithm": "SHA-256"}:
            return name.removeprefix("/"), value
    raise _refused()


def _refused() -> HeadwaterError:
    return InputError.of("bundle-signature")


def _signed(key: PrivateKey, data: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), SHA256())
    scheme = ec.ECDSA(_hash(key.curve.name), deterministic_signing=True)
    size = (key.curve.key_size + 7) // 8
    return b"".join(n.to_bytes(size, "big") for n in decode_dss_signature(key.sign(data, scheme)))


def _check(key: PublicKey, data: bytes, signature: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), SHA256())
        return
    size = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise _refused()
    parts = (int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
    key.verify(encode_dss_signature(*parts), data, ec.ECDSA(_hash(key.curve.name)))


def _hash(curve: str) -> Any:
    from cryptography.hazmat.primitives import hashes

    known: dict[str, Any] = {
        "secp256r1": hashes.SHA256,
        "secp384r1": hashes.SHA384,
        "secp521r1": hashes.SHA512,
    }
    return known[curve]()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise _refused() from error
    if _encoded(found) != text:  # one text for one signature
        raise _refused()
    return found


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _refused() from error
