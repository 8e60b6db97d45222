"""From the best candidate to a model that may be registered: refit, export, prove, evaluate."""

from dataclasses import dataclass

from functions.kit.contract.onnx import open_session
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import FittedModel, fit_model
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.graph import parity, session
from functions.training.learning.plan import Plan


@dataclass(frozen=True)
class FinalModel:
    """An ONNX file, and what the held-out rows say of it."""

    onnx: bytes
    evaluation: Evaluation


def make_model(plan: Plan, choice: Choice, seed: int) -> FinalModel:
    """Fit `choice` on all training rows and export it; what is evaluated is the exported file.

    Raises:
        Mismatch: the file does not predict as the fitted model does.
    """
    model = Ensemble([(1.0, fit_model(plan, choice, None, seed=seed))])
    expected = model.predict(plan.held_out.inputs)
    onnx = model.to_onnx(plan.signature)
    opened = open_session(onnx)
    found = session.answers(opened, plan.held_out.inputs)
    proof = parity.prove(expected, found, model.scale)
    return FinalModel(
        onnx, evaluate(plan, lambda inputs: session.answers(opened, inputs), proof, seed)
    )


def to_onnx(plan: Plan, fitted: FittedModel) -> bytes:
    """Return the ONNX file of a fitted model alone."""
    return Ensemble([(1.0, fitted)]).to_onnx(plan.signature)
