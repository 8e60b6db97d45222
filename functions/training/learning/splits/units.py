"""Units: rows that stay on one side of every split."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.splits.hashing import Hashes, mix, salt

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """Units of rows, in an order that hangs on what they hold and on the seed alone.

    Attributes:
        of_row: which unit each row is in, [rows].
        sizes: how many rows each has, [units].
        stratum: of each, the rarest class that it has a row of.
    """

    of_row: Places
    sizes: Places
    stratum: Places

    def rows(self, chosen: NDArray[np.bool_]) -> Places:
        """Return the places of the rows of the `chosen` units, rising."""
        return np.flatnonzero(chosen[self.of_row])


def units(ids: Hashes, strata: Places, seed: int, purpose: str) -> Units:
    """Put rows of the same id together; the order is another one for each seed and purpose.

    Args:
        ids: of rows, [rows].
        strata: the class of each row.
        seed: makes the order repeatable.
        purpose: what is split, so that one split says nothing of another.
    """
    drawn = mix(ids ^ mix(np.array([seed], dtype=np.uint64) ^ salt(purpose)))
    _, of_row, sizes = np.unique(drawn, return_inverse=True, return_counts=True)
    counts = np.bincount(strata)
    by_rarity = np.argsort(counts, kind="stable")
    rarity = np.argsort(by_rarity)
    rarest = np.full(len(sizes), len(counts))
    np.minimum.at(rarest, of_row, rarity[strata])
    return Units(of_row.astype(np.int64), sizes.astype(np.int64), by_rarity[rarest])


def ids_of(keys: Hashes, groups: Hashes | None) -> Hashes:
    """Return what keeps rows together: their group, or where there is none what they hold."""
    if groups is None:
        return keys
    return np.where(groups == missing_group(), keys, groups)


def missing_group() -> Any:
    """Return the hash that stands for no group."""
    return np.uint64(0)
