"""Which ports can be listened on, what stands in the way of others, and what to take instead."""

import errno
import os
import shlex
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from infra.local.errors import LocalError
from infra.local.settings import HOST, Port, Settings
from infra.local.stack.parts import Part
from infra.local.system.port_owners import owner_of_port

# How far above a port that cannot be had a free one is looked for.
REACH = 1000
# In the place of a port that the system keeps for itself: 8080 for 80, 8443 for 443.
ABOVE_RESERVED = 8000
DENIED = frozenset({errno.EACCES, errno.EPERM})


@dataclass(frozen=True)
class Unavailable:
    """A port that a part needs and cannot listen on.

    Attributes:
        code: what the kernel said, an `errno`.
    """

    part: str
    port: Port
    code: int

    def __str__(self) -> str:
        return f"Port {self.port.number}, which {self.part} needs, {self._why()}."

    @property
    def denied(self) -> bool:
        """Whether the system keeps the port for others than this user."""
        return self.code in DENIED

    def _why(self) -> str:
        if self.code == errno.EADDRINUSE:
            return f"is in use {owner_of_port(self.port.number)}"
        if self.denied:
            return "is one that the system keeps: low ports need root's rights"
        return f"cannot be listened on ({os.strerror(self.code)})"


def try_port(part: str, port: Port) -> Unavailable | None:
    """Return what keeps a part from listening on a port; None where nothing does."""
    code = _code(port.number)
    return Unavailable(part, port, code) if code else None


def _code(number: int) -> int:
    """Return the `errno` of listening on a port; 0 where it works."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError as error:
            return error.errno or errno.EIO
    return 0


def unavailable(parts: Iterable[Part]) -> list[Unavailable]:
    """Return the parts' ports that they cannot listen on."""
    tried = (try_port(part.name, port) for part in parts for port in part.ports)
    return [one for one in tried if one is not None]


def check_free(settings: Settings, parts: Iterable[Part]) -> None:
    """Refuse ports that cannot be listened on.

    Raises:
        LocalError: there are some; the text names each with its part and what stands in the way,
            and the commands that start on others.
    """
    found = unavailable(parts)
    if found:
        others = with_free_ports(settings, found)
        words = [f"{one.port.variable}={others.number_of(one.port)}" for one in found]
        remedy = (
            f"Start on other ports: {_up('--free-ports')}, "
            f"or choose them: {' '.join(words)} {_up()}"
        )
        raise LocalError(("\n" if len(found) > 1 else " ").join([*map(str, found), remedy]))


def with_free_ports(settings: Settings, found: Iterable[Unavailable]) -> Settings:
    """Return the settings with a free port in the place of each that cannot be had.

    Raises:
        LocalError: there is none.
    """
    for one in found:
        used = set(settings.port_numbers().values())
        begin = one.port.number + (ABOVE_RESERVED if one.denied else 1)
        above = range(begin, min(begin + REACH, 65536))
        free = next((n for n in above if n not in used and not _code(n)), None)
        if free is None:
            raise LocalError(f"{one} There is no free port in the {REACH} from {begin} on.")
        settings = settings.with_port(one.port, free)
    return settings


def _up(*options: str) -> str:
    """Return the command that starts this stack."""
    home = os.environ.get("MAYFLY_HOME")
    where = f"MAYFLY_HOME={shlex.quote(home)} " if home else ""
    return f"{where}{shlex.join(['./mayfly', 'up', *options])}"
