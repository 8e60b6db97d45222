"""Files that are packed by gzip, unpacked by stream and within bounds."""

import zlib
from collections.abc import Iterable, Iterator

from functions.kit.contract.errors import TooLarge, Unreadable

MAGIC = b"\x1f\x8b"
# Bytes that are unpacked at one go.
PIECE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def unpacked(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield what is packed, however many members there are.

    Raises:
        TooLarge: it is over `limit` bytes; no more than that is unpacked.
        Unreadable: it is broken, or breaks off.
    """
    received = 0
    for piece in _pieces(chunks):
        received += len(piece)
        if received > limit:
            raise unpacks_to_too_much(limit)
        yield piece


def unpacks_to_too_much(limit: int) -> TooLarge:
    """Return why a file is not taken that is larger than it looks."""
    return TooLarge(
        f"The file unpacks to more than the limit of {limit:,} bytes; split it, or leave columns "
        "out."
    )


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(_GZIP)
    begun = False
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                begun = True
                yield member.decompress(rest, PIECE)
                rest = member.unconsumed_tail
                if member.eof:
                    rest, member, begun = (
                        member.unused_data.lstrip(b"\0"),
                        zlib.decompressobj(_GZIP),
                        False,
                    )
        yield member.flush()
    except zlib.error as error:
        reason = "The file is packed by gzip, and is broken, or something follows it"
        raise Unreadable(f"{reason}; pack it again, or send it as it is.") from error
    if begun:
        raise Unreadable("The file is packed by gzip, and breaks off; send it again.")
