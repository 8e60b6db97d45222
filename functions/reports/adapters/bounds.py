"""Bounds of the processes in which notebooks run and pages are set."""

import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable

MEMORY = 1536 * 1024 * 1024
"""Bytes that a process may write to. Address space says nothing here: V8, which draws the charts,
reserves much more of it than it ever uses."""
SECONDS = 180
"""Of processor time, of each process."""
LARGEST_FILE = 64 * 1024 * 1024
_PR_SET_PDEATHSIG = 1


def bound(memory: int = MEMORY, seconds: int = SECONDS) -> None:
    """Bound this process, and those that it starts; no core is dumped.

    It ends with whoever holds the other end of its standard input, too: a replica that is killed
    leaves nothing behind that goes on.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    if sys.platform == "linux":  # elsewhere it cannot be set, or counts other things
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def end_with_starter() -> Callable[[], None]:
    """Return what a process does between fork and exec so that it ends with the one it is of."""
    if sys.platform != "linux":
        return lambda: None  # Jupyter's kernel looks itself whether that is there, each second
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)  # the process of the cells ends with this one
