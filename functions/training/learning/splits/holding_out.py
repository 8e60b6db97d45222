"""Which rows are held out: by what they hold, so that they are the same in later revisions."""

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.splits import checks
from functions.training.learning.splits.hashing import Hashes
from functions.training.learning.splits.units import Places, Units, ids_of, units
from functions.training.learning.targets.target import Target
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.task import UnsuitableData

# A group that is larger than its share of the held-out rows by this is trained on.
LARGEST = 1.5


def held_out(
    keys: Hashes,
    target: Target,
    spec: TrainingSpec,
    groups: Hashes | None = None,
    times: NDArray[np.float64] | None = None,
) -> tuple[Places, Places]:
    """Return the places of the rows to train on, and of those held out, both rising.

    Classes keep their shares where groups allow it. By time, the latest rows are held out.

    Args:
        keys: of what rows hold, [rows]; those of one key stay together.
        target: of the same rows.
        spec: says which share is held out, and with which seed.
        groups: hashes of what keeps rows together, 0 for nothing.
        times: when rows were; given where the split is by time.

    Raises:
        UnsuitableData: one side would lack a class; says what to do.
    """
    if times is not None:
        out = _latest(times, spec)
    else:
        made = units(ids_of(keys, groups), target.strata(), spec.seed, "held out")
        out = _drawn(made, spec.holdout)[made.of_row]
    train, held = np.flatnonzero(~out), np.flatnonzero(out)
    checks.check_held_out(target, train, held, spec)
    return train, held


def _drawn(made: Units, share: float) -> NDArray[np.bool_]:
    """Return which units are held out: of each class the first ones, up to its share of rows."""
    out = np.zeros(len(made.sizes), dtype=bool)
    rows = np.bincount(made.stratum, weights=made.sizes).astype(np.int64)
    for stratum, quota in enumerate(quotas(rows, share)):
        of_class = np.flatnonzero(made.stratum == stratum)
        out[_first(of_class, made.sizes[of_class], quota)] = True
    return out


def quotas(rows: Places, share: float) -> list[int]:
    """Return how many rows of each class to hold out: in all `share` of them, at least one each.

    What rounding leaves goes to the classes that it took most from.
    """
    exact = rows * share
    found = np.floor(exact).astype(np.int64)
    left = int(round(exact.sum()) - found.sum())
    found[np.argsort(found - exact, kind="stable")[:left]] += 1
    least, most = np.minimum(rows, 1), np.maximum(rows - 1, 0)
    return [int(one) for one in np.clip(found, least, most)]


def _first(places: Places, sizes: Places, quota: int) -> Places:
    """Return the first of a class's units whose rows come nearest to `quota`.

    At least one, and never all, if there are two.
    """
    if len(places) < 2:
        return places[:0]
    fit = sizes <= max(LARGEST * quota, sizes.min())
    places, sizes = places[fit], sizes[fit]
    count = int(np.argmin(np.abs(np.cumsum(sizes) - quota))) + 1
    most = len(places) - 1 if fit.all() else len(places)
    return places[: min(count, most)]


def _latest(times: NDArray[np.float64], spec: TrainingSpec) -> NDArray[np.bool_]:
    """Return which rows are the latest; rows of the same moment stay together."""
    known = np.where(np.isnan(times), -np.inf, times)
    cuts = np.unique(known)[1:]
    if not len(cuts):
        raise UnsuitableData(
            "All rows are of the same moment: they cannot be split by time. Choose another "
            "column, or leave 'split' out."
        )
    after = len(known) - np.searchsorted(np.sort(known), cuts)
    cut = cuts[np.argmin(np.abs(after - spec.holdout * len(known)))]
    found: NDArray[np.bool_] = known >= cut
    return found
