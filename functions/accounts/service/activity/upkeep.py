"""Keeps files of activity few, and not for ever.

A file goes only when another holds all of its lines, and a line that is in two files is one line
(`Key`): so there is no moment in which one is missing or double, and whoever merges at the same
time, or writes a batch again that was merged, does no harm.
"""

import datetime as dt

import structlog

from functions.accounts.model.activity_files import (
    FOLDER,
    LineFile,
    hour_prefix,
    mergeable,
)
from functions.accounts.service.activity.ports import LineFiles
from functions.kit.contract.ports import Clock

log = structlog.get_logger()

EVERY = dt.timedelta(hours=1)
CLOSED_AFTER = dt.timedelta(minutes=5)
"""How long after its end an hour counts as closed: most batches have come by then."""
SECONDS = 5.0
"""What a look may take: a sender waits for it. What is left is the next one's."""


class Upkeep:
    """Looks after files of activity.

    Args:
        files: the files.
        clock: tells the time.
        keep: how long lines are kept.
    """

    def __init__(self, files: LineFiles, clock: Clock, keep: dt.timedelta) -> None:
        self._files = files
        self._clock = clock
        self._keep = keep

    def look(self) -> None:
        """Merge closed hours, and remove what is old, if it is time to; never fails."""
        try:
            if self._files.begin_upkeep(self._clock.now(), EVERY):
                self._look()
        except Exception as error:  # noqa: BLE001 - what it was done along with is done; the next one looks
            log.warning("upkeep of activity broke off", error=str(error))

    def merge(self, workspace: str, hour: int) -> None:
        """Make few files of an hour's; never fails."""
        try:
            self._merge(list(self._files.listed(hour_prefix(workspace, hour))))
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("activity not merged", hour=hour, error=str(error))

    def _look(self) -> None:
        now, end = self._clock.now(), self._clock.monotonic() + SECONDS
        hours: dict[tuple[str, int], list[LineFile]] = {}
        for file in self._files.listed(FOLDER):
            if file.ends + self._keep < now:
                self._files.delete(file)
            elif file.ends + CLOSED_AFTER < now:
                hours.setdefault((file.workspace, file.hour), []).append(file)
        for files in hours.values():
            if self._clock.monotonic() >= end:
                log.info("upkeep of activity goes on later")
                return
            self._merge(files)

    def _merge(self, files: list[LineFile]) -> None:
        for group in mergeable(files):
            try:
                merged = self._files.merge(group)
            except FileNotFoundError:
                return  # somebody else has merged them
            for file in group:
                if file != merged:
                    self._files.delete(file)
