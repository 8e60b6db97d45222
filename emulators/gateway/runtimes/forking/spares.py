"""The spare processes that a zygote keeps: for any start, and for those of code that it knows."""

import sys
from collections.abc import Iterator
from pathlib import Path

from emulators.gateway.runtimes.forking import messages
from emulators.gateway.runtimes.forking.ahead import Ahead, code_of
from emulators.gateway.runtimes.forking.rehearsal import Rehearsal
from emulators.gateway.runtimes.forking.spare import Spare, suits


class Spares:
    """Spare processes, and how many of which kind are missing.

    Args:
        wanted: How many to keep of each kind; with 0, there are none.
        rehearsed: What they do, and of which functions they import the code.
    """

    def __init__(self, wanted: int, rehearsed: Rehearsal) -> None:
        self._wanted = wanted
        self._rehearsed = rehearsed
        self._kept: list[Spare] = []
        self._kinds: dict[str, Ahead | None] = {"": None}  # by the function's folder

    def __iter__(self) -> Iterator[Spare]:
        """Give each that is kept."""
        return iter(self._kept)

    def take(self, given: messages.Given, lifeline: int, log: int) -> int | None:
        """Make a spare the replica of a start; return its pid, None where none suits."""
        if not suits(given.start, self._rehearsed.read_once):
            return None
        code = code_of(given.start, self._rehearsed)
        self._know(given.start, code)
        for kind in (code, None):
            for one in [one for one in self._kept if one.ahead == kind]:
                self._kept.remove(one)
                if one.give(given, lifeline, log):
                    return one.pid
        return None

    def missing(self) -> Iterator[Ahead | None]:
        """Give the kind of each spare that is missing; those of known code first."""
        for kind in reversed(self._kinds.values()):
            there = sum(one.ahead == kind for one in self._kept)
            yield from [kind] * (self._wanted - there)

    def add(self, one: Spare) -> None:
        """Keep a spare."""
        self._kept.append(one)

    def drop(self, pid: int, status: int) -> None:
        """Forget a spare that has ended, and say so where nobody wanted its end."""
        for one in [one for one in self._kept if one.pid == pid]:
            sys.stderr.write(f"spare process {pid} ended unused ({status}); the next start forks\n")
            self._kept.remove(one)
            one.socket.close()

    def _know(self, start: messages.Start, code: Ahead | None) -> None:
        """Keep spares of this code from now on, and of none that the function had before."""
        if code is None:
            return
        function = Path(start.source.folder).name
        before, self._kinds[function] = self._kinds.get(function), code
        if before is None or before == code:
            return
        for one in [one for one in self._kept if one.ahead == before]:
            self._kept.remove(one)
            one.socket.close()  # which ends it
