"""Packs the generated modules as an OPA bundle: the same bytes for the same policies."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from headwater.policies.model import canonical
from headwater.policies.rego import bundle_files
from headwater.policies.signing import SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.policies.model import PolicySet
    from headwater.policies.signing import Signer
    from headwater.policies.vocabulary import Vocabulary

MANIFEST = ".manifest"
ROOT = "headwater"
CUSTOM_ROOT = "custom/headwater"


def build_bundle(
    policies: PolicySet,
    *,
    sequence: int | None = None,
    tested: Vocabulary | None = None,
    signer: Signer | None = None,
) -> bytes:
    """Return a gzipped tar archive that any OPA serves; entrypoint ``headwater/decision``.

    Args:
        policies: What it decides by.
        sequence: A number that grows with every bundle, so that an older one can be told.
        tested: The names that inputs may use: with them the generated tests are in it, for
            ``opa test --bundle``.
        signer: Signs it; every file is then vouched for in ``.signatures.json``.
    """
    texts = {MANIFEST: manifest(policies, sequence), **bundle_files(policies, tested)}
    files = {name: text.encode() for name, text in texts.items()}
    if signer is not None:
        files[SIGNATURES] = signer.signatures(files)
    return packed(files)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return ``files`` as an archive into which nothing of this machine or hour enters."""
    import gzip
    import tarfile

    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    # Level 9 without a name and with a fixed time: nothing of this machine enters the bytes.
    return gzip.compress(archived.getvalue(), compresslevel=9, mtime=0)


def manifest(policies: PolicySet, sequence: int | None = None) -> str:
    """Return the bundle's ``.manifest``; canonical, so that its hash is the one OPA takes."""
    about: dict[str, object] = {"entrypoints": ["headwater/decision"]}
    if sequence is not None:
        about["sequence"] = sequence
    return canonical(
        {
            "revision": policies.revision,
            "roots": [ROOT, CUSTOM_ROOT] if policies.modules else [ROOT],
            "rego_version": 1,
            "metadata": {"headwater": about},
        }
    )
