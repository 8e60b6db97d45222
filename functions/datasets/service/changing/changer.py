"""Carries out changes of many records in steps: first all is looked at, then all is written.

Every commit holds the progress, on the condition that nobody else has come further
(`resumable_steps.py`): whoever is at it may be killed at any moment. Readers read as of the moment
before the first write until the last commit raises the revision.
"""

from collections.abc import Iterator, Sequence

import structlog

from functions.datasets.model.changing.change_views import logged
from functions.datasets.model.changing.changes import Edit, Part, parts_of
from functions.datasets.model.changing.changing import Changing, to_fields
from functions.datasets.model.dataset import Stored
from functions.datasets.service.changing.batches import Batch, batched
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.changing.plans import Stores, plan_of
from functions.datasets.service.ports import Version
from functions.datasets.service.resumable_steps import DIED, Parts, ResumableSteps
from functions.datasets.service.turns import Turn
from functions.kit.contract.errors import Invalid

log = structlog.get_logger()


class Changer(ResumableSteps):
    """Goes on with the changes of datasets of whose records many are being changed."""

    state = "changing"
    seconds = 10.0

    def __init__(self, *parts: *Parts, changes: ChangeLog) -> None:
        super().__init__(*parts)
        self._stores = Stores(self._records, changes)

    def _work(self, dataset: Stored, seen: Version, turn: Turn) -> None:
        changing = dataset.under_way
        assert changing is not None
        if changing.moment is None:
            # Nobody else has written since the change was asked for: any later moment will do.
            changing.moment = self._store.find(dataset.place).moment
            seen = self._write(dataset, changing, [], seen)
        if changing.phase == "checking":
            self._check(dataset, changing, seen, turn)
        else:
            self._change(dataset, changing, seen, turn)

    def _give_up(self, dataset: Stored, seen: Version) -> None:
        """End a change of which nothing is written; one that is half written has to end."""
        changing = dataset.under_way
        if changing is not None and changing.phase == "checking":
            changing.failure = f"{DIED} after {changing.looked:,} records; ask for less at a time."
            self._write(dataset, changing, [], seen)

    def _check(self, dataset: Stored, changing: Changing, seen: Version, turn: Turn) -> None:
        """Look at all records; how far that came is noted at the end of a turn."""
        try:
            for batch in self._batches(dataset, changing):
                changing.advance(batch.cursor, batch.looked, len(batch.edits))
                if turn.is_over():
                    break
            else:
                changing.begin_writing()
        except Invalid as error:
            log.warning("change refused", dataset="/".join(dataset.place), error=error.detail)
            changing.failure = error.detail
        self._write(dataset, changing, [], seen)

    def _change(self, dataset: Stored, changing: Changing, seen: Version, turn: Turn) -> None:
        """Write records until the turn is over or the end."""
        for batch in self._batches(dataset, changing):
            changing.advance(batch.cursor, batch.looked, len(batch.edits))
            seen = self._write(dataset, changing, batch.edits, seen)
            if turn.is_over():
                return
        self._finish(dataset, changing, seen)

    def _batches(self, dataset: Stored, changing: Changing) -> Iterator[Batch]:
        plan = plan_of(changing.task, dataset, self._stores)
        # As they are now: nobody else writes, and each is changed once, in the order of the plan.
        return batched(plan.looks(changing.after, None))

    def _write(
        self, dataset: Stored, changing: Changing, edits: Sequence[Edit], seen: Version
    ) -> Version:
        """Write some edits with their part of the log, and how far the change has come."""
        now = self._clock.now()
        parts = parts_of(logged(changing, now), edits, changing.part) if edits else []
        changing.part += len(parts)
        changing.growth += sum(edit.growth for edit in edits)
        progress = {"change": to_fields(changing), "updated_at": now}
        over = not changing.is_under_way
        return self._records.edit_batch(dataset.place, edits, progress, seen, parts, is_over=over)

    def _finish(self, dataset: Stored, changing: Changing, seen: Version) -> None:
        """Let everybody see it: the dataset is at the new revision."""
        now = self._clock.now()
        progress = {
            "change": None,
            "revision": changing.revision,
            "rows": dataset.rows + changing.growth,
            "rows_done": dataset.rows_done + changing.growth,
            "updated_at": now,
        }
        head = Part(change=logged(changing, now))
        self._records.edit_batch(dataset.place, [], progress, seen, [head], is_over=True)
