"""What the replicas of a function use, read from the kernel."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.replicas.pool import Replica

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Usage(msgspec.Struct, frozen=True, rename="camel"):
    """As OpenFaaS shows it.

    Attributes:
        cpu: Thousandths of a core, since the last look.
        total_memory_bytes: Resident memory; what forked replicas share is counted for each.
    """

    cpu: float
    total_memory_bytes: float


class UsageMeter:
    """Looks at replicas, and remembers when it did.

    Args:
        proc: Where the kernel tells of processes.
    """

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc
        self._looks: dict[str, tuple[float, float]] = {}  # replica: when, CPU seconds so far

    def of(self, function: Function) -> Usage | None:
        """Return what a function uses; None where the kernel does not tell."""
        replicas = [replica for scaled in function.pools() for replica in scaled.pool.replicas]
        if not self._proc.is_dir() or any(not replica.instance.pid for replica in replicas):
            return None
        looks = [look for look in map(self._look, replicas) if look is not None]
        return Usage(sum(cpu for cpu, _ in looks), float(sum(memory for _, memory in looks)))

    def keep(self, functions: Iterable[Function]) -> None:
        """Forget replicas that are gone."""
        pools = (scaled.pool for function in functions for scaled in function.pools())
        there = {replica.instance.id for pool in pools for replica in pool.replicas}
        self._looks = {name: look for name, look in self._looks.items() if name in there}

    def _look(self, replica: Replica) -> tuple[float, int] | None:
        """Return the thousandths of a core used since the last look, and the bytes."""
        folder = self._proc / str(replica.instance.pid)
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            pages = int((folder / "statm").read_text().split()[1])
        except OSError:  # it ended a moment ago
            return None
        now, spent = time.clock_gettime(time.CLOCK_BOOTTIME), sum(map(int, fields[11:13])) / _TICKS
        begun = int(fields[19]) / _TICKS
        since, before = self._looks.get(replica.instance.id, (begun, 0.0))
        self._looks[replica.instance.id] = now, spent
        return 1000 * (spent - before) / max(now - since, 1 / _TICKS), pages * _PAGE
