"""``policy build`` and ``policy inspect``, as a person runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str, opa: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "headwater.cli.main", "policy", *words]
    environment = {"LANG": "C.UTF-8", "HEADWATER_OPA": opa} if opa else {"LANG": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    written, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private, public = tmp_path / "key.pem", tmp_path / "pub.pem"
    private.write_bytes(key.private_bytes(written, serialization.PrivateFormat.PKCS8, none))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(written, form))
    return str(private), str(public)


def test_a_signed_bundle_is_built_and_inspected(
    mini: Path, tmp_path: Path, keys: tuple[str, str]
) -> None:
    target, (private, public) = str(tmp_path / "b.tar.gz"), keys
    built = run(
        "build", "-o", target, "--workspace", str(mini), "--sign", private, "--sequence", "4"
    )
    assert (built.returncode, built.stdout) == (0, "")
    words = ("inspect", target, "--key", public, "--newer-than", "3")
    found = json.loads(run(*words, "--format", "json").stdout)
    assert found["schema"] == "headwater/bundle/1"
    assert (found["sequence"], found["signed"], found["verified"]) == (4, True, True)
    assert "verified, and covers every file" in run(*words).stdout
    assert "已验证" in run(*words, "--lang", "zh").stdout


def test_a_bundle_that_must_not_be_used_ends_in_two_and_says_why(
    mini: Path, tmp_path: Path, keys: tuple[str, str]
) -> None:
    old, new = str(tmp_path / "old.tar.gz"), str(tmp_path / "new.tar.gz")
    for target, sequence in ((old, "4"), (new, "5")):
        built = run("build", "-o", target, "--workspace", str(mini), "--sequence", sequence)
        assert built.returncode == 0
    assert run("inspect", new, "--newer-than", old).returncode == 0
    rolled_back = run("inspect", old, "--newer-than", new)
    assert (rolled_back.returncode, rolled_back.stdout) == (2, "")
    assert "the bundle's sequence 4 is not after 5" in rolled_back.stderr
    unsigned = run("inspect", new, "--key", keys[1], "--format", "json")
    assert unsigned.returncode == 2
    assert json.loads(unsigned.stdout)["errors"][0]["code"] == "bundle-unsigned"
    missing = run("inspect", str(tmp_path / "none.tar.gz"))
    assert missing.returncode == 2
    wrong = run("build", "-o", new, "--workspace", str(mini), "--sign", keys[1])
    assert (wrong.returncode, "not a key that signs bundles" in wrong.stderr) == (2, True)


@pytest.mark.opa
def test_a_bundle_with_tests_passes_them_under_opa(
    mini: Path, tmp_path: Path, opa_executable: str
) -> None:
    target = str(tmp_path / "b.tar.gz")
    assert run("build", "-o", target, "--workspace", str(mini), "--with-tests").returncode == 0
    done = subprocess.run(
        [opa_executable, "test", "--bundle", target], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-1000:]
    assert "PASS" in done.stdout
