"""From the best candidate to a model that may be registered: refit, export, prove, evaluate."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from functions.kit.contract.features import Inputs
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.onnx import open_session
from functions.kit.contract.signature import Signature
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.crossvalidation import out_of_fold, run_fold
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.evaluation.answers import held_out_of, with_answers
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.graph import parity, session
from functions.training.learning.plan import Plan
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
        Mismatch: the file does not predict as the fitted model does.
    """
    fitted = fit_model(plan, choice, None, seed=spec.seed)
    model = Ensemble([(1.0, fitted)])
    expected = model.predict(plan.held_out.inputs)
    onnx = model.to_onnx(plan.signature)
    opened = open_session(onnx)
    proof = parity.prove(expected, session.answers(opened, plan.held_out.inputs), model.scale)
    folds = [
        run_fold(plan, choice, fold=fold, seed=spec.seed).predictions
        for fold in range(len(plan.folds))
    ]
    signature, threshold = with_answers(
        plan.signature, spec.goal, plan.train.target, out_of_fold(plan, folds)
    )

    def predict(inputs: Inputs) -> NDArray[Any]:
        return session.answers(opened, inputs)

    def fit(places: NDArray[Any]) -> NDArray[Any]:
        if len(places) == plan.train.rows:
            return expected
        return fit_model(plan, choice, places, seed=spec.seed).predict(plan.held_out.inputs)

    found = evaluate(
        plan,
        predict,
        proof,
        spec.seed,
        signature=signature,
        threshold=threshold,
        deciding=spec.measure,
        fit=fit if plan.train.rows <= CURVE_ROWS else None,
    )
    return FinalModel(onnx, found, signature, held_out_of(plan, signature, predict))
