"""The parent of all replicas: it has imported the heavy libraries, and forks on demand.

It opens no connection and starts no thread, for neither survives a fork. It ends, and with it
every replica, when the gateway's end of the control socket closes (also after a ``kill -9``).
"""

import argparse
import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import msgspec

from emulators.gateway.runtimes import messages, parentage, replica

_decoder = msgspec.json.Decoder(messages.Start | messages.Kill)


class Zygote:
    """Forks replicas as the gateway asks, and tells it when one is gone.

    Args:
        control: The socket to the gateway.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, str] = {}
        self._buffer = b""
        self._descriptors: list[int] = []
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)  # noqa: FBT003 (the callee's signature)
        self._wake_write.setblocking(False)  # noqa: FBT003 (the callee's signature)

    def run(self) -> None:
        """Serves until the gateway is gone."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write.fileno())
        with DefaultSelector() as selector:
            selector.register(self._control, EVENT_READ)
            selector.register(self._wake_read, EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._wake_read in ready:
                    self._drain_wakeups()
                self._reap()
                if self._control in ready and not self._serve_control():
                    break
        self._end_all()

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
        lifeline, log = self._descriptors.pop(0), self._descriptors.pop(0)
        forked_at = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self._become(message, lifeline, log, forked_at)
        self._children[pid] = message.id
        os.close(lifeline)
        os.close(log)

    def _become(self, start: messages.Start, lifeline: int, log: int, forked_at: float) -> None:
        """Turns the fresh child into a replica; never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for leftover in (self._control, self._wake_read, self._wake_write):
                leftover.close()
            for descriptor in self._descriptors:
                os.close(descriptor)
            status = replica.run(start, lifeline, log, forked_at)
        finally:
            os._exit(status)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            identity = self._children.pop(pid)
            exited = messages.Exited(identity, os.waitstatus_to_exitcode(status))
            with contextlib.suppress(OSError):  # a gateway that is gone shows up as end of file
                self._control.sendall(messages.line(exited))

    def _end_all(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)


def preload(names: list[str]) -> tuple[list[str], list[str]]:
    """Imports modules by name.

    Returns:
        The names imported, and those skipped with the reason.
    """
    imported, missing = [], []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append(f"{name} ({error})")
        else:
            imported.append(name)
    return imported, missing


def thread_count() -> int:
    """How many threads this process has, as the kernel counts (1 where it does not say)."""
    tasks = Path("/proc/self/task")
    return sum(1 for _ in tasks.iterdir()) if tasks.is_dir() else 1


def main() -> None:
    """Imports, then serves the control socket named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--preload", default="")
    parser.add_argument("--bytecode", required=True)
    arguments = parser.parse_args()
    parentage.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    control = socket.socket(fileno=arguments.control)
    began = time.monotonic()
    gc.disable()
    imported, missing = preload([name for name in arguments.preload.split(",") if name])
    gc.enable()
    gc.collect()
    # A replica imports its function afresh. To compile it each time would be most of a cold start
    # (measured: 45 of 75 ms), whatever PYTHONDONTWRITEBYTECODE says; its folder stays clean.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = arguments.bytecode
    gc.freeze()  # keeps a collection in a replica from writing to shared pages
    seconds = time.monotonic() - began
    control.sendall(messages.line(messages.Up(imported, missing, seconds, thread_count())))
    Zygote(control).run()


if __name__ == "__main__":
    main()
    sys.exit(0)
