"""Is a part ready? Asked on the wire, as its clients will."""

import contextlib
import http.client
import json
import socket
from pathlib import Path

from infra.local.settings import HOST

TIMEOUT = 2.0
HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# A frame's head: three bytes of length, type, flags, four bytes of stream. 4 is SETTINGS.
SETTINGS = 4
EMPTY_SETTINGS = bytes([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])


def http_ok(port: int, path: str) -> bool:
    """Tell whether GET `path` answers 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def grpc_answers(port: int) -> bool:
    """Tell whether an HTTP/2 server greets us with its settings, which a gRPC server does."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), TIMEOUT) as server:
        server.sendall(HTTP2_PREFACE + EMPTY_SETTINGS)
        with server.makefile("rb") as answer:
            head = answer.read(9)  # in however many pieces they come
        return len(head) == 9 and head[3] == SETTINGS
    return False


def jetstream_answers(port: int, token_file: Path) -> bool:
    """Tell whether NATS takes our token, and JetStream answers.

    Asked by NATS' own protocol: the server's monitoring over HTTP would be open to any web page.
    """
    with contextlib.suppress(OSError):
        token = token_file.read_text().strip()
        with socket.create_connection((HOST, port), TIMEOUT) as server:
            server.sendall(_jetstream_question(token))
            with server.makefile("rb") as said:
                told = (line for line in said if line.startswith((b"MSG ", b"-ERR ")))
                return next(told, b"").startswith(b"MSG ")
    return False


def _jetstream_question(token: str) -> bytes:
    login = json.dumps({"verbose": False, "auth_token": token})
    lines = (f"CONNECT {login}", "SUB probe 1", "PUB $JS.API.INFO probe 0", "", "")
    return "\r\n".join(lines).encode()
