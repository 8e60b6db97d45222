"""Bytes to lines: any chunks in, whole lines out, with the memory of one line."""

from collections.abc import Iterable, Iterator


class LineTooLong(ValueError):  # noqa: N818 - reads as what it says
    """A line that does not end within the limit."""


def split_lines(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    r"""Yield the lines of a file with their ends: `\n`, `\r\n` or `\r`.

    The last line may have no end. The joined lines are the joined chunks.

    Raises:
        LineTooLong: a line is over `limit` bytes.
    """
    rest = b""
    for chunk in chunks:
        lines = (rest + chunk).splitlines(keepends=True)
        rest = lines.pop() if lines and _may_go_on(lines[-1]) else b""
        yield from lines
        if len(rest) > limit:
            raise LineTooLong
    if rest:
        yield rest


def _may_go_on(line: bytes) -> bool:
    r"""Tell whether the next chunk may belong to `line`: a lone `\r` may become `\r\n`."""
    return not line.endswith(b"\n")
