"""A change of many records: what is to be made of which, and how far it has come.

While one is under way, readers read as of the moment before it, and nobody else writes.
"""

import datetime as dt
from typing import Any, Literal

import msgspec

Phase = Literal["checking", "writing", "cancelling"]


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked for.

    Attributes:
        kind: "bulk", of the records that meet `filters` and `where`; "undo", of the change that
            made the revision `target`; "restore", of all records as they were at the revision
            `target`; "import", of the import `target`, whose own step does it.
        filters: as `filter` of a list, each.
        where: as `where` of a list.
        values: of a bulk change, what each record gets; None removes them.
    """

    kind: Literal["bulk", "undo", "restore", "import"]
    filters: list[str] = []
    where: str | None = None
    values: dict[str, Any] | None = None
    target: int | None = None

    @property
    def summary(self) -> str:
        """What is done, in a line."""
        match self.kind:
            case "undo":
                return f"Took back the change that made revision {self.target}"
            case "restore":
                return f"All records as they were at revision {self.target}"
            case "import":
                return f"Import {self.target}"
            case _:
                said = [*self.filters, *([] if self.where is None else [self.where])]
                what = "Removed" if self.values is None else f"Set {', '.join(self.values)}"
                return f"{what} where {' and '.join(said) or 'all'}"[:200]

    @property
    def undoes(self) -> int | None:
        """The revision whose change it takes back, if it does."""
        return self.target if self.kind == "undo" else None


class Changing(msgspec.Struct, kw_only=True):
    """A change that is carried out in steps, as the dataset's document keeps it.

    Attributes:
        revision: that it will make.
        by: the id of the account that asked.
        phase: all records are looked at once before the first is written: then nothing can fail.
            An import can be cancelled: then what is written is taken back.
        moment: of the store's time, just before it: readers read as of then; None until it began.
        after: how far the phase has come: a cursor of the task's plan; empty at its beginning.
        looked: at how many records, in this phase.
        records: how many it changes: all that were found while checking, then those written.
        total: how many there are to write; None while checking.
        growth: how many records more there are by what is written.
        part: the number of the next part of the log.
        failure: why it cannot be: nothing was changed, and it is not under way any more.
    """

    revision: int
    by: str
    task: Task
    phase: Phase = "checking"
    moment: Any = None
    after: str = ""
    looked: int = 0
    records: int = 0
    total: int | None = None
    growth: int = 0
    part: int = 1
    failure: str | None = None

    @property
    def is_under_way(self) -> bool:
        """Tell whether it goes on: others have to wait."""
        return self.failure is None

    def advance(self, cursor: str, looked: int, records: int) -> None:
        """Note that so many records were looked at, and so many of them are to be changed."""
        self.after = cursor
        self.looked += looked
        self.records += records

    def begin_writing(self) -> None:
        """Go over to the second phase."""
        self.total = self.records
        self.phase, self.after, self.looked, self.records = "writing", "", 0, 0


def to_fields(changing: Changing | None) -> Any:
    """Return what the dataset's document keeps of a change; times stay times."""
    return msgspec.to_builtins(changing, builtin_types=[dt.datetime])
