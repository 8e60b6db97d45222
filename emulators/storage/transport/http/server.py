"""The listener: a thread for each connection, so that a client that stalls holds up no other."""

import selectors
import socket
import threading

from emulators.storage.transport.http.connection import Answer, Connection, Refusal

BACKLOG = 1024
# What a stop leaves to requests that are under way, and to connections that may have just sent one.
GRACE_SECONDS = 10.0
HEAD_GRACE_SECONDS = 0.1
_NO_FILE_SECONDS = 0.05


class Server:
    """Listens on a port.

    Args:
        host: Address to listen on.
        port: Port to listen on.
        answer: Answers a request.
        refuse: Makes the answer to what is no request.

    Raises:
        OSError: The port cannot be had.
    """

    def __init__(self, host: str, port: int, answer: Answer, refuse: Refusal) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._answer = answer
        self._refuse = refuse
        self._stopped, self._stop = socket.socketpair()
        self._open: set[Connection] = set()
        self._changed = threading.Condition()

    def serve(self) -> None:
        """Take connections until `stop`."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._listener, selectors.EVENT_READ)
            ready.register(self._stopped, selectors.EVENT_READ)
            while True:
                found = {key.fileobj for key, _ in ready.select()}
                if self._stopped in found:
                    return
                self._accept()

    def stop(self) -> None:
        """Take no more connections, and return when what was under way is answered."""
        self._stop.sendall(b"x")
        self._listener.close()
        with self._changed:
            self._changed.wait_for(lambda: not self._open, HEAD_GRACE_SECONDS)
            for connection in self._open:
                connection.close_when_idle()
            self._changed.wait_for(lambda: not self._open, GRACE_SECONDS)

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # it is gone again, or there are too many files open: one may close soon
            with self._changed:
                self._changed.wait(_NO_FILE_SECONDS)
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(client, self._answer, self._refuse)
        with self._changed:
            self._open.add(connection)
        threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: Connection) -> None:
        try:
            connection.serve()
        finally:
            with self._changed:
                self._open.discard(connection)
                self._changed.notify_all()
