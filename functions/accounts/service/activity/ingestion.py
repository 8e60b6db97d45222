"""Takes batches of activity in."""

import datetime as dt

import structlog
from cachetools import FIFOCache

from functions.accounts.model.activity import Kept, kept
from functions.accounts.model.activity_files import by_file, file_of, hour_prefix
from functions.accounts.service.activity.ports import KeyUses, LineFiles
from functions.accounts.service.activity.upkeep import Upkeep
from functions.kit.contract.telemetry.activity import Batch

log = structlog.get_logger()

USE_EVERY = dt.timedelta(minutes=1)
"""How often it is written that a key is in use."""
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
            self._upkeep.count(file, hour_prefix(*file.group))
        self._tell_uses(lines)
        self._upkeep.look()

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
