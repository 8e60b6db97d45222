"""TCP ports for programs on this machine."""

import random
import socket

# Below what systems take for outgoing connections: one of those could get the port before the
# program listens on it.
_RANGE = range(20_000, 32_000)


class Ports:
    """Picks free ports; none is picked twice while its program may still be about to listen."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def take(self) -> int:
        """Return a port that nobody listens on."""
        while True:
            port = random.choice(_RANGE)  # noqa: S311 - no secret
            if port not in self._taken and _is_free(port):
                self._taken.add(port)
                return port

    def give_back(self, port: int) -> None:
        """Give a port back: its program is gone."""
        self._taken.discard(port)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
