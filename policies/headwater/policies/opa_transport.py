"""Carries one request to an OPA and its answer back, suspiciously.

``requests`` hands a request to an adapter and takes what it returns. This adapter follows no
redirect, unpacks nothing, reads no more than it was told to, and notices an answer cut short.
A request can be broken off from another thread, which is how a total deadline is kept.
"""

from __future__ import annotations

import io
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ssl import SSLContext, SSLError, TLSVersion, create_default_context
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from headwater.catalog.errors import InputError
from headwater.catalog.model import OpaServer
from headwater.catalog.problems import problem
from headwater.catalog.text import Text
from headwater.policies.opa_answers import not_a_decision
from headwater.policies.token_file import read_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from requests import PreparedRequest, Response

_PIECE = 64 * 1024
_OK = 200


@dataclass(frozen=True, slots=True)
class Address:
    """Where an OPA listens: a host and a port, or the path of a socket."""

    host: str
    port: int
    secure: bool = False
    socket: str | None = None
    server: OpaServer | None = None

    @classmethod
    def at(cls, server: OpaServer) -> Address:
        """Return the address of ``server``, with the files by which the two know each other.

        Raises:
            InputError: It is no address, or a token would travel unprotected to it.
        """
        found = cls.of(server.url)
        if server.token_file and not (found.secure or found.socket or found.is_local):
            raise InputError([problem("opa-clear", url=server.url)])
        return replace(found, server=server)

    @property
    def is_local(self) -> bool:
        """Whether what is sent there stays on this machine."""
        return self.host in ("localhost", "127.0.0.1", "[::1]")

    @classmethod
    def of(cls, url: str) -> Address:
        """Return the address that ``url`` names.

        Raises:
            InputError: It is not ``http://HOST:PORT``, ``https://HOST:PORT`` or ``unix:///PATH``.

        Example:
            >>> Address.of("http://localhost:8181").port
            8181
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
            parts = urlsplit("")
        if parts.query or parts.fragment or "@" in parts.netloc:
            host = None
        elif parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1:
            return cls("localhost", 80, socket=parts.path)
        if host is None or parts.scheme not in ("http", "https") or parts.path not in ("", "/"):
            raise InputError([problem("opa-url", url=url)])
        secure = parts.scheme == "https"
        return cls(f"[{host}]" if ":" in host else host, port or (443 if secure else 80), secure)


class Transport:
    """An adapter for ``requests``: one connection a request, and at most ``limit`` bytes back."""

    def __init__(self, address: Address, limit: int) -> None:
        self._address = address
        self._limit = limit
        self._connection: HTTPConnection | None = None

    def send(self, request: PreparedRequest, timeout: float = 10, **_: object) -> Response:
        """Return the answer to ``request``, wholly read.

        Raises:
            EngineAnswerError: The answer is a redirect or an error, too long, or cut short.
            OSError: There is no connection, or it broke.
        """
        connection = self._connection = self._opened(timeout)
        target = "/" + str(request.url).partition("://")[2].partition("/")[2]
        headers = {**request.headers, "Connection": "close", "Accept-Encoding": "identity"}
        headers |= self._credentials()
        try:
            connection.connect()
            connection.request(str(request.method), target, request.body, headers)
            with connection.getresponse() as answer:
                body = self._read(answer)
        except HTTPException as error:
            name = type(error).__name__
            not_a_decision(f"it is not HTTP ({name})", f"它不是 HTTP（{name}）")
        finally:
            connection.close()
        return _response(request, body)

    def close(self) -> None:
        """Nothing is kept open between requests."""

    def abort(self) -> None:
        """Break off whatever is under way."""
        held = self._connection.sock if self._connection else None
        if held is not None:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def _opened(self, timeout: float) -> HTTPConnection:
        where = self._address
        if where.socket is not None:
            connection: HTTPConnection = _UnixConnection(where.socket, timeout)
        elif where.secure:
            connection = HTTPSConnection(
                where.host.strip("[]"), where.port, timeout=timeout, context=self._trusted()
            )
        else:
            connection = HTTPConnection(where.host.strip("[]"), where.port, timeout=timeout)
        return connection

    def _trusted(self) -> SSLContext:
        """Return by whom the server must be vouched for, and who we are."""
        server = self._address.server or OpaServer("")
        with _readable("ca", server.ca):
            context = create_default_context(cafile=server.ca)
        context.minimum_version = TLSVersion.TLSv1_2
        if server.cert:
            with _readable("cert", server.cert):
                context.load_cert_chain(server.cert, server.key, password=_no_password)
        return context

    def _credentials(self) -> dict[str, str]:
        """Return the bearer token's header; its file is read each time, as tokens change."""
        server = self._address.server
        if server is None or server.token_file is None:
            return {}
        return {"Authorization": f"Bearer {read_token(server.token_file)}"}

    def _read(self, answer: HTTPResponse) -> bytes:
        if answer.status != _OK:
            not_a_decision(f"its status is {answer.status}", f"其状态码为 {answer.status}")
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            not_a_decision("it is compressed", "它被压缩了")
        body = io.BytesIO()
        while piece := answer.read(min(_PIECE, self._limit + 1 - body.tell())):
            body.write(piece)
            if body.tell() > self._limit:
                limit = self._limit
                not_a_decision(f"it is longer than {limit} bytes", f"它超过 {limit} 字节")
        if answer.length:
            not_a_decision("it was cut short", "它不完整")
        return body.getvalue()


@contextmanager
def _readable(key: str, path: Path | None) -> Iterator[None]:
    """Say which file of the settings failed; never what stands in it."""
    try:
        yield
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "-"
        reason = Text(said, said)
        if isinstance(error, SSLError):
            reason = Text("it is not PEM that fits", "不是合适的 PEM 文件")
        raise InputError([problem("opa-file", key=key, path=str(path), reason=reason)]) from error


def _no_password() -> str:
    """Refuse to ask a person for the passphrase of a key."""
    return ""


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _response(request: PreparedRequest, body: bytes) -> Response:
    from requests import Response

    response = Response()
    response.status_code = _OK
    response.encoding = "utf-8"
    response.raw = io.BytesIO(body)
    response.request = request
    response.url = str(request.url)
    return response
