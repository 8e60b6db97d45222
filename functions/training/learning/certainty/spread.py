"""How far off a row's answer is likely to be: what makes intervals wide where a model errs much.

A small booster learns the logarithm of how wrong the predictions out of folds were. It is part of
the model's file, and its answer an output of its own.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import FittedModel, fit_model
from functions.training.learning.candidates.sampling import sample
from functions.training.learning.certainty.conformal import limit
from functions.training.learning.graph.graph import Graph
from functions.training.learning.plan import Plan

Floats = NDArray[np.float64]

LEARNER = Choice(
    "hist_gradient_boosting",
    {"max_iter": 50, "max_leaf_nodes": 6, "min_samples_leaf": 20, "l2_regularization": 1.0},
)
# Fewer rows tell nothing of where a model errs; of more, a sample tells as much.
FEWEST_ROWS, MOST_ROWS = 200, 8_000
# Every row's spread is by a model of the others, in so many parts at most.
PARTS = 3
# What is nearly right by luck is not surer than this share of what is usual.
LEAST = 0.05
# Beyond what these shares of the rows have, a spread is not believed.
ENDS = (0.005, 0.995)
# The level that intervals are judged by, the share that they must be shorter by on average, and
# how many standard errors better.
JUDGED, SHORTER, SURELY = 0.9, 0.05, 2.0


@dataclass(frozen=True)
class Spread:
    """Tells of each row how far off its answer is likely to be, in the target's unit.

    Attributes:
        model: of the logarithm.
        least: of the logarithm.
        most: likewise.
    """

    model: FittedModel
    least: float
    most: float

    def predict(self, inputs: Inputs) -> Floats:
        """Return it, [rows], more than 0."""
        found: Floats = np.exp(np.clip(self.model.predict(inputs), self.least, self.most))
        return found

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor, double: [rows, 1]."""
        ends = (graph.constant(np.array(one)) for one in (self.least, self.most))
        return graph.add("Exp", [graph.add("Clip", [self.model.add_to(graph), *ends])])


@dataclass(frozen=True)
class LearntSpread:
    """A spread, and what those of other rows say of each training row: [rows], NaN of some."""

    spread: Spread
    of_rows: Floats


def learn_spread(plan: Plan, out_of_fold: Floats, seed: int) -> LearntSpread | None:
    """Return the spread of a regression, where it makes intervals clearly shorter; else None.

    Args:
        plan: the job's data.
        out_of_fold: predictions of the training rows, NaN where there are none.
        seed: makes it repeatable.
    """
    gaps = np.abs(plan.train.target - out_of_fold)
    places = sample(np.flatnonzero(np.isfinite(gaps)), gaps, plan.task, MOST_ROWS, seed)
    usual = float(np.median(gaps[places])) if len(places) >= FEWEST_ROWS else 0.0
    if usual <= 0:
        return None
    learning = _about(plan, np.log(np.fmax(gaps, LEAST * usual)))
    of_rows = np.full(len(gaps), np.nan)
    for part in _parts(plan, places):
        fitted = fit_model(learning, LEARNER, np.setdiff1d(places, part), seed=seed)
        found = _bounded(fitted, learning, places)
        of_rows[part] = found.predict(plan.train.take(part).inputs)
        if not _shorter(gaps, of_rows):
            return None
    return LearntSpread(
        _bounded(fit_model(learning, LEARNER, places, seed=seed), learning, places), of_rows
    )


def _about(plan: Plan, logarithms: Floats) -> Plan:
    """Return a plan of the same rows whose target is another."""
    return dataclasses.replace(plan, train=dataclasses.replace(plan.train, target=logarithms))


def _parts(plan: Plan, places: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Part `places` by the folds, so that copies and groups stay together."""
    part = np.full(plan.train.rows, -1)
    # Of several ways to deal rows out, the first is written last.
    for number, (_, testing) in reversed(list(enumerate(plan.folds))):
        part[testing] = number % PARTS
    parts = (places[part[places] == one] for one in range(PARTS))
    return [one for one in parts if len(one)]


def _bounded(fitted: FittedModel, learning: Plan, places: NDArray[np.int64]) -> Spread:
    said = fitted.predict(learning.train.take(places).inputs)
    least, most = np.quantile(said, ENDS)
    return Spread(fitted, float(least), float(most))


def _shorter(gaps: Floats, of_rows: Floats) -> bool:
    """Tell whether scaled intervals are clearly shorter, as far as spreads are known."""
    known = np.isfinite(of_rows)
    gaps, of_rows = gaps[known], of_rows[known]
    same = np.full(len(gaps), limit(gaps, JUDGED))
    scaled = limit(gaps / of_rows, JUDGED) * of_rows
    gain = _costs(gaps, same) - _costs(gaps, scaled)
    error = float(gain.std()) / np.sqrt(len(gain))
    is_shorter = scaled.mean() <= (1 - SHORTER) * same.mean()
    return bool(is_shorter and gain.mean() > SURELY * error)


def _costs(gaps: Floats, widths: Floats) -> Floats:
    """Return the interval score of each row: its width, and dearly what lies outside."""
    found: Floats = 2 * widths + 2 / (1 - JUDGED) * np.maximum(gaps - widths, 0)
    return found
