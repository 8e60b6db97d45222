"""The log of changes in memory, for tests without Firestore."""

from collections.abc import Iterator
from itertools import islice

from functions.datasets.adapters.memory.datasets import MemoryDatabase
from functions.datasets.model.changing.changes import LoggedChange, Part, Touched, part_id
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import NotFound


class MemoryChanges:
    """A ChangeLog of one process."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def parts(self, place: Place, after: int, upto: int) -> Iterator[Part]:
        """See ChangeLog."""
        first, last = part_id(after + 1), part_id(upto + 1)
        kept = self._parts(place)
        return (kept[key] for key in sorted(kept) if first <= key < last)

    def touched(self, place: Place, after: int, upto: int) -> Iterator[Touched]:
        """See ChangeLog."""
        for part in self.parts(place, after, upto):
            change, ids = part.change, [edit.id for edit in part.edits]
            yield Touched(change.revision, part.number, change.undoes, ids, part.rows)

    def change(self, place: Place, revision: int) -> LoggedChange | None:
        """See ChangeLog."""
        found = self._parts(place).get(part_id(revision))
        return None if found is None else found.change

    def page(self, place: Place, limit: int, before: int | None) -> list[LoggedChange]:
        """See ChangeLog."""
        heads = [part.change for part in self._parts(place).values() if part.number == 0]
        newest = sorted(heads, key=lambda head: -head.revision)
        below = (head for head in newest if before is None or head.revision < before)
        return list(islice(below, limit))

    def of_record(self, place: Place, record: str) -> list[str]:
        """See ChangeLog."""
        kept = self._parts(place)
        return sorted(key for key, part in kept.items() if part.touches(record))

    def part(self, place: Place, part: str) -> Part:
        """See ChangeLog."""
        return self._parts(place)[part]

    def _parts(self, place: Place) -> dict[str, Part]:
        try:
            return self._database.entry(place).changes
        except NotFound:
            return {}
