"""Takes batches of activity in."""

import datetime as dt
from collections import Counter

import structlog
from cachetools import FIFOCache

from functions.accounts.model.activity import Kept, kept
from functions.accounts.model.activity_files import LineFile, by_file, file_of
from functions.accounts.service.activity.ports import KeyUses, LineFiles
from functions.accounts.service.activity.upkeep import Upkeep
from functions.kit.contract.activity import Batch

log = structlog.get_logger()

USE_EVERY = dt.timedelta(minutes=1)
"""How often it is written that a key is in use."""
CROWD = 60
"""Files of one hour that this replica wrote, after which it has them merged."""
_MOST_COUNTED = 1_000


class Ingestion:
    """Keeps batches of lines.

    Args:
        files: where lines are kept.
        uses: where it is kept when keys were used.
        upkeep: keeps files few.
    """

    def __init__(self, files: LineFiles, uses: KeyUses, upkeep: Upkeep) -> None:
        self._files = files
        self._uses = uses
        self._upkeep = upkeep
        self._written: Counter[tuple[str, int]] = Counter()
        self._told: FIFOCache[str, int] = FIFOCache(_MOST_COUNTED)  # microseconds, by key

    def take(self, batch: Batch, function: str) -> None:
        """Keep a function's batch; again, however often and wherever it comes, it changes nothing.

        Raises:
            NoRoom: the bucket is full.
            Away: the bucket does not answer.
        """
        lines = kept(batch, function)
        for part in by_file(lines):
            file = file_of(part, batch.id)
            self._files.write(file, part)
            self._count(file)
        self._tell_uses(lines)
        self._upkeep.look()

    def _count(self, file: LineFile) -> None:
        place = file.workspace, file.hour
        self._written[place] += 1
        if self._written[place] >= CROWD:
            del self._written[place]
            self._upkeep.merge(*place)
        if len(self._written) > _MOST_COUNTED:
            self._written.clear()

    def _tell_uses(self, lines: list[Kept]) -> None:
        last: dict[str, int] = {}
        for line in lines:
            if line.key:
                last[line.key] = max(line.at, last.get(line.key, 0))
        every = USE_EVERY // dt.timedelta(microseconds=1)
        new = {key: at for key, at in last.items() if at >= self._told.get(key, -every) + every}
        uses = {key: dt.datetime.fromtimestamp(at / 1e6, dt.UTC) for key, at in new.items()}
        try:
            self._uses.note_used(uses, USE_EVERY)
        except Exception as error:  # noqa: BLE001 - the lines are kept; the next batch tells it again
            log.warning("uses of keys not kept", error=str(error))
        else:
            self._told.update(new)
