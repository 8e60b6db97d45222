"""Runs one command again and again, within limits, and leaves nothing of it behind."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping

import msgspec

from emulators.gateway.specs.watchdog import WatchdogSettings


class Ended(msgspec.Struct, frozen=True):
    """How one run of the command went; ``late`` names the limit that ended it."""

    code: int
    output: bytes
    errors: bytes
    seconds: float
    late: str = ""


class Runner:
    """Runs the command, and remembers what runs.

    Args:
        words: The command.
        settings: Its limits, and what becomes of standard error.
    """

    def __init__(self, words: list[str], settings: WatchdogSettings) -> None:
        self._words = words
        self._settings = settings
        self._running: set[int] = set()
        self._over = False
        self._lock = threading.RLock()  # a signal's handler may take it again

    def run(self, body: bytes, env: Mapping[str, bytes]) -> Ended:
        """Run once; what it started ends with it.

        Raises:
            OSError: When it cannot be started.
        """
        if self._over:  # a quick command would be through before it could be killed
            return Ended(-signal.SIGKILL, b"", b"", 0.0)
        began = time.monotonic()
        errors = subprocess.STDOUT if self._settings.combine_output else subprocess.PIPE
        with (
            subprocess.Popen(  # noqa: S603 - that is what it is for
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=env,
                process_group=0,
            ) as process,
            self._known(process.pid),
        ):
            late, limit = self._limit()
            try:
                output, told = process.communicate(body, timeout=limit)
            except subprocess.TimeoutExpired:
                _kill(process.pid)
                return Ended(-signal.SIGKILL, b"", b"", time.monotonic() - began, late)
        return Ended(process.returncode, output, told or b"", time.monotonic() - began)

    def end_all(self) -> None:
        """Kill whatever runs, and what is about to."""
        with self._lock:
            self._over = True
            for group in self._running:
                _kill(group)

    def _limit(self) -> tuple[str, float | None]:
        limits = {
            name: limit
            for name in ("exec_timeout", "write_timeout")
            if (limit := getattr(self._settings, name))
        }
        return min(limits.items(), key=lambda item: item[1]) if limits else ("", None)

    @contextlib.contextmanager
    def _known(self, group: int) -> Iterator[None]:
        with self._lock:
            self._running.add(group)
            if self._over:
                _kill(group)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(group)
            _kill(group)


def exit_words(code: int) -> str:
    """Return an exit status in the words of the original."""
    if code > 0:
        return f"exit status {code}"
    return f"signal: {signal.strsignal(-code) or -code}".lower()


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
