"""Keeps files of activity few, and not for ever."""

import datetime as dt

from functions.accounts.model.activity_files import FOLDER, LineFile
from functions.accounts.service.activity.ports import LineFiles
from functions.kit.contract.ports import Clock
from functions.kit.service import upkeep


class Upkeep(upkeep.Upkeep[LineFile]):
    """Looks after files of activity.

    Args:
        files: the files.
        clock: tells the time.
        keep: how long lines are kept.
    """

    def __init__(self, files: LineFiles, clock: Clock, keep: dt.timedelta) -> None:
        super().__init__("activity", FOLDER, files, clock, keep)
