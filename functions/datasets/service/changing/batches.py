"""What a plan says, in batches that fit one commit."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from functions.datasets.model.changing.changes import Edit, encoded
from functions.datasets.service.changing.plans import Look

# A commit takes 500 writes: these, their parts of the log, the dataset and its step.
EDITS = 450
# Firestore takes requests of 10 MiB: these are bytes of the log, the records are as many at most.
BYTES = 4 * 1024 * 1024
# Looks after which it is noted how far a change has come, though nothing is to be written.
LOOKS = 5_000


class Batch(NamedTuple):
    """Some looks: where to go on after them, how many they are, and what is to be written."""

    cursor: str
    looked: int
    edits: list[Edit]


def batched(looks: Iterable[Look]) -> Iterator[Batch]:
    """Yield the looks in batches; all but the last may be full."""
    cursor, looked, size = "", 0, 0
    edits: list[Edit] = []
    for look in looks:
        length = 0 if look.edit is None else len(encoded([look.edit]))
        if looked == LOOKS or len(edits) == EDITS or (edits and size + length > BYTES):
            yield Batch(cursor, looked, edits)
            looked, size, edits = 0, 0, []
        cursor, looked, size = look.cursor, looked + 1, size + length
        if look.edit is not None:
            edits.append(look.edit)
    if looked:
        yield Batch(cursor, looked, edits)
