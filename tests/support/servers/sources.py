"""A server whose answers end before they are whole."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.support.processes import PATIENCE, received

SHORT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[1]"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n"


@contextlib.contextmanager
def breaking_off(answer: bytes) -> Iterator[str]:
    """Give the URL of a server that answers every call with `answer`, and closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):  # the listener is closed
            while True:
                line, _ = listener.accept()
                with line:
                    received(line, b"\r\n\r\n")
                    line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)
        listener.close()
