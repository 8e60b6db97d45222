"""Spare processes: forked and rehearsed before a start, which then has neither to wait for.

A spare becomes a replica when it is given a start, exactly as a fresh fork would: it takes on that
function's environment, and only then runs its `main.py`. What that imports, some have imported
before (`ahead`); they are for starts of that code alone.
"""

import os
import select
import socket
from dataclasses import dataclass

import msgspec

from emulators.gateway.runtimes import view
from emulators.gateway.runtimes.forking import (
    messages,
    parentage,
    rehearsal,
    replica,
)
from emulators.gateway.runtimes.forking.ahead import Ahead

# It rehearses so much later, when the start that it was forked after should be over: rehearsing
# takes a core for some tens of milliseconds.
_REST_SECONDS = 0.04
# So much a socket takes at once, and a start that says more has to be forked.
_LONGEST = 64 * 1024

_decoder = msgspec.json.Decoder(messages.Given)


def suits(start: messages.Start, read_once: tuple[str, ...]) -> bool:
    """Return whether a spare may become this replica.

    What runs a program or a command of its own is forked: it gains nothing, and forks again.

    Args:
        start: The replica.
        read_once: How names of variables begin that a spare's libraries have read already.
    """
    serves = not (start.port or start.command or start.fprocess)
    return serves and not any(name.startswith(read_once) for name in start.env)


@dataclass(frozen=True)
class Spare:
    """The zygote's hold on a spare process, and on what code it imports."""

    pid: int
    socket: socket.socket
    ahead: Ahead | None = None

    def give(self, given: messages.Given, lifeline: int, log: int) -> bool:
        """Make it a replica; False when it is gone, or cannot be told."""
        line = messages.line(given)
        if len(line) > _LONGEST:
            return False
        try:
            socket.send_fds(self.socket, [line], [lifeline, log])
        except OSError:
            return False
        finally:
            self.socket.close()
        return True


def wait(
    control: socket.socket, rehearsed: rehearsal.Rehearsal, ahead: Ahead | None, *, views: bool
) -> int:
    """Be a spare process: rehearse, wait for the start, and serve it.

    Args:
        control: Where the start comes from; its end means that none will.
        rehearsed: What it does meanwhile.
        ahead: What code it imports meanwhile; None for none.
        views: Whether it is to have a view of the disk of its own.

    Returns:
        The exit status.
    """
    parentage.die_with_parent()
    parentage.name_process("spare ahead" if ahead else "spare")
    if views:
        view.enter()
    os.environ.clear()  # the gateway's variables are nothing to a function, nor to its libraries
    pause = _REST_SECONDS
    steps = [*rehearsed.possible(), *([ahead.import_all] if ahead else ())]
    for step in steps:
        if select.select([control], [], [], pause)[0]:
            break
        rehearsal.attempt(step)
        pause = 0.0
    line = b""
    descriptors: list[int] = []
    while not line.endswith(b"\n"):
        data, received, _, _ = socket.recv_fds(control, _LONGEST, 2)
        if not data:
            return 0
        line += data
        descriptors += received
    control.close()
    given = _decoder.decode(line)
    lifeline, log = descriptors
    return replica.run(given.start, lifeline, log, given.at)
