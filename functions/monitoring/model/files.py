"""Names of the files of predictions and of labels.

    predictions/{workspace}/{model}/v{version}/{date}/{hour}-….parquet
    labels/{workspace}/{model}/{date}/{hour}-….parquet
    waiting-labels/{workspace}/{model}/….json

A file of labels is of the hour in which the ids of its predictions were given.
"""

import datetime as dt
from typing import NamedTuple

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.telemetry import hourly
from functions.kit.contract.telemetry.hourly import Name, hour_end, hour_name, read_name

PREDICTIONS, LABELS, WAITING = "predictions/", "labels/", "waiting-labels/"


class LogFile(NamedTuple):
    """A file of predictions, or of labels, of one hour.

    Attributes:
        folder: below which it lies, without the date.
        name: what the rest of its path tells.
    """

    folder: str
    name: Name

    @property
    def path(self) -> str:
        """Its name in the bucket."""
        return f"{self.folder}/{self.name}"

    @property
    def group(self) -> tuple[str, int]:
        """What it can be merged with."""
        return self.folder, self.name.hour

    @property
    def lines(self) -> int:
        """How many it has."""
        return self.name.lines

    @property
    def first(self) -> int:
        """Of predictions the earliest's microseconds since 1970; of labels the hour's first."""
        return self.name.first

    @property
    def last(self) -> int:
        """Of predictions the latest's microseconds since 1970; of labels when they came."""
        return self.name.last

    @property
    def ends(self) -> dt.datetime:
        """When its hour is over."""
        return hour_end(self.name.hour)

    @property
    def hour_prefix(self) -> str:
        """What the names of the files begin with that it can be merged with."""
        return f"{self.folder}/{hour_name(self.name.hour)}"

    @property
    def model(self) -> Place:
        """Whose it is."""
        _, workspace, model, *_ = self.folder.split("/")
        return Place(workspace, model)


def predictions_of(model: Place, version: int | None = None) -> str:
    """Return what the names of files of a model's predictions begin with."""
    below = "" if version is None else f"v{version}/"
    return f"{PREDICTIONS}{model.workspace}/{model.name}/{below}"


def predictions_in(workspace: str) -> str:
    """Return what the names of files of a workspace's predictions begin with."""
    return f"{PREDICTIONS}{workspace}/"


def labels_of(model: Place, hour: int | None = None) -> str:
    """Return what the names of files of a model's labels begin with; of an hour since 1970."""
    return f"{LABELS}{model.workspace}/{model.name}/{'' if hour is None else hour_name(hour)}"


def label_file(model: Place, hour: int, came_at: int, lines: int, name: str) -> LogFile:
    """Return the file of labels of predictions of one hour, that came at one time."""
    folder = f"{LABELS}{model.workspace}/{model.name}"
    return LogFile(folder, Name(hour * hourly.HOUR, came_at, lines, name))


def read_path(path: str) -> LogFile | None:
    """Return the file of this name; None when it is none of ours."""
    found = read_name(path)
    return None if found is None else LogFile(*found)
