"""What became of a table, in words: its log of changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.client.table_schemas import Change

FIRST = 1  # the revision of the first import: there is nothing before it
SYSTEM = "Mayfly"
_RECORD = re.compile(r"\b([Rr])ecord 0*(\d+)\b")
_RECORDS = re.compile(r"\brecord(s?)\b")
_COMPARED = {"==": " is ", "!=": " is not "}


@dataclass(frozen=True)
class Entry:
    """One line of the history.

    Attributes:
        change: as the function tells it.
        who: made it.
        what: was done.
        taken_back: a later change took it back.
        last: nothing came after it.
    """

    change: Change
    who: str
    what: str
    taken_back: bool
    last: bool

    @property
    def can_undo(self) -> bool:
        """Whether it can be taken back, as far as its own line tells."""
        return self.change.revision > FIRST and not self.taken_back

    @property
    def can_restore(self) -> bool:
        """Whether the rows can be had as they were then: as the last they are so already."""
        return not self.last


def entries(changes: Sequence[Change], names: Mapping[str, str], revision: int) -> list[Entry]:
    """Return the lines of a page of the history.

    Args:
        changes: the newest first.
        names: of people, by their accounts.
        revision: the table's own.
    """
    gone = {one.undoes for one in changes if one.undoes is not None}
    return [
        Entry(
            change=one,
            who=who(one, names),
            what=sentence(one.summary),
            taken_back=one.revision in gone,
            last=one.revision == revision,
        )
        for one in changes
    ]


def who(change: Change, names: Mapping[str, str]) -> str:
    """Return who made a change: one who has left is known by the account alone."""
    return names.get(change.by, change.by) if change.by else SYSTEM


def sentence(summary: str) -> str:
    """Write a summary of the function in the words of the pages: records are rows there."""
    text = _RECORD.sub(lambda found: f"{'Row' if found[1] == 'R' else 'row'} {found[2]}", summary)
    text = _RECORDS.sub(r"row\1", text)
    for sign, words in _COMPARED.items():
        text = text.replace(sign, words)
    return text
