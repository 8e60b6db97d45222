"""A web server of the standard library that answers while a test lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

_POLL = 0.02
"""Seconds between two looks at whether it is to end."""


@contextmanager
def serving(server: BaseServer) -> Iterator[BaseServer]:
    """Have a server answer, in a thread, until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
