"""Files of what happens, by hours: a name tells what a search must know before it opens one.

They are called `…/{date}/{hour}-{first}-{last}-{lines}-{id}.parquet`. Whoever keeps lines so needs
no document that says which files count: a line has a key, and one that is in two files is one
line (ADR 31).
"""

import datetime as dt
from collections.abc import Hashable, Iterable
from typing import NamedTuple, Protocol, TypeVar

FULL = 50_000
"""Lines from which on a file is left as it is; so many are held in memory."""
HOUR = 3_600_000_000
"""Microseconds."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SUFFIX = ".parquet"


class HourFile(Protocol):
    """A file of lines of one hour."""

    @property
    def group(self) -> Hashable:
        """What it can be merged with: the files of the same."""

    @property
    def lines(self) -> int:
        """How many it has."""

    @property
    def first(self) -> int:
        """The earliest line's microseconds since 1970."""

    @property
    def last(self) -> int:
        """The latest line's."""

    @property
    def ends(self) -> dt.datetime:
        """When its hour is over."""


F = TypeVar("F", bound=HourFile)


class Name(NamedTuple):
    """What the last part of a file's name tells; `first` and `last` in microseconds since 1970."""

    first: int
    last: int
    lines: int
    id: str

    @property
    def hour(self) -> int:
        """Hours since 1970."""
        return self.first // HOUR

    def __str__(self) -> str:
        return f"{hour_name(self.hour)}{self.first}-{self.last}-{self.lines}-{self.id}{SUFFIX}"


def hour_name(hour: int) -> str:
    """Return what the names of the files of an hour begin with, below their folder."""
    return f"{EPOCH + dt.timedelta(hours=hour):%Y-%m-%d/%H}-"


def hour_end(hour: int) -> dt.datetime:
    """Return when an hour is over."""
    return EPOCH + dt.timedelta(hours=hour + 1)


def read_name(path: str) -> tuple[str, Name] | None:
    """Return the folder in which a file lies (without `/`), and its name; None if it is none."""
    folder, _, rest = path.removesuffix(SUFFIX).rpartition("/")
    folder, _, _date = folder.rpartition("/")
    fields = rest.split("-")
    if not path.endswith(SUFFIX) or not folder or len(fields) != 5:
        return None
    if not all(field.isdecimal() for field in fields[:4]):
        return None
    _, first, last, lines = map(int, fields[:4])
    return folder, Name(first, last, lines, fields[4])


def mergeable(files: Iterable[F]) -> list[list[F]]:
    """Return which files of an hour are to become one each: the earlier first, up to FULL lines."""
    groups: list[list[F]] = []
    for file in sorted((one for one in files if one.lines < FULL), key=lambda one: one.first):
        if groups and sum(one.lines for one in groups[-1]) + file.lines <= FULL:
            groups[-1].append(file)
        else:
            groups.append([file])
    return [group for group in groups if len(group) > 1]


def microseconds(at: dt.datetime) -> int:
    """Return a time as lines have it; one without a zone is UTC."""
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return (aware - EPOCH) // dt.timedelta(microseconds=1)


def moment(at: int) -> dt.datetime:
    """Return the time of so many microseconds since 1970."""
    return EPOCH + dt.timedelta(microseconds=at)
