"""What the services of activity need of the world.

Adapters give it, and doubles in memory do; the same tests run over both
(`tests/integration/functions/ports`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Protocol

from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import LineFile
from functions.kit.service.upkeep import HourFiles


class LineFiles(HourFiles[LineFile], Protocol):
    """Keeps lines in files, each whole or not at all."""

    def write(self, file: LineFile, lines: Sequence[Kept]) -> None:
        """Store lines, whatever their order; again what is there already changes nothing."""

    def read(self, file: LineFile, filters: Filters, before: Key | None, most: int) -> list[Kept]:
        """Return the newest lines of a file that are meant and older than `before`, newest first.

        Raises:
            FileNotFoundError: it was merged into another.
        """


class KeyUses(Protocol):
    """Keeps when API keys were last used."""

    def note_used(self, uses: Mapping[str, dt.datetime], every: dt.timedelta) -> None:
        """Note when keys were used last, by id.

        A time that is not later by `every` at least than what is kept is left out, and so is a key
        that is no more.
        """
