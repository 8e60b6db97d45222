"""From the best candidate to a model that may be registered: refit, export, prove, evaluate."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from functions.kit.contract.features import Inputs
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.onnx import open_session
from functions.kit.contract.signature import Signature
from functions.training.learning.candidates import crossvalidation
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.cores import one_core
from functions.training.learning.evaluation.answers import held_out_of, with_answers
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.graph import export, parity
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing import pipelines
from functions.training.model.spec import TrainingSpec

# With more training rows, fitting on shares of them takes too long to be worth a curve.
CURVE_ROWS = 10_000


@dataclass(frozen=True)
class FinalModel:
    """An ONNX file, and what the held-out rows say of it.

    Attributes:
        signature: the plan's, with threshold and certainty.
        held_out: what it predicts for them, to compare it with others later.
    """

    onnx: bytes
    evaluation: Evaluation
    signature: Signature
    held_out: HeldOut


def make_model(plan: Plan, choice: Choice, spec: TrainingSpec) -> FinalModel:
    """Fit `choice` on all training rows and export it; what is evaluated is the exported file.

    Raises:
        Mismatch: the file does not predict as scikit-learn does.
    """
    every = np.arange(plan.train.rows)
    pipeline, expected = _fitted(plan, choice, spec.seed, every)
    onnx = export.to_onnx(pipeline, plan.task, plan.signature.features)
    session = open_session(onnx)
    proof = parity.prove(expected, export.run(session, plan.held_out.inputs))
    out_of_fold = crossvalidation.out_of_fold(plan, choice, spec.seed)
    signature, threshold = with_answers(plan.signature, spec.goal, plan.train.target, out_of_fold)

    def predict(inputs: Inputs) -> NDArray[Any]:
        return export.run(session, inputs)

    def fit(places: NDArray[Any]) -> NDArray[Any]:
        whole = len(places) == len(every)
        return expected if whole else _fitted(plan, choice, spec.seed, places)[1]

    found = evaluate(
        plan,
        predict,
        proof,
        spec.seed,
        signature=signature,
        threshold=threshold,
        deciding=spec.measure,
        fit=fit if len(every) <= CURVE_ROWS else None,
    )
    return FinalModel(onnx, found, signature, held_out_of(plan, signature, predict))


def _fitted(
    plan: Plan, choice: Choice, seed: int, places: NDArray[Any]
) -> tuple[Pipeline, NDArray[Any]]:
    """Fit `choice` on the training rows at `places`; return what it predicts for the held-out."""
    features = plan.signature.features
    pipeline = pipelines.build(choice, plan.task, features, seed)
    with one_core():
        pipeline.fit(plan.train.matrix(features)[places], plan.train.target[places])
        predicted = crossvalidation.predict(pipeline, plan.held_out.matrix(features), plan.task)
    return pipeline, predicted
