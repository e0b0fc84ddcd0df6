"""Bundles: signed so that a real OPA accepts them, and refused where anything is not as it was."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from headwater.catalog.errors import InputError
from headwater.policies import PolicySet, build_bundle, bundle_check, inspect_bundle
from headwater.policies.bundle import packed
from headwater.policies.bundle_check import read_bundle
from headwater.policies.model import canonical
from headwater.policies.signing import SIGNATURES, Signer, algorithm_of, public_key, signed_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PEM = serialization.Encoding.PEM
KEYS: dict[str, Callable[[], Any]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.fixture(scope="module", params=KEYS)
def key(request: pytest.FixtureRequest) -> Any:
    return KEYS[request.param]()


@pytest.fixture(scope="module")
def one_key() -> Any:
    return KEYS["ES256"]()


def private_pem(key: Any) -> bytes:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    found: bytes = key.private_bytes(PEM, form, none)
    return found


def public_pem(key: Any) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    found: bytes = key.public_key().public_bytes(PEM, form)
    return found


@pytest.fixture(scope="module")
def policies(load: Callable[..., Any]) -> PolicySet:
    found, problems = load()
    assert problems == []
    assert isinstance(found, PolicySet)
    return found


@pytest.fixture(scope="module")
def files(policies: PolicySet) -> dict[str, bytes]:
    return read_bundle(build_bundle(policies))


def code(data: bytes, **wanted: Any) -> str:
    with pytest.raises(InputError) as caught:
        inspect_bundle(data, **wanted)
    (found,) = caught.value.problems
    assert found.message.zh
    return found.code


# --- signatures ----------------------------------------------------------------------------------


def test_what_one_signs_the_other_half_verifies(policies: PolicySet, key: Any) -> None:
    signer = Signer.of(private_pem(key))
    data = build_bundle(policies, signer=signer)
    assert data == build_bundle(policies, signer=signer)
    found = inspect_bundle(data, key=public_key(public_pem(key)))
    assert (found.signed, found.verified) == (True, True)
    assert found.revision == policies.revision
    unchecked = inspect_bundle(data)
    assert (unchecked.signed, unchecked.verified) == (True, False)


def test_another_key_another_id_and_no_signature_are_refused(
    policies: PolicySet, one_key: Any
) -> None:
    known = public_key(public_pem(one_key))
    data = build_bundle(policies, signer=Signer.of(private_pem(one_key)))
    for other in KEYS.values():
        assert code(data, key=other().public_key()) == "bundle-signature"
    assert code(data, key=known, key_id="other") == "bundle-signature"
    assert code(build_bundle(policies), key=known) == "bundle-unsigned"


def _resigned(files: dict[str, bytes], key: Any, **head: Any) -> bytes:
    """Sign anew with a header of one's own choice."""
    token = json.loads(Signer(key).signatures(files))["signatures"][0]
    first, payload, _ = token.split(".")
    old = json.loads(base64.urlsafe_b64decode(first + "=="))
    new = base64.urlsafe_b64encode(canonical(old | head).encode()).rstrip(b"=").decode()
    return canonical({"signatures": [f"{new}.{payload}."]}).encode()


def test_the_algorithm_is_the_keys_own_and_never_what_the_token_says(
    files: dict[str, bytes], one_key: Any
) -> None:
    for said in ("none", "HS256", "RS256", "ES512"):
        bent = packed({**files, SIGNATURES: _resigned(files, one_key, alg=said)})
        assert code(bent, key=one_key.public_key()) == "bundle-signature"


def test_every_bit_of_a_signature_counts(files: dict[str, bytes], one_key: Any) -> None:
    signatures = Signer(one_key).signatures(files)
    assert signed_files(signatures, one_key.public_key())
    chance = random.Random(1)  # noqa: S311 - places, not secrets
    for _ in range(150):
        bent = bytearray(signatures)
        bent[chance.randrange(len(bent))] ^= 1 << chance.randrange(8)
        with pytest.raises(InputError):
            signed_files(bytes(bent), one_key.public_key())


@pytest.mark.parametrize(
    "bad",
    [b"", b"{}", b"[" * 100_000, b'{"signatures":[]}', b'{"signatures":["a.b.c"]}', b'{"signatures":["\xc3\xa9.."]}', b'{"signatures":[1]}'],
)  # fmt: skip
def test_what_is_no_signature_is_refused(bad: bytes, one_key: Any) -> None:
    with pytest.raises(InputError) as caught:
        signed_files(bad, one_key.public_key())
    assert caught.value.problems[0].code == "bundle-signature"


def test_keys_of_other_kinds_are_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused
    curve = ec.generate_private_key(ec.SECP256K1())
    other = ed25519.Ed25519PrivateKey.generate()
    for bad in (weak, curve, other):
        for read in (lambda k: Signer.of(private_pem(k)), lambda k: public_key(public_pem(k))):
            with pytest.raises(InputError):
                read(bad)
    form, locked = serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
    for pem in (
        KEYS["ES256"]().private_bytes(PEM, form, locked),
        b"",
        b"-----BEGIN PRIVATE KEY-----",
    ):
        with pytest.raises(InputError) as caught:
            Signer.of(pem)
        assert caught.value.problems[0].code == "bad-key"


# --- a real OPA ----------------------------------------------------------------------------------


def _evaluated(executable: str, bundle: Path, key: Path, algorithm: str) -> str:
    words = ["build", "--verification-key", str(key), "--verification-key-id", "headwater"]
    words += ["--signing-alg", algorithm, "-o", str(bundle.with_name("out.tgz")), "-b", str(bundle)]
    done = subprocess.run([executable, *words], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.opa
def test_opa_accepts_our_signature_and_refuses_each_change(
    policies: PolicySet, key: Any, opa_executable: str, tmp_path: Path
) -> None:
    bundle, pem = tmp_path / "bundle.tar.gz", tmp_path / "key.pem"
    pem.write_bytes(public_pem(key))
    algorithm = algorithm_of(key.public_key())
    data = build_bundle(policies, sequence=3, signer=Signer.of(private_pem(key)))
    bundle.write_bytes(data)
    assert _evaluated(opa_executable, bundle, pem, algorithm) == ""
    signed = read_bundle(data)
    name = "headwater/decision/decision.rego"
    changes = {
        "changed": {**signed, name: signed[name] + b"\n"},
        "extra": {**signed, "headwater/x.rego": b"package headwater.x\n"},
        "missing": {other: text for other, text in signed.items() if other != name},
        "manifest": {**signed, ".manifest": signed[".manifest"].replace(b'":3', b'":4')},
        "unsigned": {other: text for other, text in signed.items() if other != SIGNATURES},
    }
    for change in changes.values():
        bundle.write_bytes(packed(change))
        assert _evaluated(opa_executable, bundle, pem, algorithm) != ""
        assert code(packed(change), key=key.public_key()) in ("bundle-files", "bundle-unsigned")


@pytest.mark.opa
def test_we_read_what_opa_itself_signs(
    policies: PolicySet, opa_executable: str, tmp_path: Path, one_key: Any
) -> None:
    for name, data in read_bundle(build_bundle(policies)).items():
        path = tmp_path / "b" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "key.pem").write_bytes(private_pem(one_key))
    (tmp_path / "claims.json").write_text('{"keyid": "headwater"}')
    words = [opa_executable, "sign", "--signing-key", "../key.pem", "--signing-alg", "ES256"]
    words += ["--claims-file", "../claims.json", "-o", "..", "--bundle", "."]
    subprocess.run(words, cwd=tmp_path / "b", check=True, capture_output=True)
    files = read_bundle(build_bundle(policies))
    theirs = packed({**files, SIGNATURES: (tmp_path / SIGNATURES).read_bytes()})
    assert inspect_bundle(theirs, key=one_key.public_key()).verified


# --- order ---------------------------------------------------------------------------------------


def test_a_bundle_must_be_newer_than_the_one_it_replaces(policies: PolicySet) -> None:
    data = build_bundle(policies, sequence=7)
    assert inspect_bundle(data, newer_than=6).sequence == 7
    assert code(data, newer_than=7) == "bundle-older"
    assert code(data, newer_than=8) == "bundle-older"
    assert code(build_bundle(policies), newer_than=0) == "bundle-older"


# --- what is not a bundle of ours ----------------------------------------------------------------


def _tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    archived = io.BytesIO()
    with tarfile.open(fileobj=archived, mode="w") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(archived.getvalue())


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


def _with(files: dict[str, bytes], *more: tuple[tarfile.TarInfo, bytes]) -> bytes:
    return _tar(*((_member(name), data) for name, data in files.items()), *more)


MEMBERS = {
    "parent": _member("../evil.rego"),
    "parent inside": _member("headwater/../../evil.rego"),
    "two slashes": _member("//etc/evil.rego"),
    "backslash": _member("headwater\\evil.rego"),
    "escape": _member("head\x1b[2Jwater.rego"),
    "dot": _member("."),
    "long": _member("a" * 101 + ".rego"),
    "deep": _member("/".join("a" * 12) + ".rego"),
    "symlink": _member("headwater/l.rego", tarfile.SYMTYPE, "/etc/passwd"),
    "hardlink": _member("headwater/l.rego", tarfile.LNKTYPE, "headwater/revision.rego"),
    "device": _member("headwater/d.rego", tarfile.CHRTYPE),
    "pipe": _member("headwater/p.rego", tarfile.FIFOTYPE),
    "twice": _member("headwater/revision.rego"),
    "twice, otherwise written": _member("/headwater/revision.rego"),
    "data": _member("headwater/data.json"),
    "wasm": _member("policy.wasm"),
    "outside its roots": _member("headwater/x.rego"),
    "a system package": _member("headwater/x.rego"),
}
TEXTS = {
    "outside its roots": b"package other\n",
    "a system package": b"# c\npackage system.log\n\ndrop := true\n",
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_that_we_never_write_is_refused(name: str, files: dict[str, bytes]) -> None:
    assert code(_with(files, (MEMBERS[name], TEXTS.get(name, b"")))) == "bundle-member"


def test_a_delta_bundle_is_refused(files: dict[str, bytes]) -> None:
    assert code(_with(files, (_member("patch.json"), b'{"data": []}'))) == "bundle-delta"


def test_folders_and_leading_slashes_as_opa_writes_them_are_read(files: dict[str, bytes]) -> None:
    members = [(_member(f"/{name}"), data) for name, data in files.items()]
    assert read_bundle(_tar((_member("headwater", tarfile.DIRTYPE), b""), *members)) == files


MANIFESTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "other roots": lambda manifest: manifest.update(roots=[""]),
    "no roots": lambda manifest: manifest.pop("roots"),
    "more": lambda manifest: manifest.update(wasm=[]),
    "old Rego": lambda manifest: manifest.update(rego_version=0),
    "no revision": lambda manifest: manifest.update(revision=""),
    "another revision": lambda manifest: manifest.update(revision="sha256:" + "0" * 64),
    "a sequence of text": lambda manifest: manifest["metadata"]["headwater"].update(sequence="1"),
    "a true sequence": lambda manifest: manifest["metadata"]["headwater"].update(sequence=True),
    "metadata of others": lambda manifest: manifest.update(metadata=1),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_is_not_ours_is_refused(name: str, files: dict[str, bytes]) -> None:
    manifest = json.loads(files[".manifest"])
    MANIFESTS[name](manifest)
    assert code(packed({**files, ".manifest": canonical(manifest).encode()})) == "bundle-manifest"


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"[" * 100_000])
def test_what_is_no_manifest_is_refused(text: bytes, files: dict[str, bytes]) -> None:
    assert code(packed({**files, ".manifest": text})) == "bundle-manifest"
    assert code(packed({name: t for name, t in files.items() if name != ".manifest"})) == (
        "bundle-manifest"
    )


def test_bombs_are_refused_before_they_go_off(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    flat = _member("headwater/x.rego")
    assert code(_with(files, (flat, bytes(30 * 1024 * 1024)))) == "bundle-too-large"  # by ratio
    noise = random.Random(2).randbytes(11 * 1024 * 1024)  # noqa: S311 - noise, not secrets
    assert code(noise) == "bundle-too-large"
    many = [(_member(f"headwater/{n}.rego"), b"") for n in range(5001)]
    assert code(_tar(*many)) == "bundle-too-large"
    monkeypatch.setattr(bundle_check, "MAX_UNPACKED", 100_000)
    assert code(_with(files, (flat, noise[:200_000]))) == "bundle-too-large"


@pytest.mark.parametrize(
    "bad",
    [b"", b"PK\x03\x04", gzip.compress(b"", mtime=0), gzip.compress(b"no tar" * 1000, mtime=0)],
)
def test_what_is_no_archive_is_refused(bad: bytes) -> None:
    assert code(bad) == "bundle-unreadable"


def test_a_bundle_cut_short_or_with_more_behind_it_is_refused(policies: PolicySet) -> None:
    data = build_bundle(policies)
    assert code(data[:-9]) == "bundle-unreadable"
    assert code(data + data) == "bundle-unreadable"
    assert code(data + b"x") == "bundle-unreadable"


def test_no_damage_ends_in_anything_but_our_error(policies: PolicySet) -> None:
    raw = gzip.decompress(build_bundle(policies))
    chance = random.Random(3)  # noqa: S311 - places, not secrets
    for _ in range(300):
        bent = bytearray(raw)
        for _n in range(chance.randint(1, 8)):
            bent[chance.randrange(min(len(bent), 4096))] = chance.randrange(256)
        try:
            inspect_bundle(gzip.compress(bytes(bent), compresslevel=1))
        except InputError as error:
            assert error.problems[0].code.startswith("bundle-")
