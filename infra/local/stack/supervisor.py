"""Watches the parts: starts them, waits until they are ready, restarts those that die."""

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from infra.local.errors import LocalError
from infra.local.settings import ROOT, Settings
from infra.local.stack import logs
from infra.local.stack.parts import Part
from infra.local.stack.processes import (
    Identity,
    end,
    identify,
    kill_group,
    marked,
    spawn,
)
from infra.local.stack.runfile import Run, RunFile, State

READY_TIMEOUT = 90.0
PROBE_EVERY = 0.02
WATCH_EVERY = 0.1
FIRST_BACKOFF, LONGEST_BACKOFF = 0.1, 5.0
# This many ends within this time are a crash loop.
CRASHES, CRASH_WINDOW = 6, 60.0
GRACE = 20.0
# Parts that call others stop first, while those still answer.
STOP_ORDER = (("web", "gateway"), ("nats", "storage", "firestore"))


class Report(Protocol):
    """Hears what happens."""

    def ready(self, part: Part, seconds: float) -> None:
        """A part answers, `seconds` after it was started."""

    def died(self, part: Part, how: str, wait: float) -> None:
        """A part ended by itself; it starts again after `wait` seconds."""

    def waiting(self, parts: Iterable[str]) -> None:
        """These parts are not ready yet."""


@dataclass
class Watched:
    """A part and its process."""

    part: Part
    log: Path
    process: subprocess.Popen[bytes]
    started: float
    ready: bool = False
    restart_at: float | None = None
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=CRASHES))


class Supervisor:
    """Owns the processes of one stack.

    Args:
        settings: where logs and marks go.
        runfile: is told every process id at once, so that nothing is ever lost from sight.
        report: hears what happens.
    """

    def __init__(self, settings: Settings, runfile: RunFile, report: Report) -> None:
        launcher = identify(os.getpid())
        assert launcher is not None
        self._settings = settings
        self._runfile = runfile
        self._report = report
        self._run = Run(launcher)
        self._watched: dict[str, Watched] = {}

    def note(self, state: State) -> None:
        """Write down the state of the run."""
        self._run.state = state
        self._runfile.write(self._run)

    def start(self, part: Part) -> None:
        """Start a part; `wait_ready` waits for it."""
        log = self._settings.logs / f"{part.name}.log"
        logs.rotate(log)
        process = self._spawn(part, log)
        self._watched[part.name] = Watched(part, log, process, time.monotonic())

    def _spawn(self, part: Part, log: Path) -> subprocess.Popen[bytes]:
        process = spawn(part.command, ROOT, part.env, log)
        found = identify(process.pid)
        if found is not None:
            self._run.parts[part.name] = found
            self._runfile.write(self._run)
        return process

    def wait_ready(self, *names: str) -> None:
        """Wait until the named parts answer.

        Raises:
            LocalError: one ended, or did not answer in time.
        """
        deadline = time.monotonic() + READY_TIMEOUT
        while pending := [name for name in names if not self._check(self._watched[name])]:
            self._report.waiting(pending)
            if time.monotonic() > deadline:
                raise LocalError(
                    f"{', '.join(pending)} did not answer within {READY_TIMEOUT:.0f} s.",
                    f"See {self._watched[pending[0]].log}",
                )
            time.sleep(PROBE_EVERY)

    def _check(self, watched: Watched) -> bool:
        if watched.ready:
            return True
        code = watched.process.poll()
        if code is not None:
            raise self._failed(watched, f"{_how(code)} while starting")
        watched.ready = watched.part.is_ready()
        if watched.ready:
            self._report.ready(watched.part, time.monotonic() - watched.started)
        return watched.ready

    def _failed(self, watched: Watched, what: str) -> LocalError:
        tail = logs.tail(watched.log, 15)
        return LocalError(
            f"{watched.part.name} {what}. The end of {watched.log}:\n{tail}",
            logs.remedy(tail),
        )

    def watch(self, each: Callable[[], bool]) -> None:
        """Keep the parts running until `each`, called about ten times a second, returns False.

        Raises:
            LocalError: a part is in a crash loop.
        """
        while each():
            for watched in self._watched.values():
                self._mend(watched)
            time.sleep(WATCH_EVERY)

    def _mend(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.restart_at is not None:
            if now >= watched.restart_at:
                watched.restart_at = None
                watched.started = now
                watched.process = self._spawn(watched.part, watched.log)
            return
        code = watched.process.poll()
        if code is not None:
            self._ended(watched, code, now)
        elif not watched.ready and watched.part.is_ready():
            watched.ready = True
            self._report.ready(watched.part, now - watched.started)

    def _ended(self, watched: Watched, code: int, now: float) -> None:
        kill_group(watched.process.pid)
        watched.ready = False
        watched.ends.append(now)
        recent = [ended for ended in watched.ends if now - ended < CRASH_WINDOW]
        if len(recent) >= CRASHES:
            what = f"ended {len(recent)} times within {CRASH_WINDOW:.0f} s (last: {_how(code)})"
            raise self._failed(watched, what)
        wait = min(FIRST_BACKOFF * 3 ** (len(recent) - 1), LONGEST_BACKOFF)
        watched.restart_at = now + wait
        self._report.died(watched.part, _how(code), wait)

    def stop(self) -> None:
        """Stop everything in order, and leave no process behind."""
        with contextlib.suppress(OSError):  # a full disk must not keep us from stopping
            self.note("stopping")
        for wave in STOP_ORDER:
            self._stop_wave([self._watched[name] for name in wave if name in self._watched])
        end(list(marked(str(self._settings.home))), grace=0.5)
        self._runfile.clear()

    def _stop_wave(self, wave: list[Watched]) -> None:
        for watched in wave:
            if watched.process.poll() is None:
                watched.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for watched in wave:
            try:
                watched.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                watched.process.kill()
                watched.process.wait()
            kill_group(watched.process.pid)


def _how(code: int) -> str:
    if code < 0:
        return f"was killed by signal {-code} ({signal.Signals(-code).name})"
    return f"ended with code {code}"


def end_leftovers(settings: Settings, run: Run | None) -> list[Identity]:
    """End what a launcher that is gone has left; return what was found."""
    noted = [] if run is None else [part for part in run.parts.values() if part.is_alive()]
    found = list({*noted, *marked(str(settings.home))})
    end(found, GRACE)
    # A group's leader may be gone before its members, which carry the mark.
    end(list(marked(str(settings.home))), grace=0.5)
    return found
