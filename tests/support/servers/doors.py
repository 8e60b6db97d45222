"""Every listener of a running stack that speaks HTTP, and raw requests to it."""

import contextlib
import json
import re
import socket
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from tests.support.processes import PATIENCE

Headers = dict[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer as it came; `status` is 0 for a connection that was closed without one."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        found = re.search(rb"(?im)^%b: *(.*?)\r?$" % re.escape(name.encode()), self.head)
        return found[1].decode("latin-1") if found else ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Door:
    """One listener, or a group of its routes.

    Attributes:
        change: a path that takes a POST which would change something.
        read: a path to GET.
        refuses: the status for a host that is not its own.
        variable: the setting that a refusal of a host names; empty where it must not.
    """

    name: str
    port: int
    read: str
    change: str
    refuses: int
    variable: str
    credentials: Headers = field(default_factory=dict)
    stems: tuple[str, ...] = ()

    def ask(
        self, method: str, target: str | bytes, headers: Headers | None = None, body: bytes = b""
    ) -> Reply:
        """Send a request as it is: a client would mend, or refuse to send, what is odd in it."""
        fields = {"Host": f"127.0.0.1:{self.port}", **self.credentials, **(headers or {})}
        if body or method in {"POST", "PUT", "PATCH"}:
            fields = {"Content-Length": str(len(body)), **fields}
        path = target.encode() if isinstance(target, str) else target
        lines = [f"{name}: {value}\r\n".encode() for name, value in fields.items()]
        head = method.encode() + b" " + path + b" HTTP/1.1\r\n" + b"".join(lines)
        return exchange(self.port, head + b"Connection: close\r\n\r\n" + body, method)


def exchange(port: int, data: bytes, method: str = "GET") -> Reply:
    """Send bytes, and read the answer until the other side closes."""
    seen = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        with contextlib.suppress(ConnectionError):  # it may answer before it has read everything
            connection.sendall(data)
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                seen += piece
    head, _, body = seen.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    chunked = b"transfer-encoding: chunked" in head.lower()
    return Reply(int(found[1]) if found else 0, head, unchunked(body) if chunked else body)


def unchunked(body: bytes) -> bytes:
    """Return the content of a chunked body."""
    whole, rest = b"", body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            break
        whole, rest = whole + rest[:length], rest[length + 2 :]
    return whole


def basic(password: str) -> Headers:
    """The administrator's credentials, which a browser that knows them adds by itself."""
    return {"Authorization": f"Basic {b64encode(f'admin:{password}'.encode()).decode()}"}
