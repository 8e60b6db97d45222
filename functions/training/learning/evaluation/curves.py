"""Curves over the thresholds of one label: ROC, precision and recall, lift, calibration."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.probabilities import BINS, bins_of, stated
from functions.kit.contract.measures.rounding import brief, briefs
from functions.training.learning.evaluation.thresholds import Cuts, cuts

MOST_POINTS = 200
THRESHOLDS = 50
LIFT_STEPS = 20


class Counts(msgspec.Struct):
    """What a threshold makes of the held-out rows: right and wrong ones, called so or not."""

    threshold: float
    hits: int
    false_alarms: int
    missed: int
    rightly_not: int


class Bin(msgspec.Struct):
    """Rows of about the same stated probability: its mean, and the share that came true."""

    stated: float
    came: float
    rows: int


class Lift(msgspec.Struct):
    """Of the rows most likely to be positive, a share of all: how much of what there is to find.

    Attributes:
        share: of all rows.
        found: share of the positive rows that are among them.
        lift: how many times as many as by chance.
    """

    share: float
    found: float
    lift: float


def roc_points(
    truth: NDArray[Any], positive: NDArray[Any], most: int = MOST_POINTS
) -> list[list[float]]:
    """Return [false positive rate, true positive rate], at most `most`; the ends stay."""
    found = cuts(truth, positive)
    return _points(found.alarms / found.negatives, found.hits / found.positives, most)


def precision_recall_points(
    truth: NDArray[Any], positive: NDArray[Any], most: int = MOST_POINTS
) -> list[list[float]]:
    """Return [recall, precision], at most `most`; the ends stay."""
    found = cuts(truth, positive)
    return _points(found.recall, found.precision, most)


def _points(across: NDArray[Any], up: NDArray[Any], most: int) -> list[list[float]]:
    """Return points of a curve, evenly along it."""
    # Along the curve, so that a steep part keeps its points.
    way = np.append(0.0, np.cumsum(np.abs(np.diff(across)) + np.abs(np.diff(up))))
    places = np.unique(np.searchsorted(way, np.linspace(0, way[-1], most)))
    places = np.unique(np.append(np.clip(places, 0, len(way) - 1)[: most - 1], len(way) - 1))
    return [[brief(across[place]), brief(up[place])] for place in places]


def over_thresholds(truth: NDArray[Any], positive: NDArray[Any]) -> list[Counts]:
    """Return the confusion at up to 50 thresholds, rising, each parting the rows otherwise."""
    found = cuts(truth, positive)
    places = np.linspace(0, len(found.values) - 1, min(THRESHOLDS, len(found.values)))
    return [_counts(found, place) for place in places.round().astype(int)[::-1]]


def _counts(found: Cuts, place: int) -> Counts:
    hits, alarms = int(found.hits[place]), int(found.alarms[place])
    return Counts(
        brief(found.values[place]),
        hits,
        alarms,
        found.positives - hits,
        found.negatives - alarms,
    )


def calibration(truth: NDArray[Any], shares: NDArray[Any]) -> list[Bin]:
    """Return for each tenth of probabilities that has rows what was stated and what came."""
    said, came = stated(truth, shares)
    places = bins_of(said)
    rows = np.bincount(places, minlength=BINS)
    there = np.flatnonzero(rows)
    means = [
        briefs(np.bincount(places, weights=values, minlength=BINS)[there] / rows[there])
        for values in (said, came.astype(float))
    ]
    return [
        Bin(one, other, int(count)) for one, other, count in zip(*means, rows[there], strict=True)
    ]


def lift(truth: NDArray[Any], positive: NDArray[Any]) -> list[Lift]:
    """Return the lift of the likeliest 5, 10, … 100 of 100 rows."""
    ranked = (truth == 1)[np.argsort(-positive, kind="stable")]
    found = np.cumsum(ranked) / ranked.sum()
    steps = np.unique(np.ceil(np.linspace(0, len(ranked), LIFT_STEPS + 1)[1:]).astype(int))
    shares = steps / len(ranked)
    return [
        Lift(brief(share), brief(found[step - 1]), brief(found[step - 1] / share))
        for step, share in zip(steps, shares, strict=True)
    ]
