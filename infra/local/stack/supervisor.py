"""Watches the parts: starts them, waits until they are ready, restarts those that die."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from infra.local.errors import LocalError
from infra.local.health.full_disk import FullDiskWatch
from infra.local.health.liveness import Liveness
from infra.local.settings import ROOT, Settings
from infra.local.stack import restarts
from infra.local.stack.parts import Part
from infra.local.stack.restarts import CrashLoopError, Restarter
from infra.local.stack.runfile import Run, RunFile, State
from infra.local.stack.running_part import RunningPart, how
from infra.local.system import log_files
from infra.local.system.processes import (
    Identity,
    end,
    identify,
    kill_group,
    marked,
    spawn,
)

READY_TIMEOUT = 90.0
PROBE_EVERY = 0.02
WATCH_EVERY = 0.1
GRACE = 20.0
# Parts that call others stop first, while those still answer.
STOP_ORDER = (("web", "gateway"), ("nats", "storage", "firestore"))


class Report(restarts.Report, Protocol):
    """Hears what happens."""

    def waiting(self, parts: Iterable[str]) -> None:
        """Note that these parts are not ready yet."""


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
        self._run = Run(launcher, ports=settings.port_numbers(), platform=settings.platform.name)
        self._noted = True
        self._watched: dict[str, RunningPart] = {}
        self._restarter = Restarter(settings.home, report, self._start_again)

    def note(self, state: State) -> None:
        """Write down the state of the run."""
        self._run.state = state
        self._write()

    def _write(self) -> None:
        """Write the run down; where a full disk does not take it, at a later look."""
        try:
            self._runfile.write(self._run)
        except OSError:
            self._noted = False
        else:
            self._noted = True

    def start(self, part: Part) -> None:
        """Start a part; `wait_ready` waits for it."""
        log = self._settings.logs / f"{part.name}.log"
        log_files.rotate(log)
        self._watched[part.name] = self._begin(part, log)

    def _start_again(self, watched: RunningPart) -> None:
        watched.begun(self._begin(watched.part, watched.log))

    def _begin(self, part: Part, log: Path) -> RunningPart:
        liveness = Liveness(part.probe, self._settings.hung_after)
        full_disk = (
            FullDiskWatch(self._settings.home, log) if part.restart_after_full_disk else None
        )
        return RunningPart(part, log, self._spawn(part, log), liveness, time.monotonic(), full_disk)

    def _spawn(self, part: Part, log: Path) -> subprocess.Popen[bytes]:
        process = spawn(part.command, ROOT, part.env, log)
        found = identify(process.pid)
        if found is not None:
            self._run.parts[part.name] = found
            self._write()
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

    def _check(self, watched: RunningPart) -> bool:
        if watched.ready:
            return True
        code = watched.process.poll()
        if code is not None:
            raise self._failed(watched, f"{how(code)} while starting")
        watched.ready = watched.part.is_ready()
        if watched.ready:
            watched.liveness.confirm()
            self._report.ready(watched.part, time.monotonic() - watched.started)
        return watched.ready

    def _failed(self, watched: RunningPart, what: str) -> LocalError:
        tail = log_files.tail(watched.log, 15)
        return LocalError(
            f"{watched.part.name} {what}. The end of {watched.log}:\n{tail}",
            log_files.remedy(tail),
        )

    def watch(self, each: Callable[[], bool]) -> None:
        """Keep the parts running until `each`, called about ten times a second, returns False.

        Raises:
            LocalError: a part is in a crash loop.
        """
        while each():
            for watched in self._watched.values():
                try:
                    self._restarter.look_after(watched)
                except CrashLoopError as error:
                    raise self._failed(watched, str(error)) from error
            if not self._noted:
                self._write()
            time.sleep(WATCH_EVERY)

    def stop(self) -> None:
        """Stop everything in order, and leave no process behind."""
        self.note("stopping")
        for wave in STOP_ORDER:
            self._stop_wave([self._watched[name] for name in wave if name in self._watched])
        end(list(marked(str(self._settings.home))), grace=0.5)
        self._runfile.clear()

    def _stop_wave(self, wave: list[RunningPart]) -> None:
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


def end_leftovers(settings: Settings, run: Run | None) -> list[Identity]:
    """End what a launcher that is gone has left; return what was found."""
    noted = [] if run is None else [part for part in run.parts.values() if part.is_alive()]
    found = list({*noted, *marked(str(settings.home))})
    end(found, GRACE)
    # A group's leader may be gone before its members, which carry the mark.
    end(list(marked(str(settings.home))), grace=0.5)
    return found
