"""Durations of calls as counts: small, they add up, and a median comes out within a tenth.

A call of many rows takes longer than one of few, so calls are compared with those of their size
alone: a bucket is a class of size and one of duration.
"""

import math
from collections.abc import Mapping

SIZES = (1, 4, 16, 64, 256)
"""Rows up to which a call is of each class of size; the last class has no end."""
BUCKETS = 256
"""Of each class of size."""
SHORTEST = 1e-6
"""Seconds; whatever is shorter lies in the first bucket."""
PER_OCTAVE = 8
"""Buckets from a duration to twice as long a one."""
GROWTH = 2 ** (1 / PER_OCTAVE)
"""Of a bucket's end over its beginning: 256 of them reach to an hour."""
_PER_E = 1 / math.log(GROWTH)

Times = Mapping[int, int]
"""Bucket → calls."""


def bucket(rows: int, seconds: float) -> int:
    """Return the bucket of a call."""
    size = next((place for place, most in enumerate(SIZES) if rows <= most), len(SIZES))
    if seconds <= SHORTEST:
        return size * BUCKETS
    place = int(math.log(seconds / SHORTEST) * _PER_E) + 1
    return size * BUCKETS + min(place, BUCKETS - 1)


def end(place: int) -> float:
    """Return the seconds at which a bucket ends; `place` is its place within its size."""
    return float(SHORTEST * GROWTH**place)


def by_size(times: Times) -> dict[int, dict[int, int]]:
    """Return the buckets of each class of size, by their places within it."""
    found: dict[int, dict[int, int]] = {}
    for key, count in sorted(times.items()):
        found.setdefault(key // BUCKETS, {})[key % BUCKETS] = count
    return found


def quantile(times: Times, share: float) -> float | None:
    """Return the seconds within which a share of all calls were done; None without any."""
    places: dict[int, int] = {}
    for key, count in times.items():
        places[key % BUCKETS] = places.get(key % BUCKETS, 0) + count
    left = share * sum(places.values())
    for place, count in sorted(places.items()):
        left -= count
        if left <= 0:
            return end(place)
    return None
