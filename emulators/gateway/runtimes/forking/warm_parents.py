"""The zygote's hold on the warm parents that functions have, and on the starts they were given."""

import os
import socket
import time
from collections.abc import Iterator

import msgspec

from emulators.gateway.runtimes.forking import messages, warm_parent

# One that has not forked within so long hangs: it is killed, and what it was given is forked anew.
_PATIENCE = 2.0
_decoder = msgspec.json.Decoder(messages.Forked)


class Pending(msgspec.Struct, frozen=True):
    """A start that was given to a warm parent, until its replica says that it is there."""

    given: messages.Given
    lifeline: int
    log: int


class _Parent:
    def __init__(self, identity: str, pid: int, control: socket.socket) -> None:
        self.id = identity
        self.pid = pid
        self.control = control
        self.pending: dict[str, Pending] = {}

    def give(self, pending: Pending) -> bool:
        line = msgspec.json.encode(pending.given)
        if len(line) > warm_parent.LONGEST:
            return False
        try:
            socket.send_fds(self.control, [line], [pending.lifeline, pending.log])
        except OSError:  # gone, or it has taken none of many: it hangs
            return False
        self.pending[pending.given.start.id] = pending
        return True

    def took(self, forked: messages.Forked) -> messages.Forked:
        """Note that a start is its replica's."""
        done = self.pending.pop(forked.id)
        os.close(done.lifeline)
        os.close(done.log)
        return forked


class WarmParents:
    """Those that are there, by their ids."""

    def __init__(self) -> None:
        self._parents: dict[str, _Parent] = {}

    def __len__(self) -> int:
        """Return how many starts were given and not yet taken."""
        return sum(len(parent.pending) for parent in self._parents.values())

    @staticmethod
    def pair() -> tuple[socket.socket, socket.socket]:
        """Return the two ends of a socket to a new one: the zygote's and its own."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)  # noqa: FBT003 - the callee's signature
        return ours, theirs

    def add(self, identity: str, pid: int, control: socket.socket) -> None:
        """Keep one that was forked."""
        self._parents[identity] = _Parent(identity, pid, control)

    def sockets(self) -> list[socket.socket]:
        """Return the zygote's ends."""
        return [parent.control for parent in self._parents.values()]

    def descriptors(self) -> Iterator[int]:
        """Give those of starts that are under way."""
        for parent in self._parents.values():
            for pending in parent.pending.values():
                yield from (pending.lifeline, pending.log)

    def give(self, given: messages.Given, lifeline: int, log: int) -> bool:
        """Have a replica forked from the parent that its start names; False where it cannot be.

        The descriptors are this one's to close, if it returns True.
        """
        parent = self._parents.get(given.start.parent)
        return parent is not None and parent.give(Pending(given, lifeline, log))

    def heard(self, control: socket.socket) -> tuple[list[messages.Forked], list[Pending]]:
        """Read what came from a warm parent.

        Returns:
            Who was forked; and, where the parent is gone, what it has not forked.
        """
        parent = next(one for one in self._parents.values() if one.control is control)
        try:
            line = control.recv(warm_parent.LONGEST)
        except BlockingIOError:
            return [], []
        except ConnectionResetError:
            line = b""
        if line:
            return [parent.took(_decoder.decode(line))], []
        del self._parents[parent.id]
        control.close()
        return [], list(parent.pending.values())

    def until_overdue(self) -> float | None:
        """Return the seconds until a warm parent counts as hanging; None where none has a start."""
        given = [p.given.at for parent in self._parents.values() for p in parent.pending.values()]
        return max(0.0, min(given) + _PATIENCE - time.monotonic()) if given else None

    def abandoned(self) -> Iterator[tuple[int, list[messages.Forked], list[Pending]]]:
        """Let go of those that have not forked in time.

        Yields:
            The pid of each, who was forked in the last moment after all, and what was not: it may
            be forked elsewhere, for from now on nobody can say that he was.
        """
        before = time.monotonic() - _PATIENCE
        for parent in list(self._parents.values()):
            if any(pending.given.at <= before for pending in parent.pending.values()):
                parent.control.shutdown(socket.SHUT_RD)
                forked, left = list[messages.Forked](), list[Pending]()
                while parent.id in self._parents:
                    forked_now, left = self.heard(parent.control)
                    forked += forked_now
                yield parent.pid, forked, left
