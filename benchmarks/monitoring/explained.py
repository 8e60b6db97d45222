"""What drifting explanations say of estimates: whether they tell the wrong ones from the right.

Where a window's inputs lie elsewhere, other columns decide; whether the estimate is off by then is
another question. And where nothing but the truth has changed, an unchanged model has the reasons
that it had: they can say nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.monitoring.learnt_worlds import LearntWorld
from functions.monitoring.model.drift import sampled
from functions.monitoring.model.drift.comparing import Q
from functions.monitoring.model.drift.reasons import (
    NOW_ROWS,
    THEN_ROWS,
    Contributions,
    reasons,
)


class Told(NamedTuple):
    """A window: whether its reasons drift, how far, and whether its estimate was wrong."""

    kind: str
    alarm: bool
    distance: float
    wrong: bool


def learnt_reasons(learnt: LearntWorld) -> list[Contributions]:
    """Return what columns do for rows that the version learnt from."""
    return learnt.explain(sampled.of_reference(learnt.reference).records(THEN_ROWS))


def tell(
    learnt: LearntWorld,
    then: Sequence[Contributions],
    places: NDArray[np.int64],
    kind: str,
    *,
    wrong: bool,
) -> Told:
    """Return what the reasons of a window say; `places` are its rows in the pool."""
    chance = np.random.default_rng(int(places.sum()) % 2**32)
    some = chance.choice(places, NOW_ROWS, replace=False)
    found = reasons(then, learnt.explain([learnt.records[one] for one in some]))
    if found is None:
        raise RuntimeError(f"{learnt.world.name}: too few rows")
    drift = found.drift.values
    # As if it were the only column that is off, which is the strictest that it is held to.
    most = Q / (len(learnt.reference.columns) + 3)
    return Told(kind, drift.is_much and drift.p <= most, drift.value, wrong)


def report(told: Sequence[Told]) -> None:
    """Print how often reasons drift in each kind of window, and where the estimate was wrong."""
    for kind in dict.fromkeys(one.kind for one in told):
        some = [one for one in told if one.kind == kind]
        print(f"explanations drift in {_share(some)} of {len(some)} windows: {kind}")
        for wrong in (True, False):
            part: list[Any] = [one for one in some if one.wrong is wrong]
            if part and len(part) < len(some):
                which = "off by more than 0.02" if wrong else "near"
                far = np.mean([one.distance for one in part])
                print(f"  {_share(part)} of {len(part)} whose estimate is {which}; by {far:.3f}")


def _share(some: Sequence[Told]) -> str:
    return f"{np.mean([one.alarm for one in some]):6.1%}"
