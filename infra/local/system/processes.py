"""Processes told apart for sure: started in groups of their own, and ended without remains."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROC = Path("/proc")
# Every process of a stack carries this variable; its value is the stack's home folder.
MARK = "MAYFLY_STACK"
PR_SET_PDEATHSIG = 1
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Identity:
    """A process for sure: its id is used again some day, its id with its start time is not."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        """Tell whether this very process still runs."""
        return identify(self.pid) == self


def identify(pid: int) -> Identity | None:
    """Return the identity of a running process; None when there is none (or a zombie)."""
    if not PROC.is_dir():
        return _identify_by_ps(pid)
    try:
        # The name, in parentheses, may hold anything; state and the rest follow the last one.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if fields[0] in "ZX" else Identity(pid, f"{boot}:{fields[19]}")


def _identify_by_ps(pid: int) -> Identity | None:
    found = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return Identity(pid, found.stdout.strip()) if found.stdout.strip() else None


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send this process a signal when its parent ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


def fork(
    command: list[str], prepare: Callable[[], None], **options: Any
) -> subprocess.Popen[bytes]:
    """Start `command` after `prepare`, which runs in the new process.

    Signals that would stop us wait meanwhile: while Python forks, the exception that their
    handler raises is dropped, and the order to stop with it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def begin() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        prepare()

    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        return subprocess.Popen(command, preexec_fn=begin, **options)  # noqa: PLW1509 - one thread
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def spawn(
    command: list[str], cwd: Path, env: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`.

    It gets SIGTERM when this process dies in whatever way. Ctrl-C at the terminal does not reach
    it: stopping is the launcher's to order.
    """
    parent = os.getpid()

    def prepare() -> None:
        die_with_parent()
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    with log.open("ab") as output:
        return fork(
            command,
            prepare,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def marked(mark: str) -> Iterator[Identity]:
    """Yield every process whose environment carries `MARK=mark` (Linux)."""
    wanted = f"{MARK}={mark}".encode()
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found = identify(int(folder.name))
                if found is not None and found.pid != os.getpid():
                    yield found


def send(processes: Iterable[Identity], number: signal.Signals) -> None:
    """Send a signal to those that still run."""
    for process in processes:
        if process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)


def kill_group(leader: int) -> None:
    """Kill what is left of the process group that `leader` (a child of ours) began."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def wait_gone(processes: Iterable[Identity], timeout: float) -> list[Identity]:
    """Wait until the processes have ended; return those that still run after `timeout` seconds."""
    left = list(processes)
    deadline = time.monotonic() + timeout
    while left := [process for process in left if process.is_alive()]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return left


def end(processes: Iterable[Identity], grace: float) -> None:
    """End processes that are not ours to reap: SIGTERM, `grace` seconds, SIGKILL."""
    known = list(processes)
    send(known, signal.SIGTERM)
    left = wait_gone(known, grace)
    send(left, signal.SIGKILL)
    wait_gone(left, 5)
