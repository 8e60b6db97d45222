"""The elements of a BYTES tensor, found all at once.

Each is its length in four little-endian bytes, then itself. Where one begins depends on all before
it; but a short text that holds no zero has zeros in its length alone, so lengths show where zeros
are. That is a guess, which is then proved: each element must begin where the one before it ends.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from functions.kit.contract.models.features import Array
from functions.kit.lazy import Lazy
from functions.prediction.model.tables import Texts

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

LENGTH = 4
WORD = 8


def split(raw: bytes, count: int) -> Texts | None:
    """Return the elements of a tensor of so many; None where they cannot be found so.

    That is where there are more or fewer, one is longer than 255 bytes, holds a zero, or is cut.
    """
    data = np.frombuffer(raw, np.uint8)
    heads = _heads(data)
    if heads is None or len(heads) != count:
        return None
    lengths = data[heads].astype(np.intp)
    starts = heads + LENGTH
    ends = starts + lengths
    if heads[0] != 0 or ends[-1] != len(raw) or not np.array_equal(ends[:-1], heads[1:]):
        return None
    if lengths.max() <= WORD:
        return _of_words(raw, starts, lengths)
    elements = [*map(raw.__getitem__, map(slice, starts.tolist(), ends.tolist()))]
    places = dict(zip(dict.fromkeys(elements), range(count), strict=False))
    return Texts([*places], np.fromiter(map(places.__getitem__, elements), np.intp, count))


def _heads(data: Array) -> Array | None:
    """Return where lengths below 256 stand, if no text holds a zero; None where one must."""
    zeros = np.flatnonzero(data == 0)
    if not len(zeros):
        return None
    last = np.flatnonzero(zeros[1:] != zeros[:-1] + 1)  # of each run of zeros but the last run
    first = np.concatenate(((0,), last + 1))
    runs = np.concatenate((last, (len(zeros) - 1,))) - first + 1
    starts = zeros[first]
    if (runs == LENGTH - 1).all():
        return starts - 1
    # The length of an empty text is zeros alone: those of several are one run.
    empty = runs % LENGTH == 0
    if not (empty | (runs == LENGTH - 1)).all():
        return None
    times = runs[empty] // LENGTH
    within = np.arange(times.sum()) - np.repeat(times.cumsum() - times, times)
    empties = np.repeat(starts[empty], times) + LENGTH * within
    return np.sort(np.concatenate([starts[~empty] - 1, empties]))


def _of_words(raw: bytes, starts: Array, lengths: Array) -> Texts:
    """Return texts that are no longer than a word, each of which is read as a number."""
    padded = raw + bytes(WORD)
    windows = np.ndarray((len(raw) + 1,), "<u8", padded, strides=(1,))
    words, places = np.unique(windows[starts] & _masks()[lengths], return_inverse=True)
    return Texts(words.astype("<u8").view(f"S{WORD}").tolist(), places)


@lru_cache
def _masks() -> Array:
    """Return by how many bytes of a word are a text's what leaves those alone."""
    return np.array([(1 << 8 * count) - 1 for count in range(WORD + 1)], "<u8")
