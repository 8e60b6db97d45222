"""A function's warm parent: a process that has imported its libraries, and forks its replicas.

It is what a replica of the revision is (its view of the disk, its environment, what it gave up),
but for `main.py`, which each replica runs after its fork. Replicas are no children of it but of the
parent of all replicas (they are forked twice), so that its end does them no harm. On Linux alone.
"""

import gc
import os
import select
import socket
import sys
import time
import traceback
from collections.abc import Sequence

import msgspec

from emulators.gateway.runtimes.forking import (
    imports,
    messages,
    parentage,
    rehearsal,
    replica,
)

_QUIET_SECONDS = 0.01  # without a start, before the next replica is forked ahead
LONGEST = 64 * 1024
"""Bytes of a start: what a socket takes as one packet, whatever its buffers are set to."""
_decoder = msgspec.json.Decoder(messages.Given)


class UnfitError(Exception):
    """What it imported forbids to fork it; the text says what."""


def run(start: messages.Start, lifeline: int, log: int, control: socket.socket) -> int:
    """Import, say how much memory that takes, and fork replicas until told to end.

    Args:
        start: As which its replicas are started, and what to import.
        lifeline: Socket to the gateway: readiness or the reason against goes out; whatever comes
            in, or its end, is the end.
        log: Pipe for standard output and error.
        control: Socket to the parent of all replicas, of packets: starts with two descriptors come
            in, and who was forked goes out.

    Returns:
        The exit status.
    """
    parentage.die_with_parent()
    parentage.name_process(start.id)
    replica.adopt_streams(log)
    began = time.monotonic()
    learned = start.imports or messages.Learned()
    try:
        replica.settle(start)
        _import(learned, start.source.folder)
    except UnfitError as error:
        replica.tell_reason(f"no warm parent for this function: {error}", lifeline)
        return 1
    except BaseException as error:  # noqa: BLE001 - whatever a library raises at import is the answer
        replica.tell_failure(error, lifeline)
        return 1
    timings = {"imports": time.monotonic() - began}
    ready = messages.Ready(os.getpid(), timings, memory=imports.memory())
    os.write(lifeline, messages.line(ready))
    _Forking(lifeline, control, learned).run()
    return 0


class _Forking:
    """Forks replicas, the next one ahead of its start, which then has neither fork to wait for.

    Args:
        lifeline: As `run` has it.
        control: As `run` has it.
        learned: What was imported.
    """

    def __init__(self, lifeline: int, control: socket.socket, learned: messages.Learned) -> None:
        self._lifeline = lifeline
        self._control = control
        self._learned = learned
        self._ahead: socket.socket | None = None

    def run(self) -> None:
        """Serve until the gateway, or the parent of all replicas, has had enough."""
        self._fork_ahead()
        watched = [self._control.fileno(), self._lifeline]
        while True:
            patience = None if self._ahead else _QUIET_SECONDS
            readable, _, _ = select.select(watched, [], [], patience)
            if not readable:
                self._fork_ahead()
            elif self._lifeline in readable or not self._obey():
                return

    def _obey(self) -> bool:
        line, descriptors, _, _ = socket.recv_fds(self._control, LONGEST, 2)
        if not line:
            return False
        if not self._given_ahead(line, descriptors):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with ours, theirs:
                socket.send_fds(ours, [line], descriptors)
                self._fork(theirs, ours, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _given_ahead(self, line: bytes, descriptors: list[int]) -> bool:
        """Give a start to the process that was forked ahead; False where there is none."""
        if self._ahead is None:
            return False
        with self._ahead:
            ahead, self._ahead = self._ahead, None
            try:
                socket.send_fds(ahead, [line], descriptors)
            except OSError:  # it has died
                return False
        return True

    def _fork_ahead(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._fork(theirs, ours)
        self._ahead = ours

    def _fork(
        self, given: socket.socket, other: socket.socket, descriptors: Sequence[int] = ()
    ) -> None:
        """Fork a replica, by way of a process that ends at once.

        Args:
            given: Where its start comes from.
            other: The other end, which it closes.
            descriptors: What else it closes, of a start that it is to have now; else it rehearses.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        between = os.fork()
        if between:
            os.waitpid(between, 0)
            return
        between = os.getpid()
        if os.fork():
            os._exit(0)
        status = 1
        try:
            _await_end(between)
            other.close()
            for descriptor in (self._lifeline, *descriptors):
                os.close(descriptor)
            status = self._become(given, rehearses=not descriptors)
        except BaseException:  # noqa: BLE001 - the one place that says why it ended
            traceback.print_exc()
        finally:
            os._exit(status)

    def _become(self, given: socket.socket, *, rehearses: bool) -> int:
        """Wait for a start, say so, and be its replica; return the exit status."""
        parentage.die_with_parent()
        if rehearses:
            parentage.name_process("spare warm")
            rehearsal.attempt(rehearsal.web)
        line, descriptors, _, _ = socket.recv_fds(given, LONGEST, 2)
        given.close()
        if not line:
            return 0
        begun = _decoder.decode(line)
        self._control.send(msgspec.json.encode(messages.Forked(begun.start.id, os.getpid())))
        self._control.close()
        lifeline, log = descriptors
        return replica.run(begun.start, lifeline, log, begun.at, self._learned)


def _import(learned: messages.Learned, folder: str) -> None:
    """Import all, and see that nothing is against a fork.

    Raises:
        UnfitError: Naming what is.
    """
    opened = imports.open_files()
    gc.disable()
    own = imports.import_all(learned, folder)
    gc.enable()
    gc.collect()
    gc.freeze()  # keeps a collection in a replica from writing to shared pages
    for obstacle in imports.obstacles(opened, own):
        raise UnfitError(obstacle)


def _await_end(pid: int) -> None:
    """Wait until a process has ended, and its children are another's."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([descriptor], [], [])
    os.close(descriptor)
