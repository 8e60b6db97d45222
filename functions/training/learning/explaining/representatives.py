"""A few training rows that stand for all: what predictions are explained against.

An explanation runs the model on each row with the values of a record in every coalition of the
columns in which the two differ. So how many rows there are decides how long it takes: as many are
kept as the model is fast enough for.
"""

import time
from collections.abc import Iterator

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from functions.kit.contract.background import Background, differing, runs
from functions.kit.contract.features import Inputs
from functions.kit.contract.signature import Signature
from functions.training.learning.candidates.sampling import sample
from functions.training.learning.graph import session
from functions.training.learning.rows import Rows

COUNTS = (64, 32, 16, 8, 4, 2)
"""How many rows may be kept."""
CANDIDATES = 256
"""Training rows that they are chosen among."""
SECONDS = 0.012
"""What running the model for one explanation may take."""
LEAST_EFFORT, MOST_EFFORT = 256, 65_536
TIMED_ROWS = 128
TIMES = 3
MISSING_RANK = 2.0
"""As far from any value as two can be; those of values are 0 to 1."""

Places = NDArray[np.int64]


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
    order = _order(signature, some, session.answers(opened, some.inputs))
    for count in COUNTS:
        chosen = some.take(_medoids(some.inputs, order, count))
        differ = differing(signature, some.inputs, chosen.inputs).sum(axis=-1)
        if runs(differ).sum(axis=1).mean() <= effort:
            break
    return Background(chosen.inputs, effort)


def _effort(opened: ort.InferenceSession, inputs: Inputs) -> int:
    """Return how many rows the model is run on in the time."""
    part = {name: np.resize(values, (TIMED_ROWS, 1)) for name, values in inputs.items()}
    took = min(_seconds(opened, part) for _ in range(TIMES))
    return int(np.clip(SECONDS * TIMED_ROWS / took, LEAST_EFFORT, MOST_EFFORT))


def _seconds(opened: ort.InferenceSession, inputs: Inputs) -> float:
    begun = time.perf_counter()
    session.run(opened, inputs)
    return time.perf_counter() - begun


def _order(signature: Signature, rows: Rows, predicted: NDArray[np.generic]) -> Places:
    """Return the places of rows by what they are, and then by what is predicted of them."""
    if signature.task == "regression":
        return np.argsort(predicted, kind="stable")
    of_truth = np.take_along_axis(predicted, rows.target.reshape(-1, 1), axis=1)[:, 0]
    return np.lexsort((of_truth, rows.target))


def _medoids(inputs: Inputs, order: Places, count: int) -> Places:
    """Cut rows in an order into equal parts; return of each the place of its most typical row."""
    parts = np.array_split(order, min(count, len(order)))
    columns = [*_comparable(inputs)]
    return np.array([part[_distances(columns, part).argmin()] for part in parts])


def _distances(columns: list[NDArray[np.float64]], part: Places) -> NDArray[np.float64]:
    """Return how far each row of a part is from the others of it, over all columns."""
    found = np.zeros(len(part))
    for column in columns:
        own = column[part]
        apart = np.abs(own[:, None] - own[None, :])
        found += np.minimum(apart, 1.0).sum(axis=1)
    return found


def _comparable(inputs: Inputs) -> Iterator[NDArray[np.float64]]:
    """Yield inputs as numbers that lie 1 apart where they could not be less alike."""
    for values in inputs.values():
        known, places = np.unique(values[:, 0], return_inverse=True)
        if values.dtype == object:
            yield places.astype(np.float64)
            continue
        ranks = places / max(len(known) - 1, 1)
        yield np.where(np.isnan(values[:, 0]), MISSING_RANK, ranks)
