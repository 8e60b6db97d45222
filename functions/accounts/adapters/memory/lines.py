"""Files of activity in memory, for tests without a bucket."""

import datetime as dt
from collections.abc import Sequence

from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import LineFile, file_of
from functions.kit.contract.errors import no_room


class MemoryLines:
    """LineFiles of one process.

    Attributes:
        stored: the lines of each file.
        is_full: it refuses to store anything more.
    """

    def __init__(self) -> None:
        self.stored: dict[LineFile, list[Kept]] = {}
        self.is_full = False
        self._looked_at: dt.datetime | None = None

    def write(self, file: LineFile, lines: Sequence[Kept]) -> None:
        """See LineFiles."""
        if self.is_full:
            raise no_room("The bucket is full.")
        self.stored[file] = sorted(lines, key=lambda line: line.order, reverse=True)

    def listed(self, prefix: str) -> list[LineFile]:
        """See LineFiles."""
        return [file for file in sorted(self.stored) if file.path.startswith(prefix)]

    def read(self, file: LineFile, filters: Filters, before: Key | None, most: int) -> list[Kept]:
        """See LineFiles."""
        found = [
            line
            for line in self._lines(file)
            if _is_meant(line, filters) and (before is None or line.order < before)
        ]
        return found[:most]

    def merge(self, files: Sequence[LineFile]) -> LineFile:
        """See LineFiles."""
        each = {line.order: line for file in files for line in self._lines(file)}
        name = "".join(sorted(file.id for file in files))
        merged = file_of(list(each.values()), name)
        self.write(merged, list(each.values()))
        return merged

    def delete(self, file: LineFile) -> None:
        """See LineFiles."""
        self.stored.pop(file, None)

    def begin_upkeep(self, now: dt.datetime, every: dt.timedelta) -> bool:
        """See LineFiles."""
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + every:
            return False
        self._looked_at = now
        return True

    def _lines(self, file: LineFile) -> list[Kept]:
        if file not in self.stored:
            raise FileNotFoundError(file.path)
        return self.stored[file]


def _is_meant(line: Kept, filters: Filters) -> bool:
    first, last = filters.statuses or (0, line.status)
    return (
        all(getattr(line, name) == value for name, value in filters.exact)
        and filters.key in {None, line.key, line.last_four}
        and first <= line.status <= last
        and (filters.since is None or line.at >= filters.since)
        and (filters.until is None or line.at < filters.until)
    )
