"""A part that runs: its process, how it does, and when it is started again."""

import signal
import subprocess
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.health.full_disk import FullDiskWatch
from infra.local.health.liveness import Liveness
from infra.local.stack.parts import Part

FIRST_BACKOFF, LONGEST_BACKOFF = 0.1, 5.0
# On a full disk every start may fail: that is nobody's fault, and no reason to give up.
FULL_BACKOFF = 1.0
# This many ends within this time are a crash loop.
CRASHES, CRASH_WINDOW = 6, 60.0


@dataclass
class RunningPart:
    """A part and its process.

    Attributes:
        full_disk: tells of a full disk, for a part that does not get over one.
        blame: why we have killed it; empty while we have not.
        ends: when it ended by itself, in monotonic seconds.
    """

    part: Part
    log: Path
    process: subprocess.Popen[bytes]
    liveness: Liveness
    started: float
    full_disk: FullDiskWatch | None = None
    ready: bool = False
    restart_at: float | None = None
    blame: str = ""
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=CRASHES))

    def begun(self, again: "RunningPart") -> None:
        """Take over the new process, and all that watches it."""
        self.process, self.liveness, self.started = again.process, again.liveness, again.started
        self.full_disk, self.restart_at, self.blame = again.full_disk, None, ""

    def recent_ends(self, now: float) -> int:
        """Return how often it has ended by itself of late."""
        return sum(now - ended < CRASH_WINDOW for ended in self.ends)

    def how(self, code: int) -> str:
        """Return how its process ended, in words."""
        return self.blame or how(code)


def backoff(ends: int) -> float:
    """Return the seconds to wait before a start after so many ends."""
    return min(FIRST_BACKOFF * 3.0 ** max(ends - 1, 0), LONGEST_BACKOFF)


def how(code: int) -> str:
    """Return what an exit code means."""
    if code < 0:
        # No name: Python knows the first and the last of the real-time signals alone.
        name = next((f" ({one.name})" for one in signal.Signals if one == -code), "")
        return f"was killed by signal {-code}{name}"
    return f"ended with code {code}"
