"""Whether a replica is about to end, as its closed sockets alone do not tell."""

import contextlib
import os
from pathlib import Path

from emulators.gateway.service.runtime import Instance

_EXITING = 0x4  # PF_EXITING of the kernel: set before a process's sockets are closed
_FLAGS = 6  # of the fields after the name in /proc/<pid>/stat; the first is the state


def is_gone(instance: Instance) -> bool:
    """Tell whether a replica's process has ended, or has begun to."""
    return instance.exited.done() or (instance.pid > 0 and _is_dying(instance.pid))


def _is_dying(pid: int) -> bool:
    """Tell whether it has ended, or on Linux, which alone tells, has begun to."""
    with contextlib.suppress(OSError):
        # The name, in brackets, may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return fields[0] in "ZX" or bool(int(fields[_FLAGS]) & _EXITING)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
