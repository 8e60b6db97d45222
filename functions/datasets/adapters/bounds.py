"""Bounds of processes that read what strangers wrote: the kernel ends those that take more."""

import resource
import sys

MEMORY = 1536 * 1024 * 1024
"""Bytes of address space."""


def bound(seconds: int) -> None:
    """Bound this process to MEMORY, and to so many seconds of processor time; no core is dumped."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    if sys.platform == "linux":  # elsewhere it cannot be set, or counts other things
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
