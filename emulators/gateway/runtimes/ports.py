"""TCP ports for programs on this machine."""

import socket


class Ports:
    """Picks free ports; none is picked twice while its program may still be about to listen."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def take(self) -> int:
        """A port that nobody listens on."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port in self._taken:
                return self.take()  # while this one is bound, another comes
        self._taken.add(port)
        return port

    def give_back(self, port: int) -> None:
        """Its program is gone."""
        self._taken.discard(port)
