"""Packs the generated modules as an OPA bundle: the same bytes for the same policies."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from headwater.policies.model import canonical
from headwater.policies.rego import rego_modules

if TYPE_CHECKING:
    from headwater.policies.model import PolicySet


def build_bundle(policies: PolicySet) -> bytes:
    """Return a gzipped tar archive that any OPA serves; entrypoint ``headwater/decision``."""
    import gzip
    import tarfile

    files = {".manifest": manifest(policies), **rego_modules(policies)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    # Level 9 without a name and with a fixed time: nothing of this machine enters the bytes.
    return gzip.compress(packed.getvalue(), compresslevel=9, mtime=0)


def manifest(policies: PolicySet) -> str:
    """Return the bundle's ``.manifest``."""
    return canonical(
        {
            "revision": policies.revision,
            "roots": ["headwater"],
            "rego_version": 1,
            "metadata": {"headwater": {"entrypoints": ["headwater/decision"]}},
        }
    )
