"""The rows of one revision as blocks of Arrow: lists, counts, and the next revision's table."""

import functools
import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from functions.datasets.adapters.tables.blocks import Block, batches_of, first_of, order_of
from functions.datasets.adapters.tables.recasting import conformed
from functions.datasets.adapters.tables.records import batch_of, to_records
from functions.datasets.adapters.tables.schema import ID, table_schema
from functions.datasets.model.dataset import Record
from functions.datasets.model.queries.order import Mark
from functions.datasets.model.queries.query import ALL, Query
from functions.datasets.model.queries.where import Expression
from functions.kit.contract.records.columns import Column
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
else:
    np, pa = Lazy("numpy"), Lazy("pyarrow")

BLOCK = 131_072
"""Rows of a block, at most."""
FRESH = 8_192
"""Rows that are put into the last block, change by change, before another one is begun."""
FRESH_BYTES = 4 * 1024 * 1024
"""What that block may take: each change copies it."""
SMALL_BYTES = 8 * 1024 * 1024
MOST_SMALL = 16
"""Blocks of less than half of what one may hold, and SMALL_BYTES; more are put together."""
SLICE = 8_192
"""Rows of a piece of a sorted export."""


class ArrowTable:
    """The Table whose rows are in memory.

    Args:
        revision: whose rows they are.
        columns: of the rows, in order.
        blocks: with the rows; each id is shown by one of them at most.
        cast: columns that hold other values than are stored, because their kind was changed.
        changes: records that were changed since the table was read from its file.
    """

    def __init__(
        self,
        revision: int,
        columns: Sequence[Column],
        blocks: Sequence[Block],
        cast: Collection[str] = (),
        changes: int = 0,
    ) -> None:
        self.revision = revision
        self.columns = list(columns)
        self.blocks = tuple(blocks)
        self.cast = frozenset(cast)
        self.changes = changes

    @functools.cached_property
    def rows(self) -> int:
        """How many there are."""
        return sum(block.count for block in self.blocks)

    @functools.cached_property
    def bytes(self) -> int:
        """What they take in memory."""
        return sum(block.rows.nbytes + block.rows.num_rows for block in self.blocks)

    def page(self, query: Query, mark: Mark | None, most: int) -> list[Record]:
        """See Table."""
        found: list[pa.RecordBatch] = []
        behind: int | None = None  # nothing from here on can be in a list by id
        for block in sorted(self.blocks, key=lambda block: block.ids[0]):
            if not query.keys and behind is not None and block.ids[0] > behind:
                break
            part = block.first(query, mark, most)
            found.append(part)
            if part.num_rows == most and not query.keys:
                behind = min(behind or part[ID][-1].as_py(), part[ID][-1].as_py())
        return to_records(_best(found, query, most), self.columns)

    def count(self, where: Expression) -> int:
        """See Table."""
        if where == ALL:
            return self.rows
        return sum(len(block.meeting(where)) for block in self.blocks)

    def batches(self, query: Query) -> Iterator["pa.RecordBatch"]:
        """Yield all rows that are asked for, in their order."""
        blocks = sorted(self.blocks, key=lambda block: block.ids[0])
        if query.keys or not _are_apart(blocks):
            yield from _sorted(blocks, query)
            return
        for block in blocks:
            places = block.meeting(query.where)
            every = len(places) == block.rows.num_rows
            yield block.rows if every else block.rows.take(pa.array(places))

    def changed(
        self, revision: int, put: Sequence[Record], gone: Collection[int], cast: Collection[str]
    ) -> "ArrowTable":
        """See Table."""
        fresh = {int(record.id): record for record in put}
        touched = np.array(sorted({*fresh, *gone}), np.int64)
        blocks = [block.without(touched) for block in self.blocks]
        if fresh:
            rows = batch_of([fresh[row] for row in sorted(fresh)], self.columns)
            blocks = _with(blocks, rows)
        changes = self.changes + len(touched)
        blocks = [block for block in blocks if block.count]
        made = ArrowTable(revision, self.columns, blocks, self.cast | set(cast), changes)
        return made.tidied()

    def joined(self, part: "ArrowTable") -> "ArrowTable":
        """See Table."""
        touched = np.sort(np.concatenate([block.ids for block in part.blocks]))
        kept = [block.without(touched) for block in self.blocks]
        blocks = [*(block for block in kept if block.count), *part.blocks]
        cast = self.cast | part.cast
        return ArrowTable(part.revision, self.columns, blocks, cast, self.changes).tidied()

    def conformed(self, revision: int, columns: Sequence[Column]) -> "ArrowTable | None":
        """See Table."""
        schema, blocks = table_schema(columns), self.blocks
        before = table_schema(self.columns)
        if schema == before:
            return ArrowTable(revision, columns, blocks, self.cast, self.changes)
        recast = {
            name
            for name in schema.names
            if name in before.names and schema.field(name) != before.field(name)
        }
        if recast & self.cast:
            return None
        blocks = tuple(Block(conformed(one.rows, columns), one.hidden) for one in blocks)
        return ArrowTable(revision, columns, blocks, self.cast | recast, self.changes)

    def tidied(self) -> "ArrowTable":
        """Return the table with those blocks made anew that hide much, or of which many are small.

        Each is looked at alone: a table may be larger than what memory holds at once.
        """
        blocks = [Block(one.shown()) if one.is_wasteful else one for one in self.blocks]
        small = [one for one in blocks if _is_small(one)]
        if len(small) > MOST_SMALL:
            rows = pa.Table.from_batches([one.shown() for one in small]).sort_by(ID)
            large = [one for one in blocks if not _is_small(one)]
            blocks = [*large, *map(Block, batches_of(rows, BLOCK))]
        return ArrowTable(self.revision, self.columns, blocks, self.cast, self.changes)


def _best(found: Sequence["pa.RecordBatch"], query: Query, most: int) -> "pa.RecordBatch":
    """Return the first rows of what several blocks gave, in order."""
    rows = pa.Table.from_batches(found).combine_chunks().to_batches() if found else []
    if not rows:
        return None
    [batch] = rows
    block = Block(batch)
    return batch.take(pa.array(first_of(query.keys, block.by(query.keys, batch), block.ids, most)))


def _with(blocks: list[Block], rows: "pa.RecordBatch") -> list[Block]:
    """Return blocks with new rows behind the others, or among those of the last block."""
    last = blocks[-1] if blocks else None
    if last is None or last.count + rows.num_rows > FRESH or last.rows.nbytes > FRESH_BYTES:
        return [*blocks, Block(rows)]
    both = pa.Table.from_batches([last.shown(), rows]).sort_by(ID).combine_chunks()
    return [*blocks[:-1], *(Block(batch) for batch in both.to_batches())]


def _is_small(block: Block) -> bool:
    return bool(block.rows.num_rows < BLOCK // 2 and block.rows.nbytes < SMALL_BYTES)


def _are_apart(blocks: Sequence[Block]) -> bool:
    """Tell whether the ids of each block are behind those of the one before."""
    pairs = itertools.pairwise(blocks)
    return all(one.ids[-1] < other.ids[0] for one, other in pairs)


def _sorted(blocks: Sequence[Block], query: Query) -> Iterator["pa.RecordBatch"]:
    """Yield the rows of all blocks in the order of a query, gathered piece by piece."""
    places = [block.meeting(query.where) for block in blocks]
    if not sum(map(len, places)):
        return
    keyed = [block.by(query.keys, block.rows) for block in blocks]
    by = [
        pa.chunked_array(
            [keys[at].take(pa.array(some)) for keys, some in zip(keyed, places, strict=True)]
        )
        for at in range(len(query.keys))
    ]
    ids = np.concatenate([block.ids[some] for block, some in zip(blocks, places, strict=True)])
    owner = np.repeat(np.arange(len(blocks)), [len(some) for some in places])
    place = np.concatenate(places)
    order = order_of(query.keys, by, ids)
    for start in range(0, len(order), SLICE):
        piece = order[start : start + SLICE]
        yield _gathered(blocks, owner[piece], place[piece])


def _gathered(
    blocks: Sequence[Block], owner: "np.ndarray[Any, Any]", place: "np.ndarray[Any, Any]"
) -> "pa.RecordBatch":
    """Return rows of several blocks: for each, which block has it, and where."""
    order = np.argsort(owner, kind="stable")
    parts = [
        blocks[number].rows.take(pa.array(place[owner == number])) for number in np.unique(owner)
    ]
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    [batch] = pa.Table.from_batches(parts).combine_chunks().to_batches()
    return batch.take(pa.array(back))
