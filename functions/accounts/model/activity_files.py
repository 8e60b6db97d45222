"""Names of files of activity: a name tells what a search must know before it opens one.

They are called `activity/{workspace}/{date}/{hour}-{first}-{last}-{lines}-{id}.parquet`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from functions.accounts.model.activity import SYSTEM, Kept
from functions.kit.contract.telemetry.hourly import HOUR, Name, hour_end, hour_name, read_name

FOLDER = "activity/"


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
        name = Name(self.first, self.last, self.lines, self.id)
        return f"{workspace_prefix(self.workspace)}{name}"

    @property
    def group(self) -> tuple[str, int]:
        """What it can be merged with."""
        return self.workspace, self.hour

    @property
    def ends(self) -> dt.datetime:
        """When its hour is over."""
        return hour_end(self.hour)


def workspace_prefix(workspace: str | None) -> str:
    """Return what the names of a workspace's files begin with; of all files for None."""
    return FOLDER if workspace is None else f"{FOLDER}{workspace or SYSTEM}/"


def hour_prefix(workspace: str, hour: int) -> str:
    """Return what the names of the files of an hour begin with."""
    return f"{workspace_prefix(workspace)}{hour_name(hour)}"


def read_path(path: str) -> LineFile | None:
    """Return the file of this name; None when it is none of ours."""
    found = read_name(path)
    if found is None or not found[0].startswith(FOLDER) or found[0].count("/") != 1:
        return None
    folder, name = found
    return LineFile(folder.removeprefix(FOLDER), name.hour, *name)


def file_of(lines: Sequence[Kept], name: str) -> LineFile:
    """Return the file that lines of one workspace and one hour are to be in."""
    times = [line.at for line in lines]
    first, last = min(times), max(times)
    workspace = lines[0].workspace or SYSTEM
    return LineFile(workspace, first // HOUR, first, last, len(lines), name)


def by_file(lines: Iterable[Kept]) -> list[list[Kept]]:
    """Part lines into those of each file: by workspace and hour."""
    parts: dict[tuple[str, int], list[Kept]] = {}
    for line in lines:
        parts.setdefault((line.workspace, line.at // HOUR), []).append(line)
    return list(parts.values())
