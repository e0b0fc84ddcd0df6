"""A real OPA behind TLS, client certificates and bearer tokens; and one that restarts."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import subprocess
import threading
import time
import warnings
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from headwater.catalog.errors import EngineError, EngineUnavailableError, InputError
from headwater.catalog.model import OpaServer
from headwater.catalog.position import Position
from headwater.catalog.text import Text
from headwater.policies import Facts, PolicySet, Vocabulary, build_bundle, normalise, open_engine
from headwater.policies.model import AccessPolicy, Atom, Dates, Effect, Mode, Rule
from headwater.policies.opa_http import CHUNK, LANES, OpaEngine
from headwater.policies.opa_transport import Address

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.opa
DAY = datetime.date(2026, 11, 1)
HERE = Position("policies/p.yaml")
NAME = Text("a policy", "策略")
READS = Rule(
    "p/allow", Effect.ALLOW, None, Atom("action", "eq", ("read",)), None, None, (), (), HERE
)
FAR = Rule(
    "p/far", Effect.DENY, None, Atom("context.hops", "below", (0,)), NAME, None, (), (), HERE
)
POLICIES = PolicySet(
    (AccessPolicy("p", NAME, "city", (), Dates(None, None), Mode.ENFORCE, (READS, FAR), HERE),), ()
)
VOCABULARY = Vocabulary({}, {}, (), {})
TOKEN = "S3CR3T-0a1b2c3d"  # noqa: S105 - a canary
WRITTEN = serialization.Encoding.PEM


def question(hops: int = 1) -> Facts:
    return normalise({"action": "read", "context": {"hops": hops}}, VOCABULARY, DAY)


class Certificates:
    """One authority, a server and a client, and a stranger whom nobody vouches for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._authority, self._key = self._made("ca", None)
        self._made("server", ExtendedKeyUsageOID.SERVER_AUTH)
        self._made("client", ExtendedKeyUsageOID.CLIENT_AUTH)
        self._authority, self._key = self._made("other-ca", None)
        self._made("stranger", ExtendedKeyUsageOID.CLIENT_AUTH)

    def cert(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.folder / f"{name}-key.pem"

    def _made(
        self, name: str, usage: x509.ObjectIdentifier | None
    ) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(own)
            .issuer_name(own if usage is None else self._authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(usage is None, None), critical=True)
        )
        if usage is not None:
            address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
            names = x509.SubjectAlternativeName([x509.DNSName("localhost"), address])
            builder = builder.add_extension(names, critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        found = builder.sign(key if usage is None else self._key, hashes.SHA256())
        self.cert(name).write_bytes(found.public_bytes(WRITTEN))
        form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        self.key(name).write_bytes(key.private_bytes(WRITTEN, form, none))
        return found, key


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def opa(executable: str, folder: Path, port: int, *words: str) -> Iterator[None]:
    """A real OPA that serves ``POLICIES`` on ``port``."""
    (folder / "bundle.tar.gz").write_bytes(build_bundle(POLICIES))
    command = [executable, "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error"]
    command += ["--skip-version-check", *words, "--bundle", "bundle.tar.gz"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _listening(port, process)
            yield
        finally:
            process.kill()


def _listening(port: int, process: subprocess.Popen[bytes]) -> None:
    pause = threading.Event()
    for _ in range(500):
        assert process.poll() is None, "OPA ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            pause.wait(0.02)
        else:
            return
    pytest.fail("OPA does not listen")


def allowed(server: OpaServer) -> bool:
    with open_engine("opa", POLICIES, server=server) as engine:
        return engine.decide([question()])[0].allow


# --- TLS -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded(
    opa_executable: str, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpaServer]:
    """An OPA that shows a certificate and asks for one; and how to reach it."""
    port = free_port()
    words = ["--tls-cert-file", str(certificates.cert("server"))]
    words += ["--tls-private-key-file", str(certificates.key("server"))]
    words += ["--tls-ca-cert-file", str(certificates.cert("ca")), "--authentication", "tls"]
    with opa(opa_executable, tmp_path_factory.mktemp("opa"), port, *words):
        yield OpaServer(
            f"https://127.0.0.1:{port}",
            ca=certificates.cert("ca"),
            cert=certificates.cert("client"),
            key=certificates.key("client"),
        )


def test_both_know_each_other_by_certificates(guarded: OpaServer) -> None:
    assert allowed(guarded)


def test_a_server_that_nobody_vouches_for_is_not_asked(
    guarded: OpaServer, certificates: Certificates
) -> None:
    for unknown in (None, certificates.cert("other-ca")):
        with pytest.raises(EngineUnavailableError) as caught:
            allowed(replace(guarded, ca=unknown))
        assert caught.value.problems[0].code == "opa-unreachable"


def test_a_server_of_another_name_is_not_asked(guarded: OpaServer) -> None:
    named = guarded.url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(EngineUnavailableError):
        allowed(replace(guarded, url=named))


def test_we_are_refused_without_a_certificate_or_with_a_strangers(
    guarded: OpaServer, certificates: Certificates
) -> None:
    stranger = replace(
        guarded, cert=certificates.cert("stranger"), key=certificates.key("stranger")
    )
    for who in (replace(guarded, cert=None, key=None), stranger):
        with pytest.raises(EngineError):
            allowed(who)


def test_plain_http_to_a_server_that_wants_tls_gets_no_decision(guarded: OpaServer) -> None:
    with pytest.raises(EngineError):
        allowed(OpaServer(guarded.url.replace("https", "http")))


@pytest.mark.parametrize("key", ["ca", "cert", "token_file"])
@pytest.mark.parametrize("found", ["nothing", "nonsense"])
def test_a_file_that_cannot_be_used_is_named_and_not_quoted(
    key: str, found: str, tmp_path: Path, certificates: Certificates
) -> None:
    path = tmp_path / "file"
    if found == "nonsense":
        path.write_text(f"{TOKEN} and\nmore\n")
        path.chmod(0o600)
    server = OpaServer("https://localhost:1", key=certificates.key("client"), **{key: path})
    with pytest.raises(InputError) as caught:
        allowed(server)
    (problem,) = caught.value.problems
    assert problem.code == "opa-file"
    assert f"`{path}`" in problem.message.en
    assert f"opa.{key}" in problem.message.en
    assert TOKEN not in str(problem)


# --- tokens --------------------------------------------------------------------------------------

AUTHZ = f"""\
package system.authz

default allow := false

allow if input.identity == "{TOKEN}"
"""


@pytest.fixture(scope="module")
def tokened(
    opa_executable: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[OpaServer, Path]]:
    """An OPA that answers only who brings the token, and the token's file."""
    folder, port = tmp_path_factory.mktemp("opa"), free_port()
    (folder / "authz").mkdir()
    (folder / "authz" / "authz.rego").write_text(AUTHZ)
    (folder / "authz" / ".manifest").write_text('{"roots": ["system"]}')
    words = ["--authentication", "token", "--authorization", "basic", "--bundle", "authz"]
    with opa(opa_executable, folder, port, *words):
        token = folder / "token"
        token.write_text(f"{TOKEN}\n")
        token.chmod(0o600)
        yield OpaServer(f"http://127.0.0.1:{port}", token_file=token), token


def test_the_token_of_the_file_opens_the_door(tokened: tuple[OpaServer, Path]) -> None:
    server, _ = tokened
    assert allowed(server)


def test_without_the_token_there_is_no_decision_and_nothing_tells_it(
    tokened: tuple[OpaServer, Path], tmp_path: Path
) -> None:
    server, _ = tokened
    other = tmp_path / "token"
    other.write_text("other")
    other.chmod(0o600)
    for bad in (replace(server, token_file=None), replace(server, token_file=other)):
        with pytest.raises(EngineError) as caught:
            allowed(bad)
        assert TOKEN not in repr(caught.value)


def test_a_token_that_changes_while_we_run_is_read_anew(
    tokened: tuple[OpaServer, Path],
) -> None:
    server, token = tokened
    with open_engine("opa", POLICIES, server=server) as engine:
        assert engine.decide([question()])[0].allow
        token.write_text("revoked")
        try:
            with pytest.raises(EngineError):
                engine.decide([question()])
        finally:
            token.write_text(TOKEN)
        assert engine.decide([question()])[0].allow


def test_a_token_never_travels_in_the_clear(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    server = OpaServer("http://opa.example:8181", token_file=tmp_path / "token")
    with pytest.raises(InputError) as caught:
        allowed(server)
    assert caught.value.problems[0].code == "opa-clear"


# --- a restart -----------------------------------------------------------------------------------


def test_a_restart_between_two_batches_is_no_harm_and_within_one_is_an_error(
    opa_executable: str, tmp_path: Path
) -> None:
    port = free_port()
    server = OpaServer(f"http://127.0.0.1:{port}")
    with OpaEngine(Address.at(server), POLICIES, deadline=5) as engine:
        with opa(opa_executable, tmp_path, port):
            assert engine.decide([question()])[0].allow
        with pytest.raises(EngineUnavailableError):
            engine.decide([question()])
        with opa(opa_executable, tmp_path, port):
            assert engine.decide([question()])[0].allow


def test_a_server_that_goes_away_in_mid_batch_leaves_no_half_an_answer(
    opa_executable: str, tmp_path: Path
) -> None:
    port, cut = free_port(), 3
    with opa(opa_executable, tmp_path, port), _Cutting(port, cut) as proxy:
        server = OpaServer(f"http://127.0.0.1:{proxy.port}")
        with OpaEngine(Address.at(server), POLICIES) as engine:
            questions = [question(hops) for hops in range(CHUNK * 20)]
            with pytest.raises(EngineError):
                engine.decide(questions)
            assert cut <= proxy.count <= cut + LANES  # and the rest was not asked any more
            assert all(found.allow for found in engine.decide(questions))


class _Cutting:
    """Passes requests on to an OPA, and cuts the ``number``-th answer in its middle."""

    def __init__(self, port: int, number: int) -> None:
        self._upstream, self._number, self.count = port, number, 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> _Cutting:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            with client:
                self._pass(client)

    def _pass(self, client: socket.socket) -> None:
        self.count += 1
        client.settimeout(30)
        with socket.create_connection(("127.0.0.1", self._upstream), 30) as upstream:
            upstream.sendall(_whole_request(client))
            answer = b"".join(iter(lambda: upstream.recv(65536), b""))
        client.sendall(answer[: len(answer) // 2] if self.count == self._number else answer)


def _whole_request(client: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


def test_an_old_protocol_is_not_spoken(certificates: Certificates) -> None:
    context: Any = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert("server"), certificates.key("server"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"

        def answer() -> None:
            client, _ = listening.accept()
            with client, pytest.raises(ssl.SSLError):
                context.wrap_socket(client, server_side=True)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        begin = time.monotonic()
        with pytest.raises(EngineUnavailableError):
            allowed(OpaServer(url, ca=certificates.cert("ca")))
        thread.join(5)
        assert time.monotonic() - begin < 5
