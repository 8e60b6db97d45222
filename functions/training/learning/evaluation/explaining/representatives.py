"""A few training rows that stand for all: what predictions are explained against.

An explanation runs the model on each row with the values of a record in every coalition of the
columns in which the two differ. So how many rows there are decides how long it takes: as many are
kept as the model is fast enough for.
"""

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from functions.kit.contract.models.background import (
    MOST_EFFORT,
    MOST_ROWS,
    Background,
    differing,
    runs,
)
from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.signature import Signature
from functions.training.learning.candidates.sampling import sample
from functions.training.learning.graph import session
from functions.training.learning.rows import Rows

COUNTS = (MOST_ROWS, 32, 16, 8, 4)
"""How many rows may be kept."""
CANDIDATES = 256
"""Training rows that they are chosen among."""
SECONDS = 0.012
"""What running the model for one explanation may take."""
LEAST_EFFORT = 256
TIMED_ROWS = 128
TIMES = 3
TICK = 1e-6
"""Seconds: what a clock may not tell from nothing."""
SLOW = 0.05
MISSING_RANK = 2.0
"""As far from any value as two can be; those of values are 0 to 1."""

Places = NDArray[np.int64]
Column = NDArray[np.float64]


def background_of(
    signature: Signature, train: Rows, opened: ort.InferenceSession, seed: int
) -> Background:
    """Return some training rows, as many as can be gone through in the time.

    Args:
        signature: of the model.
        train: what it was fitted on.
        opened: its file, as it will serve.
        seed: of the rows that they are chosen among.
    """
    places = sample(np.arange(train.rows), train.target, signature.task, CANDIDATES, seed)
    some = train.take(places)
    effort = _effort(opened, some.inputs)
    predicted = session.answers(opened, some.inputs).reshape(some.rows, -1)
    columns = [*_comparable(some.inputs)]
    for count in COUNTS:
        parts = np.array_split(_order(predicted), min(count, some.rows))
        chosen = some.take(np.array([_typical(columns, predicted, part) for part in parts]))
        differ = differing(signature, some.inputs, chosen.inputs).sum(axis=-1)
        if runs(differ).sum(axis=1).mean() <= effort:
            break
    return Background(chosen.inputs, effort)


def _effort(opened: ort.InferenceSession, inputs: Inputs) -> int:
    """Return how many rows the model is run on in the time."""
    part = {name: np.resize(values, (TIMED_ROWS, 1)) for name, values in inputs.items()}
    took = math.inf
    for _ in range(TIMES):
        took = min(took, _seconds(opened, part))
        if took > SLOW:  # it is the least effort however often that is timed
            break
    return int(np.clip(SECONDS * TIMED_ROWS / max(took, TICK), LEAST_EFFORT, MOST_EFFORT))


def _seconds(opened: ort.InferenceSession, inputs: Inputs) -> float:
    begun = time.thread_time()  # the file is opened for one thread: what others do does not count
    session.run(opened, inputs)
    return time.thread_time() - begun


def _order(predicted: NDArray[np.floating[Any]]) -> Places:
    """Return the places of rows by what is predicted of them, [rows, labels] or [rows, 1]."""
    if predicted.shape[1] <= 2:
        return np.argsort(predicted[:, -1], kind="stable")
    return np.lexsort((predicted.max(axis=1), predicted.argmax(axis=1)))


def _typical(
    columns: Sequence[Column], predicted: NDArray[np.floating[Any]], part: Places
) -> np.int64:
    """Return the place of a part's row that is most like the others of it.

    It is one of the half of which is predicted what is predicted of the part on average: so what
    is predicted of the chosen rows is, on average, what is predicted of all.
    """
    own = predicted[part]
    off = np.abs(own - own.mean(axis=0)).sum(axis=1)
    near = part[np.argsort(off, kind="stable")[: (len(part) + 1) // 2]]
    found: np.int64 = near[_distances(columns, near, part).argmin()]
    return found


def _distances(columns: Sequence[Column], rows: Places, others: Places) -> Column:
    """Return how far each of some rows is from others, over all columns."""
    found = np.zeros(len(rows))
    for column in columns:
        apart = np.abs(column[rows][:, None] - column[others][None, :])
        found += np.minimum(apart, 1.0).sum(axis=1)
    return found


def _comparable(inputs: Inputs) -> Iterator[Column]:
    """Yield inputs as numbers that lie 1 apart where they could not be less alike."""
    for values in inputs.values():
        known, places = np.unique(values[:, 0], return_inverse=True)
        if values.dtype == object:
            yield places.astype(np.float64)
            continue
        ranks = places / max(len(known) - 1, 1)
        yield np.where(np.isnan(values[:, 0]), MISSING_RANK, ranks)
