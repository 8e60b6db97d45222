"""Which bytes: of a download (`Range`), and of a chunk of an upload (`Content-Range`)."""

import re
from dataclasses import dataclass

from emulators.storage.model.errors import InvalidError, UnsatisfiableError

_WANTED = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*")
_CHUNK = re.compile(r"\s*bytes\s+(?:(\d{1,18})-(\d{1,18}|\*)|\*)/(?:(\d{1,18})|\*)\s*")
_FAR = 10**18


def read_range(text: str, size: int) -> tuple[int, int] | None:
    """Return the first byte that is wanted and the one after the last; None for all of them.

    What is no single range of bytes is ignored, as RFC 9110 says.

    Raises:
        UnsatisfiableError: The range begins behind the end.
    """
    found = _WANTED.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - _capped(last), 0), size
    else:
        start, end = _capped(first), min(_capped(last) + 1 if last else size, size)
        if last and _capped(last) < start:
            return None
    if start >= end:
        raise UnsatisfiableError(size)
    return start, end


def _capped(digits: str) -> int:
    return _FAR if len(digits) > 18 else int(digits)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a resumable upload.

    Attributes:
        start: Its first byte; None where a request only asks what is here.
        end: The byte after its last; None where it is not told.
        total: The size of the whole; None where it is not known yet.
        is_last: Whether the upload ends with this request, however long its body is.
    """

    start: int | None
    end: int | None
    total: int | None
    is_last: bool = False


def read_chunk(text: str, length: int | None) -> Chunk:
    """Return what a request of an upload carries.

    Args:
        text: Its `Content-Range`; empty for the whole in one request.
        length: Its `Content-Length`; None for a chunked one.

    Raises:
        InvalidError: It is no range, or one that contradicts itself.
    """
    if not text:
        return Chunk(0, length, length, is_last=True)
    found = _CHUNK.fullmatch(text)
    if not found:
        raise InvalidError(f"Failed to parse Content-Range header: {text[:100]!r}.")
    first, last, total = (int(one) if one and one != "*" else None for one in found.groups())
    if first is None:
        return _without_bounds(length, total)
    if last is None:  # as Node's client has it: to the end, wherever that is
        return Chunk(first, None, total, is_last=total is None)
    end = last + 1
    if end <= first or (total is not None and end > total):
        raise InvalidError(f"Content-Range {text[:100]!r} ends before it begins or behind the end.")
    if length is not None and length != end - first:
        raise InvalidError(f"Content-Range {text[:100]!r} is not of {length} bytes.")
    return Chunk(first, end, total)


def _without_bounds(length: int | None, total: int | None) -> Chunk:
    if length:
        raise InvalidError("A request with bytes must say which in its Content-Range.")
    return Chunk(None, None, total)
