"""What an opened session takes of this process's memory.

Between twice and fifteen times its file: a tree's few bytes of protobuf become nodes, and what a
graph is planned with is the same however small it is (measured: 0.1 MB for a file of 1 KB, 0.9 for
one of 59, 36 for one of 6.3 MB).
"""

import functools
import sys
from collections.abc import Callable
from typing import Any

from functions.kit.lazy import Lazy

ctypes: Any = Lazy("ctypes")

LEAST, LEAST_TIMES = 64 * 1024, 1
MOST, MOST_TIMES = 1024 * 1024, 8
"""What a session takes at least and at most: so many bytes, and so many times its file."""
_FIGURES = 10
_HEAP_USED, _MAPPED = 7, 4  # uordblks and hblkhd of glibc's struct mallinfo2


def allocated() -> int | None:
    """Return the bytes that this process has of the C library now; None where it does not say."""
    look = _mallinfo()
    if look is None:
        return None
    figures = look()
    return int(figures[_HEAP_USED] + figures[_MAPPED])


def taken(file: int, before: int | None) -> int:
    """Return the bytes that a session of a `file` of so many bytes takes, opened just now.

    Others open and answer meanwhile, so what was allocated since `before` counts within reason.
    """
    least, most = LEAST + LEAST_TIMES * file, MOST + MOST_TIMES * file
    now = allocated()
    return most if before is None or now is None else min(max(now - before, least), most)


@functools.cache
def _mallinfo() -> Callable[[], Any] | None:
    if not sys.platform.startswith("linux"):
        return None
    figures = type(
        "Figures", (ctypes.Structure,), {"_fields_": [("of", ctypes.c_size_t * _FIGURES)]}
    )
    look = getattr(ctypes.CDLL(None), "mallinfo2", None)  # glibc has it, musl does not
    if look is None:
        return None
    look.restype = figures
    return lambda: look().of
