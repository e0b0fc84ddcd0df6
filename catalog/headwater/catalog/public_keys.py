"""The public keys by which departments sign: Ed25519, as PEM or as the text inside it."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from headwater.catalog.forms import Form
from headwater.catalog.kinds import DEPARTMENTS
from headwater.catalog.model import PublicKey
from headwater.catalog.shapes import inner, keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.catalog.forms import Problems
    from headwater.catalog.model import Department
    from headwater.catalog.nodes import Node

_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes in every Ed25519 key (RFC 8410, SubjectPublicKeyInfo)."""

_SIZE = 32
_PEM = re.compile(
    r"\s*-----BEGIN PUBLIC KEY-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END PUBLIC KEY-----\s*"
)
_LONGEST = 1024


def read_keys(form: Form, problems: Problems) -> tuple[PublicKey, ...]:
    """Return the keys of one department; problems are gathered."""
    return tuple(_key(item, problems) for item in form.items("keys"))


def _key(item: Node, problems: Problems) -> PublicKey:
    form = Form(item, problems, "keys", *keys(inner(DEPARTMENTS, "departments", "keys")))
    text = form.text("public_key")
    public = public_bytes(text)
    if text and public is None:
        problems.add("bad-public-key", form.at("public_key"))
    start, until = form.dates("valid")
    return PublicKey(form.id(), public or b"", start, until, form.position)


def public_bytes(text: str) -> bytes | None:
    """Return the 32 bytes of an Ed25519 key; ``None`` where ``text`` is no such key."""
    if len(text) > _LONGEST:
        return None
    pem = _PEM.fullmatch(text)
    try:
        der = base64.b64decode("".join((pem[1] if pem else text).split()), validate=True)
    except ValueError:
        return None
    if len(der) != len(_PREFIX) + _SIZE or not der.startswith(_PREFIX):
        return None
    return der[len(_PREFIX) :]


def check_keys(departments: Iterable[Department], problems: Problems) -> None:
    """Add a problem for each key or key id that stands twice: it would sign for two."""
    ids: dict[str, PublicKey] = {}
    publics: dict[bytes, PublicKey] = {}
    for department in departments:
        for key in department.keys:
            first = ids.setdefault(key.id, key)
            if key.public:
                same = publics.setdefault(key.public, key)
                first = same if first is key else first
            if first is not key:
                problems.add("key-twice", key.position, id=key.id, first=str(first.position))
