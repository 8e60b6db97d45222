"""Gzip: bodies that come compressed, and objects that go out expanded."""

import zlib
from collections.abc import Iterable, Iterator

from emulators.storage.transport.http.messages import BrokenBodyError, Request

_GZIP = 16 + zlib.MAX_WBITS
_STEP = 1 << 20  # bytes that a piece may grow to at once


def inflated(request: Request) -> Iterator[bytes]:
    """Return a body's bytes; expanded, where it is told that they are compressed for the way.

    Raises:
        BrokenBodyError: They are no gzip.
    """
    if request.header("content-encoding").lower() != "gzip":
        return iter(request.body)
    return expanded(request.body)


def expanded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what gzip's bytes stand for, in pieces of a bounded size.

    Raises:
        BrokenBodyError: They are no gzip, or not the whole of one.
    """
    expander = zlib.decompressobj(_GZIP)
    for chunk in chunks:
        rest = chunk
        while rest:
            if expander.eof:  # gzip files may follow one another
                expander = zlib.decompressobj(_GZIP)
            try:
                yield expander.decompress(rest, _STEP)
            except zlib.error as error:
                raise BrokenBodyError(f"The content is no gzip: {error}.") from error
            rest = expander.unconsumed_tail or expander.unused_data
    yield expander.flush()
    if not expander.eof:
        raise BrokenBodyError("The content is no gzip, or not the whole of one.")
