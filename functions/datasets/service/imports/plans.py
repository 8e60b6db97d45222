"""A plan: the rows of an import as they are to be written, one batch a commit.

It is a file of frames: the length of one (four bytes), then its rows as MessagePack. So whoever
goes on with an import begins at the byte where the last commit's frame ended, whatever the rows
came from.
"""

from collections.abc import Iterable, Iterator
from typing import IO, Any

import msgspec

from functions.datasets.model import limits
from functions.datasets.model.dataset import FIRST_VERSION, Record, record_id
from functions.datasets.service.changing.batches import EDITS
from functions.kit.contract.batches import batches

# Firestore takes requests of 10 MiB; encoded values are a little larger than here.
FRAME_BYTES = 4 * 1024 * 1024
_LENGTH = 4


class Before(msgspec.Struct):
    """What a record is until an import changes it."""

    version: int
    values: dict[str, Any]


class Planned(msgspec.Struct, array_like=True):
    """A row that is to be written.

    Attributes:
        row: its number in the file.
        values: by column.
        new: its place among those that become records, from 1; 0 for one that changes a record.
        record: the id of the record that it changes.
        before: what that is until then.
    """

    row: int
    values: dict[str, Any]
    new: int = 0
    record: str = ""
    before: Before | None = None


# Readers mark words of a file by a kind of text of their own.
encode = msgspec.msgpack.Encoder(enc_hook=str).encode
_frame = msgspec.msgpack.Decoder(list[Planned])


def write(rows: Iterable[Planned], out: IO[bytes]) -> None:
    """Write rows, in their order, as a plan."""
    encoded = (msgspec.Raw(encode(row)) for row in rows)
    for batch in batches(encoded, len, FRAME_BYTES, min(EDITS, limits.BATCH)):
        frame = msgspec.msgpack.encode(batch)
        out.write(len(frame).to_bytes(_LENGTH, "big") + frame)


def read(chunks: Iterable[bytes], offset: int) -> Iterator[tuple[int, list[Planned]]]:
    """Yield each frame's end, as a byte of the plan, and its rows.

    Args:
        chunks: the plan, from byte `offset` on.
        offset: where a frame begins.
    """
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= _LENGTH:
            size = _LENGTH + int.from_bytes(held[:_LENGTH], "big")
            if len(held) < size:
                break
            offset += size
            yield offset, _frame.decode(bytes(held[_LENGTH:size]))
            del held[:size]


def records(planned: Iterable[Planned], last_row: int) -> Iterator[Record]:
    """Yield the records that rows become in a dataset whose newest one is `last_row`."""
    for row in planned:
        if row.before is None:
            yield Record(record_id(last_row + row.new), FIRST_VERSION, row.values)
        else:
            yield Record(row.record, row.before.version + 1, row.values)
