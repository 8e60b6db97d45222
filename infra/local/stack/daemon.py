"""A launcher in the background: started, followed until it is ready, and ended."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from infra.local.errors import LocalError
from infra.local.settings import ROOT, Settings, from_env
from infra.local.stack.runfile import Run, RunFile
from infra.local.stack.supervisor import end_leftovers
from infra.local.system import log_files
from infra.local.system.processes import die_with_parent, end, fork

LOOK_EVERY = 0.05
# The launcher itself gives its parts 20 s, twice.
STOP_TIMEOUT = 60.0


def log_file(settings: Settings) -> Path:
    """Return where a launcher in the background writes; `--fresh` does not empty it."""
    return settings.home / "launcher.log"


def start(
    settings: Settings, options: list[str], say: Callable[[str], None], *, with_parent: bool
) -> subprocess.Popen[bytes]:
    """Start a launcher in the background, and return when the stack is ready.

    Args:
        settings: of the stack.
        options: further options of `up`.
        say: gets what the launcher prints meanwhile.
        with_parent: end the stack when this process ends, in whatever way.

    Raises:
        LocalError: it ended instead; what it said has gone to `say`.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = log_file(settings)
    log_files.rotate(log)
    begin = log.stat().st_size if log.exists() else 0
    process = _spawn(settings, log, options, with_parent=with_parent)
    try:
        _follow(settings, process, log, begin, say)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.poll() is not None:
        raise LocalError("Mayfly did not start.")
    return process


def _spawn(
    settings: Settings, log: Path, options: list[str], *, with_parent: bool
) -> subprocess.Popen[bytes]:
    platform = {"MAYFLY_PLATFORM": settings.platform.name}
    with log.open("ab") as output:
        return fork(
            [sys.executable, "-m", "infra.local", "up", *options],
            die_with_parent if with_parent else lambda: None,
            cwd=ROOT,
            env=os.environ | settings.port_variables() | platform,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _follow(
    settings: Settings,
    process: subprocess.Popen[bytes],
    log: Path,
    begin: int,
    say: Callable[[str], None],
) -> None:
    """Hand on what the launcher prints until it is ready or gone."""
    last_look = False

    def more() -> bool:
        nonlocal last_look
        if last_look:
            return False
        last_look = process.poll() is not None or _is_ready(settings, process.pid)
        time.sleep(LOOK_EVERY)
        return True

    for text in log_files.follow(log, begin, more):
        say(text)


def _is_ready(settings: Settings, launcher: int) -> bool:
    run = RunFile(settings.home).read()
    return run is not None and run.state == "ready" and run.launcher.pid == launcher


def running(settings: Settings) -> Run | None:
    """Return the run whose launcher lives; None when there is none."""
    run = RunFile(settings.home).read()
    return run if run is not None and run.alive() else None


def current() -> Settings:
    """Return the settings of the stack in MAYFLY_HOME: where it runs, its own ports and platform.

    Raises:
        LocalError: a variable is wrong.
    """
    settings = from_env()
    run = running(settings)
    return settings if run is None else settings.with_ports(run.ports).with_platform(run.platform)


def stop(settings: Settings) -> bool:
    """Stop the stack, also one whose launcher is gone; tell whether there was anything."""
    run = running(settings)
    if run is not None:
        end([run.launcher], STOP_TIMEOUT)
    runfile = RunFile(settings.home)
    left = end_leftovers(settings, runfile.read())
    runfile.clear()
    return run is not None or bool(left)
