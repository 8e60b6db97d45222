"""Is a part ready? Asked on the wire, as its clients will."""

import contextlib
import http.client
import socket

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
