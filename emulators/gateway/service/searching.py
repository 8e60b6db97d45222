"""Looks for lines in every log: of functions, of calls, and of the other parts of the system."""

import contextlib
import functools
import heapq
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from emulators.gateway.model.telling import entries
from emulators.gateway.model.telling.entries import LogEntry
from emulators.gateway.model.telling.query import LogQuery
from emulators.gateway.specs.names import DEFAULT_NAMESPACE

OLDER = ".1"
_BLOCK = 256 * 1024
_CALLS = "access.log"
_PART_LINES = 2000  # of a part's log that are read together: times pass on from line to line
Read = Callable[[str], LogEntry | None]


class Logs:
    """All logs that there are.

    Args:
        functions: Gives the files of functions' logs, by the function's name, as they are now.
        calls: The folder of the access log.
        parts: The folder of other parts' logs, `<part>.log`; None where they are kept elsewhere.
    """

    def __init__(
        self, functions: Callable[[], Mapping[str, Path]], calls: Path, parts: Path | None
    ) -> None:
        self._functions = functions
        self._calls = calls
        self._parts = parts

    def services(self) -> list[str]:
        """Return the names of all who say something."""
        return sorted({*self._functions(), *self._part_files()})

    def search(self, query: LogQuery) -> list[LogEntry]:
        """Return the entries that are looked for, the newest first."""
        sources = [self._wanted(source, query) for source in self._sources(query)]
        merged = heapq.merge(*sources, key=lambda entry: entry.time, reverse=True)
        found: list[LogEntry] = []
        for entry in merged:
            if len(found) == query.limit:
                break
            found.append(entry)
        return found

    def own(self, service: str, since: str) -> list[LogEntry]:
        """Return what a service itself said from a moment on, oldest first; calls are left out."""
        query = LogQuery(service=service, since=since, limit=1_000_000)
        own = self._sources(query, calls=False)
        return sorted(chain(*(self._wanted(one, query) for one in own)), key=lambda e: e.time)

    def _wanted(self, newest_first: Iterator[LogEntry], query: LogQuery) -> Iterator[LogEntry]:
        for entry in newest_first:
            if entry.time < query.since:
                return
            if query.takes(entry):
                yield entry

    def _sources(self, query: LogQuery, *, calls: bool = True) -> Iterator[Iterator[LogEntry]]:
        for name, path in self._functions().items():
            if query.service in ("", name):
                yield _read(path, query, functools.partial(entries.of_function, name))
        if calls:
            read = functools.partial(entries.of_call, DEFAULT_NAMESPACE)
            yield _read(self._calls / _CALLS, query, read)
        for name, path in self._part_files().items():
            if query.service in ("", name):
                yield _of_part(name, path)

    def _part_files(self) -> dict[str, Path]:
        if self._parts is None or not self._parts.is_dir():
            return {}
        return {path.stem: path for path in sorted(self._parts.glob("*.log"))}


def _read(path: Path, query: LogQuery, read: Read) -> Iterator[LogEntry]:
    for line in _backwards(path, query.may_be_in):
        entry = read(line.decode(errors="replace"))
        if entry is not None:
            yield entry


def _of_part(name: str, path: Path) -> Iterator[LogEntry]:
    """Yield a part's entries, newest first; a line without a time has that of the one before."""
    waiting: list[str] = []
    for line in _backwards(path, lambda _: True):
        waiting.append(line.decode(errors="replace"))
        head = next(entries.of_part(name, waiting[-1:]), None)
        if head is not None or len(waiting) >= _PART_LINES:
            yield from reversed(list(entries.of_part(name, waiting[::-1])))
            waiting.clear()


def _backwards(path: Path, may_be_in: Callable[[bytes], bool]) -> Iterator[bytes]:
    """Yield the lines of a log and of the older one beside it, the last first.

    A block in which nothing can be that is looked for is passed over as a whole.
    """
    for one in (path, path.with_name(path.name + OLDER)):
        with contextlib.suppress(FileNotFoundError), one.open("rb") as file:
            place, rest = file.seek(0, 2), b""
            while place > 0:
                size = min(_BLOCK, place)
                place -= size
                file.seek(place)
                block = file.read(size) + rest
                rest, line_end, whole = block.partition(b"\n")
                if not line_end:
                    continue  # all of it is the end of one line
                if may_be_in(whole):
                    lines = reversed(whole.split(b"\n"))
                    yield from (line for line in lines if line and may_be_in(line))
            if rest and may_be_in(rest):
                yield rest
