"""Names of files of activity: a name tells what a search must know before it opens one.

They are called `activity/{workspace}/{date}/{hour}-{first}-{last}-{lines}-{id}.parquet`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from functions.accounts.model.activity import SYSTEM, Kept

FOLDER = "activity/"
FULL = 50_000
"""Lines from which on a file is left as it is; so many are held in memory."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_HOUR = 3_600_000_000
_SUFFIX = ".parquet"


class LineFile(NamedTuple):
    """A file of lines of one workspace and one hour.

    Attributes:
        workspace: SYSTEM for what belongs to none.
        hour: hours since 1970.
        first, last: the earliest and the latest line's microseconds since 1970.
        lines: how many.
        id: a batch's, or made from what was merged.
    """

    workspace: str
    hour: int
    first: int
    last: int
    lines: int
    id: str

    @property
    def path(self) -> str:
        """Its name in the bucket."""
        place = f"{hour_prefix(self.workspace, self.hour)}{self.first}-{self.last}"
        return f"{place}-{self.lines}-{self.id}{_SUFFIX}"

    @property
    def ends(self) -> dt.datetime:
        """When its hour is over."""
        return _EPOCH + dt.timedelta(hours=self.hour + 1)


def workspace_prefix(workspace: str | None) -> str:
    """Return what the names of a workspace's files begin with; of all files for None."""
    return FOLDER if workspace is None else f"{FOLDER}{workspace or SYSTEM}/"


def hour_prefix(workspace: str, hour: int) -> str:
    """Return what the names of the files of an hour begin with."""
    begins = _EPOCH + dt.timedelta(hours=hour)
    return f"{workspace_prefix(workspace)}{begins:%Y-%m-%d/%H}-"


def read_path(path: str) -> LineFile | None:
    """Return the file of this name; None when it is none of ours."""
    parts = path.removesuffix(_SUFFIX).split("/")
    if len(parts) != 4 or not path.endswith(_SUFFIX):
        return None
    _, workspace, _, name = parts
    fields = name.split("-")
    if len(fields) != 5 or not all(field.isdecimal() for field in fields[:4]):
        return None
    _, first, last, lines = map(int, fields[:4])
    return LineFile(workspace, first // _HOUR, first, last, lines, fields[4])


def file_of(lines: Sequence[Kept], name: str) -> LineFile:
    """Return the file that lines of one workspace and one hour are to be in."""
    times = [line.at for line in lines]
    first, last = min(times), max(times)
    workspace = lines[0].workspace or SYSTEM
    return LineFile(workspace, first // _HOUR, first, last, len(lines), name)


def by_file(lines: Iterable[Kept]) -> list[list[Kept]]:
    """Part lines into those of each file: by workspace and hour."""
    parts: dict[tuple[str, int], list[Kept]] = {}
    for line in lines:
        parts.setdefault((line.workspace, line.at // _HOUR), []).append(line)
    return list(parts.values())


def mergeable(files: Iterable[LineFile]) -> list[list[LineFile]]:
    """Return which files of an hour are to become one each: the earlier first, up to FULL lines."""
    groups: list[list[LineFile]] = []
    for file in sorted(one for one in files if one.lines < FULL):
        if groups and sum(one.lines for one in groups[-1]) + file.lines <= FULL:
            groups[-1].append(file)
        else:
            groups.append([file])
    return [group for group in groups if len(group) > 1]
