"""From fitted members to a file that may be registered: calibrate, export, prove, evaluate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.onnx import open_session
from functions.kit.contract.signature import Signature
from functions.training.learning.calibration.calibration import Calibration
from functions.training.learning.calibration.choice import calibrate
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import FittedModel, fit_model
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.graph import parity, session
from functions.training.learning.plan import Plan
from functions.training.model.spec import JobRequest

Members = list[tuple[float, FittedModel]]


@dataclass(frozen=True)
class Assembled:
    """An ONNX file, what it takes and gives, and what the held-out rows say of it."""

    onnx: bytes
    signature: Signature
    evaluation: Evaluation


def fit(plan: Plan, choice: Choice, seed: int) -> FittedModel:
    """Fit a candidate on all training rows."""
    return fit_model(plan, choice, None, seed=seed)


def assemble(
    plan: Plan,
    members: Members,
    out_of_fold: NDArray[np.float64] | None,
    request: JobRequest,
) -> Assembled:
    """Make one file of the members; what is evaluated is that file.

    Args:
        plan: the job's data.
        members: weights, that sum to 1, and models.
        out_of_fold: their weighted predictions of the training rows, NaN where there are none.
        request: how probabilities are calibrated, and the seed.

    Raises:
        Mismatch: the file does not predict as the members do.
    """
    model = Ensemble(members, _calibration(plan, out_of_fold, request))
    onnx = model.to_onnx(plan.signature)
    opened = open_session(onnx)
    held_out = plan.held_out.inputs
    proof = parity.prove(model.predict(held_out), session.answers(opened, held_out), model.scale)
    found = evaluate(plan, lambda inputs: session.answers(opened, inputs), proof, request.seed)
    return Assembled(onnx, plan.signature, found)


def _calibration(
    plan: Plan, out_of_fold: NDArray[np.float64] | None, request: JobRequest
) -> Calibration | None:
    if out_of_fold is None or plan.task == "regression":
        return None
    train = plan.train
    return calibrate(
        request.calibrate, out_of_fold, train.target, weights=train.weights, seed=request.seed
    )
