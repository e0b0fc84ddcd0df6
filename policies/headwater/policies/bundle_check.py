"""Reads a bundle that may be hostile, and says what it is; nothing is unpacked to disk.

Limits are kept while unpacking, never trusted from headers. Only what ``headwater policy build``
writes is accepted: regular files of known kinds, a manifest with our roots, whole (no delta).
With a key, the files must be exactly those that were signed; with a known sequence, newer.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.catalog.errors import HeadwaterError, InputError
from headwater.catalog.text import Text
from headwater.policies.bundle import CUSTOM_ROOT, MANIFEST, ROOT
from headwater.policies.signing import KEY_ID, SIGNATURES, digest, signed_files
from headwater.policies.workspace_rego import package_of

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator

    from headwater.policies.signing import PublicKey

MAX_PACKED = 10 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_FILES = 5000
MAX_RATIO = 100
_SMALL = 1024 * 1024  # below it, the ratio says nothing
_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}(/[A-Za-z0-9_.-]{1,100}){0,8}")
_REVISION = re.compile(r"sha256:[0-9a-f]{64}")
_KEYS = {"revision", "roots", "rego_version", "metadata"}


@dataclass(frozen=True, slots=True)
class BundleContents:
    """What a bundle says of itself; ``verified`` is whether a key vouched for every file."""

    revision: str
    sequence: int | None
    roots: tuple[str, ...]
    files: tuple[str, ...]
    signed: bool
    verified: bool


def inspect_bundle(
    data: bytes,
    *,
    key: PublicKey | None = None,
    key_id: str = KEY_ID,
    newer_than: int | None = None,
) -> BundleContents:
    """Return what the bundle ``data`` is.

    Args:
        data: The packed bundle.
        key: Who must have signed it.
        key_id: The id under which they did.
        newer_than: The sequence of the bundle that it would replace.

    Raises:
        InputError: It is no bundle of ours, is signed by nobody or somebody else, holds other
            files than were signed, or is not newer.
    """
    files = read_bundle(data)
    signatures = files.pop(SIGNATURES, None)
    if key is not None:
        if signatures is None:
            raise InputError.of("bundle-unsigned")
        _check_files(files, signed_files(signatures, key, key_id))
    manifest = _manifest(files)
    roots = _roots(manifest)
    _check_packages(files, roots)
    revision = _revision(manifest, files)
    sequence = _sequence(manifest)
    if newer_than is not None and (sequence is None or sequence <= newer_than):
        shown = "-" if sequence is None else sequence
        raise InputError.of("bundle-older", sequence=shown, known=newer_than)
    signed, verified = signatures is not None, key is not None
    return BundleContents(revision, sequence, roots, tuple(sorted(files)), signed, verified)


def read_bundle(data: bytes) -> dict[str, bytes]:
    """Return the files of a packed bundle by name.

    Raises:
        InputError: It is not a gzipped tar archive of plain files, or exceeds a limit.
    """
    import tarfile

    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(data)), mode="r:") as archive:
            for member in _members(archive):
                name = _plain_name(member.name)
                if name in found:
                    raise _bad_member(name, "there twice", "重复的")
                source = archive.extractfile(member)
                found[name] = source.read() if source else b""
    except (tarfile.TarError, ValueError, EOFError, RecursionError, OverflowError) as error:
        reason = Text("it is not a tar archive", "不是 tar 归档")
        raise InputError.of("bundle-unreadable", reason=reason) from error
    if "patch.json" in found:
        raise InputError.of("bundle-delta")
    for name in found:
        if not (name.endswith(".rego") or name in (MANIFEST, SIGNATURES) or _is_schema(name)):
            raise _bad_member(
                name, "not of a kind that headwater writes", "headwater 不会写入的文件"
            )
    return found


def _unpacked(data: bytes) -> bytes:
    if len(data) > MAX_PACKED:
        raise _too_large(f"{MAX_PACKED} bytes packed", f"压缩后 {MAX_PACKED} 字节")
    stream, unpacked = zlib.decompressobj(_GZIP), io.BytesIO()
    rest = data
    try:
        while not stream.eof and (piece := stream.decompress(rest, _PIECE)):
            unpacked.write(piece)
            _check_size(unpacked.tell(), len(data))
            rest = stream.unconsumed_tail
    except zlib.error as error:
        reason = Text("it is not gzip", "不是 gzip 格式")
        raise InputError.of("bundle-unreadable", reason=reason) from error
    if not stream.eof or stream.unused_data:
        reason = Text("it is cut short, or something follows it", "内容不完整或带有多余数据")
        raise InputError.of("bundle-unreadable", reason=reason)
    return unpacked.getvalue()


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED:
        raise _too_large(f"{MAX_UNPACKED} bytes unpacked", f"解压后 {MAX_UNPACKED} 字节")
    if unpacked > _SMALL and unpacked > MAX_RATIO * packed:
        raise _too_large(f"{MAX_RATIO} times its packed size", f"压缩大小的 {MAX_RATIO} 倍")


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    count = 0
    while (member := archive.next()) is not None:
        count += 1
        if count > MAX_FILES:
            raise _too_large(f"{MAX_FILES} files", f"{MAX_FILES} 个文件")
        if member.isdir():
            continue
        if not member.isreg() or member.issparse():
            raise _bad_member(member.name, "a link, a device or sparse", "链接、设备或稀疏文件")
        yield member


def _plain_name(name: str) -> str:
    """Return the name as OPA takes it; ``opa build`` writes one leading slash."""
    plain = name.removeprefix("/").removeprefix("./")
    if not _NAME.fullmatch(plain) or {".", ".."} & set(plain.split("/")):
        raise _bad_member(name[:100], "not a plain path inside the bundle", "不是包内的普通路径")
    return plain


def _is_schema(name: str) -> bool:
    return name.startswith("schemas/") and name.endswith(".json")


def _check_files(files: dict[str, bytes], signed: dict[str, str]) -> None:
    changed = sorted(n for n, data in files.items() if n in signed and digest(data) != signed[n])
    extra, missing = sorted(files.keys() - signed), sorted(signed.keys() - files)
    if changed or extra or missing:
        shown = [", ".join(names[:5]) or "-" for names in (changed, extra, missing)]
        raise InputError.of("bundle-files", changed=shown[0], extra=shown[1], missing=shown[2])


def _manifest(files: dict[str, bytes]) -> dict[str, object]:
    try:
        found = json.loads(files.get(MANIFEST, b""))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or set(found) != _KEYS or found["rego_version"] != 1:
        raise _bad_manifest("its keys are others", "其键不符")
    return found


def _roots(manifest: dict[str, object]) -> tuple[str, ...]:
    match manifest["roots"]:
        case ["headwater"] | ["headwater", "custom/headwater"] as roots:
            return tuple(map(str, roots))
    raise _bad_manifest(
        f"its roots are not {ROOT} and {CUSTOM_ROOT}", f"其根不是 {ROOT} 与 {CUSTOM_ROOT}"
    )


def _check_packages(files: dict[str, bytes], roots: tuple[str, ...]) -> None:
    known = [root.replace("/", ".") for root in roots]
    for name, data in files.items():
        if not name.endswith(".rego"):
            continue
        _, package = package_of(data.decode(errors="replace"))
        if not any(package == root or package.startswith(f"{root}.") for root in known):
            raise _bad_member(name, "in a package outside its roots", "位于根之外的包中")


def _revision(manifest: dict[str, object], files: dict[str, bytes]) -> str:
    found = manifest["revision"]
    if not isinstance(found, str) or not _REVISION.fullmatch(found):
        raise _bad_manifest("its revision is none", "其修订版本无效")
    if f'\nrevision := "{found}"\n' not in files.get("headwater/revision.rego", b"").decode(
        errors="replace"
    ):
        raise _bad_manifest("the modules are of another revision", "模块属于另一修订版本")
    return found


def _sequence(manifest: dict[str, object]) -> int | None:
    match manifest["metadata"]:
        case {"headwater": {"sequence": int(number), **_rest}} if number is not True and number > 0:
            return number
        case {"headwater": dict(about)} if "sequence" not in about:
            return None
    raise _bad_manifest("its sequence is no number from 1", "其序号不是正整数")


def _bad_member(name: str, en: str, zh: str) -> HeadwaterError:
    return InputError.of("bundle-member", name=name[:100], what=Text(en, zh))


def _bad_manifest(en: str, zh: str) -> HeadwaterError:
    return InputError.of("bundle-manifest", reason=Text(en, zh))


def _too_large(en: str, zh: str) -> HeadwaterError:
    return InputError.of("bundle-too-large", limit=Text(en, zh))
