"""HTTP as it is on the wire: no client makes an address prettier on the way."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Message
    body: bytes


def ask(origin: str, target: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Reply:
    """Send one request for exactly that target, in UTF-8, and read the whole answer."""
    at = urlsplit(origin)
    lines = {"Host": at.netloc, "Accept": "text/html", "Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    with socket.create_connection((at.hostname, at.port), timeout=60) as connection:
        connection.sendall(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode())
        with connection.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            raw = b""
            while (line := stream.readline()) not in (b"\r\n", b""):
                raw += line
            parsed = BytesParser().parsebytes(raw)
            return Reply(status, parsed, _body(stream.read(), parsed))


def _body(raw: bytes, headers: Message) -> bytes:
    if headers["transfer-encoding"] != "chunked":
        return raw
    whole, rest = b"", raw
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        whole, rest = whole + rest[:length], rest[length + 2 :]
    return whole
