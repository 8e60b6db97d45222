"""Which ports are free, who holds the others, and which may be taken in their place."""

import os
import shlex
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from infra.local.errors import LocalError
from infra.local.settings import HOST, Port, Settings
from infra.local.stack.holders import holder
from infra.local.stack.parts import Part

# How far above a taken port a free one is looked for.
REACH = 1000


@dataclass(frozen=True)
class Taken:
    """A port that a part needs and that somebody else listens on."""

    part: str
    port: Port

    def __str__(self) -> str:
        number = self.port.number
        return f"Port {number}, which {self.part} needs, is in use {holder(number)}."


def is_free(number: int) -> bool:
    """Tell whether a port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError:
            return False
    return True


def taken(parts: Iterable[Part]) -> list[Taken]:
    """Return the parts' ports that somebody listens on."""
    return [
        Taken(part.name, port) for part in parts for port in part.ports if not is_free(port.number)
    ]


def check_free(settings: Settings, parts: Iterable[Part]) -> None:
    """Refuse ports that somebody listens on.

    Raises:
        LocalError: some are taken; the text names each with its part and its holder, and the
            commands that start on others.
    """
    found = taken(parts)
    if found:
        others = evade(settings, found)
        words = [f"{one.port.variable}={others.number_of(one.port)}" for one in found]
        raise LocalError(
            "\n".join(map(str, found)),
            f"Start on other ports: {_up('--free-ports')}, "
            f"or choose them: {' '.join(words)} {_up()}",
        )


def evade(settings: Settings, found: Iterable[Taken]) -> Settings:
    """Return the settings with a free port in the place of each taken one: the next above it.

    Raises:
        LocalError: there is none.
    """
    for one in found:
        used = set(settings.port_numbers().values())
        above = range(one.port.number + 1, min(one.port.number + REACH, 65536))
        free = next((n for n in above if n not in used and is_free(n)), None)
        if free is None:
            raise LocalError(f"{one} There is no free port in the {REACH} above it.")
        settings = settings.with_port(one.port, free)
    return settings


def _up(*options: str) -> str:
    """Return the command that starts this stack."""
    home = os.environ.get("MAYFLY_HOME")
    where = f"MAYFLY_HOME={shlex.quote(home)} " if home else ""
    return f"{where}{shlex.join(['./mayfly', 'up', *options])}"
