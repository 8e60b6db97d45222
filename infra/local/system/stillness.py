"""Processes that are held still for a moment, so that what they have on disk can be copied."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from infra.local.errors import LocalError
from infra.local.system.processes import PROC, Identity

PATIENCE = 5.0  # seconds: a process that waits for the disk stops when that is done
LOOK_EVERY = 0.005
# Has them go on once its input ends: when we are done, or are killed meanwhile.
_GUARD = """
import os, signal, sys
for pid in [int(line) for line in sys.stdin]:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass
"""


@contextmanager
def held(found: Callable[[], Iterable[Identity]]) -> Iterator[None]:
    """Hold processes still while the block runs; they go on whatever becomes of us.

    Args:
        found: looks which there are; again, until there is none that is not held: they may start
            others meanwhile. Those that call others come first.

    Raises:
        LocalError: one does not stand still.
    """
    guard = subprocess.Popen(
        [sys.executable, "-IS", "-c", _GUARD],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is ours
    )
    assert guard.stdin is not None
    try:
        _hold(found, guard.stdin)
        yield
    finally:
        guard.stdin.close()
        guard.wait()


def _hold(found: Callable[[], Iterable[Identity]], told: IO[str]) -> None:
    known: set[Identity] = set()
    while new := [process for process in found() if process not in known]:
        for process in new:
            told.write(f"{process.pid}\n")
            told.flush()  # first, so that it goes on even if we end here
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGSTOP)
        _wait_still(new)
        known.update(new)


def _wait_still(processes: Iterable[Identity]) -> None:
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        while process.is_alive() and not is_still(process.pid):
            if time.monotonic() > deadline:
                raise LocalError(
                    f"Process {process.pid} does not stand still.",
                    "Is the disk busy? Try again, or stop everything before: ./mayfly down",
                )
            time.sleep(LOOK_EVERY)


def is_still(pid: int) -> bool:
    """Tell whether a process stands still, with all its threads."""
    if not PROC.is_dir():
        asked = ["ps", "-o", "state=", "-p", str(pid)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        return done.stdout.strip()[:1] in {"T", ""}
    threads = (PROC / str(pid) / "task").glob("[0-9]*/stat")
    return all(_state(thread.read_text) in "TtZX" for thread in threads)


def _state(read: Callable[[], str]) -> str:
    """Return the state of a thread; X for one that is gone."""
    try:
        return read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"
