"""What the services need of the log of changes; `Change.log` and `import_batch` write it."""

from collections.abc import Iterator
from typing import Protocol

from functions.datasets.model.changing.changes import LoggedChange, Part, Touched
from functions.kit.contract.access.workspaces import Place


class ChangeLog(Protocol):
    """Reads the log of a dataset's changes.

    Parts of a revision that is newer than the dataset's are of a change that is under way: do not
    ask for them, and pass over them in `of_record`.
    """

    def parts(self, place: Place, after: int, upto: int) -> Iterator[Part]:
        """Yield the parts of the revisions `after` < revision <= `upto`, oldest first."""

    def touched(self, place: Place, after: int, upto: int) -> Iterator[Touched]:
        """Yield which records the parts are of, as `parts` would."""

    def change(self, place: Place, revision: int) -> LoggedChange | None:
        """Return the change that made a revision, if it was logged."""

    def page(self, place: Place, limit: int, before: int | None) -> list[LoggedChange]:
        """Return changes of revisions below `before`, newest first."""

    def of_record(self, place: Place, record: str) -> list[str]:
        """Return the ids of the parts that are of a record, oldest first; see `part_id`."""

    def part(self, place: Place, part: str) -> Part:
        """Return a part by its id."""
