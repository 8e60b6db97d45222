"""Keeps files of lines few, and not for ever.

A file goes only when another holds all of its lines, and a line that is in two files is one line
(its key): so there is no moment in which one is missing or double, and whoever merges at the same
time, or writes a batch again that was merged, does no harm.
"""

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from functions.kit.contract.ports import Clock
from functions.kit.contract.telemetry.hourly import HourFile, mergeable

log = structlog.get_logger()

F = TypeVar("F", bound=HourFile)

EVERY = dt.timedelta(hours=1)
CLOSED_AFTER = dt.timedelta(minutes=5)
"""How long after its end an hour counts as closed: most batches have come by then."""
SECONDS = 5.0
"""What a look may take: a sender waits for it. What is left is the next one's."""
CROWD = 60
"""Files of one hour that this replica wrote, after which it has them merged."""
_MOST_COUNTED = 1_000


class HourFiles(Protocol[F]):
    """Keeps lines in files of an hour, each whole or not at all."""

    def listed(self, prefix: str) -> Iterable[F]:
        """Return the files whose names begin so."""

    def merge(self, files: Sequence[F]) -> F:
        """Store the lines of several files of one group as one file, each line once; return it.

        The files stay. Whoever merges the same ones makes the same one.

        Raises:
            FileNotFoundError: one was merged into another.
        """

    def delete(self, file: F) -> None:
        """Remove a file; one that is not there is as good as removed."""

    def begin_upkeep(self, now: dt.datetime, every: dt.timedelta) -> bool:
        """Tell whether nobody has begun to look after the files for so long; if so, we do."""


class Upkeep(Generic[F]):
    """Looks after files.

    Args:
        what: the lines are, in a word.
        folder: what the files' names begin with.
        files: the files.
        clock: tells the time.
        keep: how long lines are kept.
    """

    def __init__(
        self, what: str, folder: str, files: HourFiles[F], clock: Clock, keep: dt.timedelta
    ) -> None:
        self._what = what
        self._folder = folder
        self._files = files
        self._clock = clock
        self._keep = keep
        self._written: Counter[Hashable] = Counter()

    def look(self) -> None:
        """Merge closed hours, and remove what is old, if it is time to; never fails."""
        try:
            if self._files.begin_upkeep(self._clock.now(), EVERY):
                self._look()
        except Exception as error:  # noqa: BLE001 - what it was done along with is done; the next one looks
            log.warning("upkeep broke off", of=self._what, error=str(error))

    def count(self, file: F, prefix: str) -> None:
        """Note that a file was written; have those of its hour merged, whose names begin so."""
        self._written[file.group] += 1
        if self._written[file.group] >= CROWD:
            del self._written[file.group]
            self.merge_below(prefix)
        if len(self._written) > _MOST_COUNTED:
            self._written.clear()

    def merge_below(self, prefix: str) -> None:
        """Make few files of those of an hour, whose names begin so; never fails."""
        try:
            self._merge(list(self._files.listed(prefix)))
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("lines not merged", of=self._what, files=prefix, error=str(error))

    def _look(self) -> None:
        now, end = self._clock.now(), self._clock.monotonic() + SECONDS
        groups: dict[Hashable, list[F]] = {}
        for file in self._files.listed(self._folder):
            if file.ends + self._keep < now:
                self._files.delete(file)
            elif file.ends + CLOSED_AFTER < now:
                groups.setdefault(file.group, []).append(file)
        for files in groups.values():
            if self._clock.monotonic() >= end:
                log.info("upkeep goes on later", of=self._what)
                return
            self._merge(files)

    def _merge(self, files: list[F]) -> None:
        for group in mergeable(files):
            try:
                merged = self._files.merge(group)
            except FileNotFoundError:
                return  # somebody else has merged them
            for file in group:
                if file != merged:
                    self._files.delete(file)
