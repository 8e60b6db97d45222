"""Which rows of a large table candidates are compared on: drawn by what they hold."""

import numpy as np

from functions.training.learning.splits.hashing import Hashes, mix, salt
from functions.training.learning.splits.units import Places
from functions.training.learning.targets.target import Target

# Of a class, at least as many as there are of these; or it could be missing in a fold.
LEAST_OF_CLASS = 200

Sides = tuple[Places, Places]


def screened(
    train: Places, held_out: Places, keys: Hashes, target: Target, most: int | None
) -> Sides:
    """Return the places of training and held-out rows that are looked at, each rising.

    Copies of a row go together, classes keep their shares, and a rare one some rows. The same rows
    are drawn of later revisions, as far as they are there.

    Args:
        train: places of the training rows.
        held_out: of the held-out ones.
        keys: of what rows hold, [rows].
        target: of the same rows.
        most: rows in all, about; None, or as many as there are: all.
    """
    rows = len(train) + len(held_out)
    if most is None or rows <= most:
        return train, held_out
    drawn, strata, share = mix(keys ^ salt("screened")), target.strata(), most / rows
    return _some(train, drawn, strata, share), _some(held_out, drawn, strata, share)


def _some(places: Places, drawn: Hashes, strata: Places, share: float) -> Places:
    of_class = strata[places]
    found = []
    for stratum in np.unique(of_class):
        own = places[of_class == stratum]
        wanted = max(round(share * len(own)), min(LEAST_OF_CLASS, len(own)))
        last = np.partition(drawn[own], wanted - 1)[wanted - 1]
        found.append(own[drawn[own] <= last])
    return np.sort(np.concatenate(found))


def notes(whole: Sides, some: Sides) -> list[str]:
    """Say how many rows were looked at, where these are not all."""
    if len(some[0]) == len(whole[0]):
        return []
    (train, held_out), (few, few_held_out) = (
        (len(one), len(other)) for one, other in (whole, some)
    )
    note = (
        f"Candidates were compared on {few:,} of {train:,} training rows, and measured on "
        f"{few_held_out:,} of {held_out:,} held-out rows, drawn by what they hold: all at once "
        f"take more memory than a replica has. The model is fitted on all {train:,}."
    )
    return [note]
