"""Files of lines by the hour, in a bucket; what is in them is their keeper's affair."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from functions.kit.contract.ports import Bucket
from functions.kit.contract.telemetry.hourly import HourFile


class NamedFile(HourFile, Protocol):
    """One that has a name in the bucket."""

    @property
    def path(self) -> str:
        """Its name."""


F = TypeVar("F", bound=NamedFile)


class HourlyFiles(Generic[F]):
    """What `service/upkeep` needs of a bucket, but for `merge`.

    Args:
        bucket: where the files are.
        folder: what their names begin with.
        read_path: name → file; None for one that is none of these.
    """

    def __init__(self, bucket: Bucket, folder: str, read_path: Callable[[str], F | None]) -> None:
        self._bucket = bucket
        self._mark = f"{folder}upkeep"  # the file that says since when the others are looked after
        self._read_path = read_path

    def listed(self, prefix: str) -> Iterator[F]:
        """Return the files whose names begin so."""
        for path, _ in self._bucket.listed(prefix):
            file = self._read_path(path)
            if file is not None:
                yield file

    def delete(self, file: F) -> None:
        """Remove a file; one that is not there is as good as removed."""
        self._bucket.delete(file.path)

    def begin_upkeep(self, now: dt.datetime, every: dt.timedelta) -> bool:
        """Tell whether nobody has begun to look after the files for so long; if so, we do.

        Two who ask at the same moment may both do.
        """
        try:
            last = dt.datetime.fromisoformat(self._bucket.read(self._mark).decode())
        except FileNotFoundError:
            last = now - every
        if last <= now < last + every:
            return False
        self._bucket.write(self._mark, now.isoformat().encode(), "text/plain")
        return True
