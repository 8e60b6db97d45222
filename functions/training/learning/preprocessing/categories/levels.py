"""The words of a column that are told apart."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.kit.contract.models.features import MISSING

RARE_PLACE, MISSING_PLACE, FIRST_PLACE = 0, 1, 2


@dataclass(frozen=True)
class Levels:
    """The words of a column that are told apart.

    Attributes:
        names: from the place FIRST_PLACE on, in order.
        counts: rows of each place; rare and missing ones are the first two.
        codes: the place of each row that was learnt from: [rows].
    """

    names: list[str]
    counts: NDArray[np.int64]
    codes: NDArray[np.int32]


def find(texts: NDArray[np.object_], rarest: int, most: int) -> Levels:
    """Find the levels of at least `rarest` rows, the `most` frequent ones at most."""
    encoded = pa.array(texts, pa.string()).dictionary_encode()
    words: list[str] = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(words))
    often = [place for place in np.argsort(-counts, kind="stable") if words[place] != MISSING]
    kept = sorted(
        (place for place in often[:most] if counts[place] >= rarest), key=lambda one: words[one]
    )
    places = np.full(len(words), RARE_PLACE, np.int32)
    if MISSING in words:
        places[words.index(MISSING)] = MISSING_PLACE
    places[kept] = np.arange(len(kept), dtype=np.int32) + FIRST_PLACE
    found = places[codes]
    totals = np.bincount(found, minlength=len(kept) + FIRST_PLACE)
    return Levels([words[place] for place in kept], totals, found)
