"""The head of Arrow's messages, as far as it says whether what follows is compressed.

A few bytes of compressed columns may stand for gigabytes, and pyarrow makes room for all of them
before it tells how many. So streams that are compressed are refused, by a look at FlatBuffers'
tables (https://arrow.apache.org/docs/format/Columnar.html, format/Message.fbs).
"""

import struct

from functions.kit.contract.errors import Unreadable

_CONTINUATION = 0xFFFFFFFF
_WORD = 4
_DICTIONARY, _ROWS = 2, 3
# Places of fields in their tables.
_KIND, _HEADER, _BODY_LENGTH = 1, 2, 3
_OF_DICTIONARY_DATA = 1
_COMPRESSION = 3


def check_uncompressed(body: bytes) -> None:
    """Refuse a stream whose columns are compressed; what is no stream at all is left to others.

    Raises:
        Unreadable: it is.
    """
    try:
        at = 0
        while at + 2 * _WORD <= len(body):
            at = _check_message(body, at)
    except struct.error:  # cut short: pyarrow says so
        return


def _check_message(body: bytes, at: int) -> int:
    """Check the message that begins at a place; return where the next does."""
    first, size = struct.unpack_from("<II", body, at)
    if first != _CONTINUATION:  # as it was before Arrow 0.15
        first, size, at = _CONTINUATION, first, at - _WORD
    if not size:
        return len(body)
    start = at + 2 * _WORD
    message = _follow(body, start)
    kind_at = _field(body, message, _KIND)
    kind = body[kind_at] if kind_at else 0
    header_at = _field(body, message, _HEADER)
    if kind in {_DICTIONARY, _ROWS} and header_at:
        rows = _follow(body, header_at)
        if kind == _DICTIONARY:
            data_at = _field(body, rows, _OF_DICTIONARY_DATA)
            rows = _follow(body, data_at) if data_at else rows
        if _field(body, rows, _COMPRESSION):
            raise Unreadable("The columns are compressed; send them as they are.")
    length_at = _field(body, message, _BODY_LENGTH)
    (length,) = struct.unpack_from("<q", body, length_at) if length_at else (0,)
    return start + int(size) + max(int(length), 0)


def _follow(body: bytes, at: int) -> int:
    """Return where an offset leads to."""
    (offset,) = struct.unpack_from("<I", body, at)
    return at + int(offset)


def _field(body: bytes, table: int, place: int) -> int:
    """Return where a table's field is, 0 where it is left out."""
    (back,) = struct.unpack_from("<i", body, table)
    vtable = table - int(back)
    if vtable < 0:
        raise struct.error
    (size,) = struct.unpack_from("<H", body, vtable)
    if 4 + 2 * place >= size:
        return 0
    (offset,) = struct.unpack_from("<H", body, vtable + 4 + 2 * place)
    return table + int(offset) if offset else 0
