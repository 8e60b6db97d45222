"""A candidate fitted twice: without the held-out rows to be measured, with them to be served."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import (
    FittedModel,
    fit_model,
    fit_rows,
    fit_whole,
)
from functions.training.learning.ensembles.exported import Exported, export
from functions.training.learning.large.whole import Whole
from functions.training.learning.plan import Plan
from functions.training.learning.table import Table

# Of more rows than that, a fifth more teach little, and take their time and memory.
MOST_REFITTED = 100_000  # rows


@dataclass(frozen=True)
class Twins:
    """A member of a model.

    Attributes:
        measured: learnt from the training rows alone: what is said of the model is said of this.
        served: learnt from all rows; None: `measured` is served itself.
    """

    measured: Exported
    served: Exported | None = None

    @property
    def to_serve(self) -> Exported:
        """Return the one that is served."""
        return self.served or self.measured

    def to_bytes(self) -> bytes:
        """Return them as an archive of arrays."""
        held = io.BytesIO()
        found = {"measured": self.measured, "served": self.served}
        arrays = {
            f"{name}_{part}": array
            for name, one in found.items()
            if one is not None
            for part, array in _arrays(one).items()
        }
        np.savez(held, allow_pickle=False, **arrays)
        return held.getvalue()


def fits(plan: Plan, *, refit: bool) -> int:
    """Return how often a member is fitted: again on all rows, if that is wanted of so many."""
    rows = plan.train.rows + plan.held_out.rows
    return 2 if refit and plan.whole is None and rows <= MOST_REFITTED else 1


def fit(plan: Plan, choice: Choice, seed: int, *, refit: bool) -> Twins:
    """Fit a candidate on the training rows, and again on all, and export both.

    Args:
        plan: the job's data.
        choice: what is fitted.
        seed: makes what is random repeatable.
        refit: whether to fit again on all rows, where these are not too many.

    Raises:
        Mismatch: a graph does not predict as the model does.
    """
    measured = _exported(fit_model(plan, choice, None, seed=seed), plan)
    if fits(plan, refit=refit) == 1:
        return Twins(measured)
    everything = plan.train.and_(plan.held_out)
    return Twins(measured, _exported(fit_rows(plan, everything, choice, seed=seed), plan))


def fit_large(
    plan: Plan,
    whole: Whole,
    read: Callable[[], Table],
    choice: Choice,
    *,
    seed: int,
    budget: int,
) -> Twins:
    """Fit a candidate on all training rows of a table that is read in blocks, and export it.

    Raises:
        Mismatch: the graph does not predict as the model does.
        TooMuch: it would take more memory than there is.
    """
    model = fit_whole(plan, whole, read, choice, budget=budget, seed=seed)
    return Twins(_exported(model, plan))


def _exported(model: FittedModel, plan: Plan) -> Exported:
    return export(model, plan.signature, plan.held_out.inputs)


def from_bytes(data: bytes) -> Twins:
    """Return what `Twins.to_bytes` gave."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        measured, served = (
            Exported(found[f"{name}_onnx"].tobytes(), found[f"{name}_predicted"])
            if f"{name}_onnx" in found
            else None
            for name in ("measured", "served")
        )
    if measured is None:
        raise ValueError("what was kept of a member lacks the model that is measured")
    return Twins(measured, served)


def _arrays(one: Exported) -> dict[str, np.ndarray]:
    return {"onnx": np.frombuffer(one.onnx, np.uint8), "predicted": one.predicted}
