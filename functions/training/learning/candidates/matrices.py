"""Rows prepared for a kind of estimator; what candidates of one process share is prepared once."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing.preprocessor import Preprocessor, preprocessor
from functions.training.learning.rows import Rows
from functions.training.learning.views import View

# What is kept for the next candidate: a replica's memory is 800 MB in all.
MOST_KEPT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Prepared:
    """A preprocessor, and the matrix [rows, width] of the rows that it learnt from."""

    preprocessor: Preprocessor
    matrix: NDArray[np.float32]


class _Kept:
    """The latest that was prepared, of one plan at a time, within the bytes that may be kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plan: Plan | None = None
        self._found: OrderedDict[tuple[object, ...], Prepared] = OrderedDict()

    def get(self, plan: Plan, key: tuple[object, ...]) -> Prepared | None:
        """Return what is kept."""
        with self._lock:
            return self._found.get(key) if self._plan is plan else None

    def put(self, plan: Plan, key: tuple[object, ...], prepared: Prepared) -> None:
        """Keep it, and let go of what came first."""
        with self._lock:
            if self._plan is not plan:
                self._found.clear()
                self._plan = plan
            self._found[key] = prepared
            while sum(one.matrix.nbytes for one in self._found.values()) > MOST_KEPT_BYTES:
                self._found.popitem(last=False)


_kept = _Kept()


def prepare(plan: Plan, view: View, places: NDArray[np.int64] | None, seed: int) -> Prepared:
    """Fit a preprocessor to the training rows at `places` (None: all)."""
    key = (view, seed, None if places is None else hashlib.sha256(places.tobytes()).digest())
    found = _kept.get(plan, key)
    if found is None:
        rows = plan.train if places is None else plan.train.take(places)
        found = prepare_rows(plan, view, rows, seed)
        _kept.put(plan, key, found)
    return found


def prepare_rows(
    plan: Plan, view: View, rows: Rows, seed: int, check: Callable[[int], None] = lambda _: None
) -> Prepared:
    """Fit a preprocessor to rows; `check` is told how wide their matrix will be."""
    learning = preprocessor(view, plan, allow_missing=view != "linear", seed=seed)
    return Prepared(learning, learning.fit_transform(rows, check))
