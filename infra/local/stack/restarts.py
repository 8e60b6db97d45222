"""What happens to a part that dies, hangs or cannot work any more: it is started again."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from infra.local.health.probes import Health
from infra.local.stack.parts import Part
from infra.local.stack.running_part import (
    CRASH_WINDOW,
    CRASHES,
    FIRST_BACKOFF,
    FULL_BACKOFF,
    LONGEST_BACKOFF,
    RunningPart,
    backoff,
)
from infra.local.system.disk_space import has_room
from infra.local.system.processes import kill_group


class Report(Protocol):
    """Hears what happens."""

    def ready(self, part: Part, seconds: float) -> None:
        """Note that a part answers, `seconds` after it was started."""

    def died(self, part: Part, how: str, wait: float) -> None:
        """Note that a part ended, or was ended; it starts again after `wait` seconds."""


class CrashLoopError(Exception):
    """A part keeps ending by itself; the text says how."""


class Restarter:
    """Looks after parts, one look at a time; never waits.

    Args:
        home: the folder that the parts write to.
        report: hears what happens.
        begin: starts a part's process anew.
    """

    def __init__(self, home: Path, report: Report, begin: Callable[[RunningPart], None]) -> None:
        self._home = home
        self._report = report
        self._begin = begin

    def look_after(self, watched: RunningPart) -> None:
        """Look after one part.

        Raises:
            CrashLoopError: it keeps ending by itself.
        """
        now = time.monotonic()
        if watched.restart_at is not None:
            if now >= watched.restart_at:
                self._start_again(watched, now)
            return
        code = watched.process.poll()
        if code is None:
            self._listen(watched, now)
        else:
            self._ended(watched, code, now)

    def _start_again(self, watched: RunningPart, now: float) -> None:
        try:
            self._begin(watched)
        except OSError as error:  # no memory, no process ids, no space for its log
            watched.restart_at = now + LONGEST_BACKOFF
            how = f"could not be started ({error.strerror})"
            self._report.died(watched.part, how, LONGEST_BACKOFF)

    def _listen(self, watched: RunningPart, now: float) -> None:
        answer = watched.liveness.look(now)
        if answer is Health.WELL:
            self._well(watched, now)
        if watched.ready and self._needs_restart(watched, now):
            self._kill(watched, "met a full disk, which has room again")
        elif watched.liveness.hung:
            self._kill(
                watched, f"did not answer for {watched.liveness.patience:.0f} s, and was killed"
            )

    def _well(self, watched: RunningPart, now: float) -> None:
        if not watched.ready:
            watched.ready = True
            self._report.ready(watched.part, now - watched.started)

    def _needs_restart(self, watched: RunningPart, now: float) -> bool:
        met = watched.full_disk is not None and watched.full_disk.look(now)
        return met and has_room(self._home)

    def _kill(self, watched: RunningPart, why: str) -> None:
        """Kill it; that it has ended is seen at a later look. Nothing acknowledged needs more."""
        watched.blame = why
        kill_group(watched.process.pid)

    def _ended(self, watched: RunningPart, code: int, now: float) -> None:
        kill_group(watched.process.pid)
        watched.liveness.close()
        watched.ready = False
        how, wait = self._verdict(watched, watched.how(code), now)
        watched.restart_at = now + wait
        with contextlib.suppress(OSError), watched.log.open("a") as log:
            log.write(f"mayfly: {watched.part.name} {how}; starting it again in {wait:.1f} s\n")
        self._report.died(watched.part, how, wait)

    def _verdict(self, watched: RunningPart, how: str, now: float) -> tuple[str, float]:
        """Return what to say of an end, and how long to wait before the next start."""
        if not has_room(self._home):
            return f"{how}; the disk is full", FULL_BACKOFF
        if watched.blame:
            return how, FIRST_BACKOFF
        watched.ends.append(now)
        recent = watched.recent_ends(now)
        if recent >= CRASHES:
            raise CrashLoopError(f"ended {recent} times within {CRASH_WINDOW:.0f} s (last: {how})")
        return how, backoff(recent)
