"""Cross-validation one fold at a time, so that a killed candidate carries on where it was."""

from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.cores import one_core
from functions.training.learning.evaluation.metrics import Metrics, measure
from functions.training.learning.plan import Plan


def run_fold(plan: Plan, choice: Choice, *, fold: int, seed: int) -> Metrics:
    """Fit `choice` on all folds but one and measure it on that one."""
    fitting, testing = plan.folds[fold]
    with one_core():
        fitted = fit_model(plan, choice, fitting, seed=seed)
        rows = plan.train.take(testing)
        predicted = fitted.predict(rows.inputs)
    return measure(plan.task, rows.target, predicted)
