"""Cross-validation one fold at a time, so that a killed candidate carries on where it was."""

from typing import Any

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
    fitting, testing = plan.folds[fold]
    matrix = plan.train.matrix(plan.signature.features)
    pipeline = pipelines.build(choice, plan.task, plan.signature.features, seed)
    with one_core():
        pipeline.fit(matrix[fitting], plan.train.target[fitting])
        predicted = predict(pipeline, matrix[testing], plan.task)
    return measure(plan.task, plan.train.target[testing], predicted)


def predict(pipeline: Pipeline, matrix: NDArray[Any], task: Task) -> NDArray[Any]:
    """Return probabilities [rows, labels], or numbers [rows]."""
    method = pipeline.predict if task == "regression" else pipeline.predict_proba
    predicted: NDArray[Any] = method(matrix)
    return predicted
