"""What the kernel keeps for a process: its end with its parent, its name, its threads."""

import ctypes
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Ask Linux to signal this process (to kill it) when its parent dies; elsewhere do nothing.

    The watched sockets bring about the same on every system (and cover a parent that died before
    this call); this also ends a process that hangs.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def adopt_orphans() -> None:
    """Ask Linux to make this process the parent of what its children's children leave behind."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def name_process(name: str) -> None:
    """Show this process as ``name`` in process lists (Linux keeps 15 bytes of it)."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def is_stopped(pid: int) -> bool:
    """Tell whether a process was stopped (SIGSTOP), as far as the kernel says."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in ("T", "t")


def thread_count() -> int:
    """Return how many threads this process has, as the kernel counts (1 where it does not say)."""
    tasks = Path("/proc/self/task")
    return sum(1 for _ in tasks.iterdir()) if tasks.is_dir() else 1
