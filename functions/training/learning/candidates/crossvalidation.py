"""Cross-validation one fold at a time, so that a killed candidate carries on where it was."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from functions.kit.contract.signature import Task
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.cores import one_core
from functions.training.learning.evaluation.metrics import Metrics, measure
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing import pipelines


def run_fold(plan: Plan, choice: Choice, *, fold: int, seed: int) -> Metrics:
    """Fit `choice` on all folds but one and measure it on that one."""
    _, testing = plan.folds[fold]
    predicted = predict_fold(plan, choice, fold=fold, seed=seed)
    return measure(plan.task, plan.train.target[testing], predicted)


def predict_fold(plan: Plan, choice: Choice, *, fold: int, seed: int) -> NDArray[Any]:
    """Fit `choice` on all folds but one and predict the rows of that one."""
    fitting, testing = plan.folds[fold]
    matrix = plan.train.matrix(plan.signature.features)
    pipeline = pipelines.build(choice, plan.task, plan.signature.features, seed)
    with one_core():
        pipeline.fit(matrix[fitting], plan.train.target[fitting])
        return predict(pipeline, matrix[testing], plan.task)


def out_of_fold(plan: Plan, choice: Choice, seed: int) -> NDArray[Any]:
    """Return what models of `choice` predict for training rows that they were not fitted on.

    NaN stands for rows that are in no fold that is tested on.
    """
    labels = len(plan.signature.labels)
    found = np.full((plan.train.rows, labels) if labels else plan.train.rows, np.nan)
    for fold, (_, testing) in enumerate(plan.folds):
        found[testing] = predict_fold(plan, choice, fold=fold, seed=seed)
    return found


def predict(pipeline: Pipeline, matrix: NDArray[Any], task: Task) -> NDArray[Any]:
    """Return probabilities [rows, labels], or numbers [rows]."""
    method = pipeline.predict if task == "regression" else pipeline.predict_proba
    predicted: NDArray[Any] = method(matrix)
    return predicted
