"""What the services of activity need of the world.

Adapters give it, and doubles in memory do; the same tests run over both
(`tests/integration/functions/ports`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import LineFile
from functions.kit.contract.activity import Batch


class LineFiles(Protocol):
    """Keeps lines in files, each whole or not at all."""

    def write(self, file: LineFile, lines: Sequence[Kept]) -> None:
        """Store lines, whatever their order; again what is there already changes nothing."""

    def listed(self, prefix: str) -> Iterable[LineFile]:
        """Return the files whose names begin so."""

    def read(self, file: LineFile, filters: Filters, before: Key | None, most: int) -> list[Kept]:
        """Return the newest lines of a file that are meant and older than `before`, newest first.

        Raises:
            FileNotFoundError: it was merged into another.
        """

    def merge(self, files: Sequence[LineFile]) -> LineFile:
        """Store the lines of several files of one hour as one file, each line once; return it.

        The files stay. Whoever merges the same ones makes the same one.

        Raises:
            FileNotFoundError: one was merged into another.
        """

    def delete(self, file: LineFile) -> None:
        """Remove a file; one that is not there is as good as removed."""

    def begin_upkeep(self, now: dt.datetime, every: dt.timedelta) -> bool:
        """Tell whether nobody has begun to look after the files for so long; if so, we do."""


class UntoldBatches(Protocol):
    """Batches that functions put aside, in files of several."""

    def waiting(self) -> Iterable[str]:
        """Return the names of the files."""

    def read(self, name: str) -> tuple[str, list[Batch]]:
        """Return whose batches a file has, and them.

        Raises:
            FileNotFoundError: somebody else has taken them in.
            Invalid: it cannot be read.
        """

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is as good as removed."""


class KeyUses(Protocol):
    """Keeps when API keys were last used."""

    def note_used(self, uses: Mapping[str, dt.datetime], every: dt.timedelta) -> None:
        """Note when keys were used last, by id.

        A time that is not later by `every` at least than what is kept is left out, and so is a key
        that is no more.
        """
