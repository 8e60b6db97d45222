"""The parent of all replicas: it has imported the heavy libraries, and forks on demand.

It opens no connection and starts no thread, for neither survives a fork. It keeps spare processes
(``spare.py``) for the next starts, and warm parents of functions (``warm_parent.py``), whose
replicas are its own children all the same. It ends, and with it every child, when the gateway's end
of the control socket closes (also after a ``kill -9``).
"""

import argparse
import atexit
import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from selectors import EVENT_READ, BaseSelector, DefaultSelector

import msgspec

from emulators.gateway.runtimes import view
from emulators.gateway.runtimes.forking import (
    messages,
    parentage,
    preloading,
    rehearsal,
    replica,
    spare,
    warm_parent,
)
from emulators.gateway.runtimes.forking.spares import Spares
from emulators.gateway.runtimes.forking.warm_parents import Pending, WarmParents

# A spare is forked once no start has come for so long: starts that come together go first.
_QUIET_SECONDS = 0.01
# Each replica sees by its own lifeline that the gateway is gone. One that hangs has so long.
_END_SECONDS = 2.0

_decoder = msgspec.json.Decoder(messages.Start | messages.Kill)


class Zygote:
    """Forks replicas as the gateway asks, and tells it when one is gone.

    Args:
        control: The socket to the gateway.
        spares: How many spare processes to keep.
        rehearsed: What those do while they wait.
        views: Whether they may have a view of the disk of their own.
    """

    def __init__(
        self,
        control: socket.socket,
        spares: int,
        rehearsed: rehearsal.Rehearsal,
        *,
        views: bool,
    ) -> None:
        self._rehearsed = rehearsed
        self._views = views
        self._control = control
        self._children: dict[int, str] = {}  # by pid, with the replica's id; a spare has none yet
        self._spares = Spares(spares, rehearsed)
        self._warm_parents = WarmParents()
        self._strays: dict[int, int] = {}  # statuses by pid, of who ended before it was known
        self._refill_at: float | None = time.monotonic()
        self._buffer = b""
        self._descriptors: list[int] = []
        self._elsewhere: list[int] = []  # of what a warm parent left: a fork must not hold them
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)  # noqa: FBT003 - the callee's signature
        self._wake_write.setblocking(False)  # noqa: FBT003 - the callee's signature

    def run(self) -> None:
        """Serve until the gateway is gone."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno())
        with DefaultSelector() as selector:
            selector.register(self._control, EVENT_READ)
            selector.register(self._wake_read, EVENT_READ)
            while self._turn(selector):
                pass
        self._end_all()

    def _turn(self, selector: BaseSelector) -> bool:
        """Wait for something, and act on it; False when the gateway is gone."""
        watched = self._warm_parents.sockets()
        for control in watched:
            selector.register(control, EVENT_READ)
        ready = [key.fileobj for key, _ in selector.select(self._patience())]
        for control in watched:
            selector.unregister(control)
        if self._wake_read in ready:
            self._drain_wakeups()
        self._reap()
        for control in watched:
            if control in ready:
                self._settle(*self._warm_parents.heard(control))
        if self._control in ready and not self._serve_control():
            return False
        for pid, forked, left in self._warm_parents.abandoned():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self._settle(forked, left)
        self._refill()
        return True

    def _settle(self, forked: list[messages.Forked], left: list[Pending]) -> None:
        """Know the replicas that a warm parent forked; fork what one that is gone has left."""
        for one in forked:
            self._children[one.pid] = one.id
            if one.pid in self._strays:
                self._ended(one.pid, self._strays.pop(one.pid))
        for number, pending in enumerate(left):
            self._elsewhere = [fd for one in left[number + 1 :] for fd in (one.lifeline, one.log)]
            self._start_here(pending.given, pending.lifeline, pending.log)

    def _drain_wakeups(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_read.recv(4096):
                pass

    def _serve_control(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, 65536, 64)
        self._descriptors += descriptors
        if not data:
            return False
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for text in lines:
            self._obey(_decoder.decode(text))
        return True

    def _obey(self, message: messages.Start | messages.Kill) -> None:
        if isinstance(message, messages.Kill):
            for pid, identity in self._children.items():
                if identity == message.id:
                    os.kill(pid, signal.SIGKILL)
            return
        self._start(message, self._descriptors.pop(0), self._descriptors.pop(0))

    def _start(self, start: messages.Start, lifeline: int, log: int) -> None:
        given = messages.Given(start, time.monotonic())
        if start.imports is not None:
            self._start_warm_parent(start, lifeline, log)
        elif not self._warm_parents.give(given, lifeline, log):
            self._start_here(given, lifeline, log)

    def _start_here(self, given: messages.Given, lifeline: int, log: int) -> None:
        """Have a spare become the replica, or fork it."""
        pid = self._spares.take(given, lifeline, log)
        if pid is None:
            pid = self._fork(lambda: replica.run(given.start, lifeline, log, given.at))
        self._children[pid] = given.start.id
        self._refill_at = time.monotonic() + _QUIET_SECONDS
        os.close(lifeline)
        os.close(log)

    def _start_warm_parent(self, start: messages.Start, lifeline: int, log: int) -> None:
        ours, theirs = self._warm_parents.pair()
        pid = self._fork(lambda: warm_parent.run(start, lifeline, log, theirs), ours)
        theirs.close()
        os.close(lifeline)
        os.close(log)
        self._children[pid] = start.id
        self._warm_parents.add(start.id, pid, ours)

    def _patience(self) -> float | None:
        """Return for how long nothing has to be done by itself; None for ever."""
        waits = (self._until_refill(), self._warm_parents.until_overdue())
        return min((wait for wait in waits if wait is not None), default=None)

    def _until_refill(self) -> float | None:
        at = self._refill_at
        return None if at is None else max(0.0, at - time.monotonic())

    def _refill(self) -> None:
        """Make the spares that are missing, if it is time to.

        One that dies unused is not replaced before the next start: it may be no accident.
        """
        if self._refill_at is None or time.monotonic() < self._refill_at:
            return
        self._refill_at = None
        for ahead in list(self._spares.missing()):
            ours, theirs = socket.socketpair()
            pid = self._fork(
                lambda: spare.wait(theirs, self._rehearsed, ahead, views=self._views),  # noqa: B023 - called at once
                ours,
            )
            theirs.close()
            self._children[pid] = ""
            self._spares.add(spare.Spare(pid, ours, ahead))

    def _fork(self, body: Callable[[], int], *leftovers: socket.socket) -> int:
        """Start a child that exits with what ``body`` returns; give its pid."""
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            atexit._clear()  # noqa: SLF001 - what the parent's libraries want done is the parent's
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            others = [*(one.socket for one in self._spares), *self._warm_parents.sockets()]
            for leftover in (self._control, self._wake_read, self._wake_write, *others, *leftovers):
                leftover.close()
            given = (*self._descriptors, *self._elsewhere, *self._warm_parents.descriptors())
            for descriptor in given:
                os.close(descriptor)
            status = body()
        except BaseException:  # noqa: BLE001 - the one place that says why a child ended
            traceback.print_exc()
        finally:
            os._exit(status)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid in self._children:
                self._ended(pid, status)
            elif self._warm_parents:  # else it is what a replica has left behind
                self._strays[pid] = status
            else:
                self._strays.clear()

    def _ended(self, pid: int, status: int) -> None:
        """Tell the gateway of a child's end."""
        identity = self._children.pop(pid)
        if not identity:
            self._spares.drop(pid, os.waitstatus_to_exitcode(status))
            return
        exited = messages.Exited(identity, os.waitstatus_to_exitcode(status))
        with contextlib.suppress(OSError):  # a gateway that is gone shows up as end of file
            self._control.sendall(messages.line(exited))

    def _end_all(self) -> None:
        """Let children end with what they have started, which a kill would leave; then kill."""
        for one in self._spares:
            del self._children[one.pid]
            os.kill(one.pid, signal.SIGKILL)
            os.waitpid(one.pid, 0)
        deadline = time.monotonic() + _END_SECONDS
        while self._children and time.monotonic() < deadline:
            select.select([self._wake_read], [], [], deadline - time.monotonic())
            self._drain_wakeups()
            self._reap()
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)


def main() -> None:
    """Import, then serve the control socket named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--preload", default="")
    parser.add_argument("--rehearsal", default="")
    parser.add_argument("--bytecode", required=True)
    parser.add_argument("--spares", type=int, default=0)
    arguments = parser.parse_args()
    parentage.die_with_parent()
    parentage.adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    control = socket.socket(fileno=arguments.control)
    began = time.monotonic()
    gc.disable()
    imported, missing = preloading.preload([name for name in arguments.preload.split(",") if name])
    try:
        rehearsed = rehearsal.load(arguments.rehearsal)
    except ImportError as error:
        missing.append(str(error))
        rehearsed = rehearsal.load("")
    gc.enable()
    gc.collect()
    # For what spares import; a replica has a folder of its own (`replica`).
    sys.dont_write_bytecode = False
    sys.pycache_prefix = arguments.bytecode
    gc.freeze()  # keeps a collection in a replica from writing to shared pages
    seconds = time.monotonic() - began
    threads, views = parentage.thread_count(), view.is_possible()
    steps = [step.__name__.strip("_") for step in rehearsed.possible()]
    control.sendall(messages.line(messages.Up(imported, missing, steps, seconds, threads, views)))
    Zygote(control, arguments.spares, rehearsed, views=views).run()


if __name__ == "__main__":
    main()
    sys.exit(0)
