"""Many things, a batch at a time: what one commit, one group of rows or one look may hold."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(
    items: Iterable[T], size: Callable[[T], int], most_size: int, most: int | None = None
) -> Iterator[list[T]]:
    """Part items, in order, into batches.

    Args:
        items: what is parted.
        size: an item's size.
        most_size: what the items of a batch may be together; one that is larger is alone.
        most: how many a batch may hold, if that is bounded.
    """
    batch: list[T] = []
    held = 0
    for item in items:
        added = size(item)
        if batch and (len(batch) == most or held + added > most_size):
            yield batch
            batch, held = [], 0
        batch.append(item)
        held += added
    if batch:
        yield batch
