"""Bearings that wear out at some loads and speeds: a world that a model knows a part of."""

import random
from collections.abc import Iterator
from math import cos, sin
from typing import NamedTuple

COLUMNS = ("load", "speed", "oil")
"""What is known of a bearing; oil tells nothing."""
TARGET, WORN, SOUND = "state", "worn", "sound"
PITCH = 1.9
"""Of the resonances: at so many times load and speed they follow one another."""

Row = dict[str, float | str]


class Loads(NamedTuple):
    """Between which loads bearings run."""

    low: float
    high: float


KNOWN, HEAVIER, ALL = Loads(0.0, 6.0), Loads(4.5, 10.0), Loads(0.0, 10.0)
"""What a plant begins with; what comes later, of which some was there before; and all of them."""


def records(count: int, loads: Loads, seed: int) -> list[Row]:
    """Return bearings as a model is asked of them."""
    return list(_drawn(count, loads, random.Random(seed)))


def truth(record: Row) -> str:
    """Return what became of a bearing."""
    load, speed = float(record["load"]), float(record["speed"])
    return WORN if sin(PITCH * load) * cos(PITCH * speed) > 0 else SOUND


def table(found: list[Row]) -> bytes:
    """Return bearings, and what became of them, as CSV."""
    lines = [",".join((*COLUMNS, TARGET))]
    lines += [",".join((*(str(one[name]) for name in COLUMNS), truth(one))) for one in found]
    return "\n".join(lines).encode()


def _drawn(count: int, loads: Loads, draw: random.Random) -> Iterator[Row]:
    for _ in range(count):
        yield {
            "load": round(draw.uniform(*loads), 4),
            "speed": round(draw.uniform(0.0, 6.0), 4),
            "oil": round(draw.gauss(20.0, 4.0), 4),
        }
