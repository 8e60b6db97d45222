"""From fitted members to a file that may be registered: calibrate, export, prove, evaluate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.features import Inputs
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.onnx import open_session
from functions.kit.contract.signature import Signature
from functions.training.learning.calibration.calibration import Calibration
from functions.training.learning.calibration.choice import calibrate
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model, fit_whole
from functions.training.learning.ensembles import exported
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.ensembles.exported import Exported
from functions.training.learning.evaluation.answers import held_out_of, with_answers
from functions.training.learning.evaluation.learning_curve import Fit
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.evaluation.thresholds import Threshold
from functions.training.learning.graph import parity, session
from functions.training.learning.graph.parity import PLAIN, Scale
from functions.training.learning.large.whole import Whole
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing.scaling import TargetScaling
from functions.training.learning.table import Table
from functions.training.model.requests.spec import JobRequest

Members = list[tuple[float, Exported]]


@dataclass(frozen=True)
class Assembled:
    """An ONNX file, what it takes and gives, and what the held-out rows say of it.

    Attributes:
        signature: the plan's, with threshold and certainty.
        held_out: what it predicts for those rows, to compare it with others later.
    """

    onnx: bytes
    signature: Signature
    evaluation: Evaluation
    held_out: HeldOut


def fit(plan: Plan, choice: Choice, seed: int) -> Exported:
    """Fit a candidate on all training rows, and export it.

    Raises:
        Mismatch: the graph does not predict as the model does.
    """
    model = fit_model(plan, choice, None, seed=seed)
    return exported.export(model, plan.signature, plan.held_out.inputs)


def fit_large(
    plan: Plan,
    whole: Whole,
    read: Callable[[], Table],
    choice: Choice,
    *,
    seed: int,
    budget: int,
) -> Exported:
    """Fit a candidate on all training rows of a table that is read in blocks, and export it.

    Raises:
        Mismatch: the graph does not predict as the model does.
        TooMuch: it would take more memory than there is.
    """
    model = fit_whole(plan, whole, read, choice, budget=budget, seed=seed)
    return exported.export(model, plan.signature, plan.held_out.inputs)


def assemble(
    plan: Plan,
    members: Members,
    out_of_fold: NDArray[np.float64] | None,
    request: JobRequest,
    curve: Choice | None = None,
) -> Assembled:
    """Make one file of the members; what is evaluated is that file.

    Args:
        plan: the job's data.
        members: weights, that sum to 1, and models.
        out_of_fold: their weighted predictions of the training rows, NaN where there are none.
        request: how probabilities are calibrated, what the threshold is for, and the seed.
        curve: the choice of the heaviest member, which is fitted again on parts of the rows, where
            a learning curve is affordable.

    Raises:
        Mismatch: the file does not predict as the members do.
    """
    calibration = _calibration(plan, out_of_fold, request)
    model = Ensemble(members, calibration)
    onnx = model.to_onnx(plan.signature)
    opened = open_session(onnx)

    def predict(inputs: Inputs) -> NDArray[Any]:
        return session.answers(opened, inputs)

    held_out = plan.held_out.inputs
    predicted = predict(held_out)
    fitted = model.combined([one.predicted for _, one in members])
    proof = parity.prove(fitted, predicted, _scale(plan))
    signature, threshold = _answers(plan, out_of_fold, calibration, request)
    found = evaluate(
        plan,
        predict,
        proof,
        request.seed,
        predicted=predicted,
        signature=signature,
        threshold=threshold,
        deciding=request.measure,
        fit=_fit_again(plan, curve, max(members, key=lambda one: one[0])[1], request.seed),
    )
    return Assembled(onnx, signature, found, held_out_of(plan, signature, predicted))


def _scale(plan: Plan) -> Scale:
    """Return what differences of predictions are held to: those of numbers, to the target's."""
    if plan.task != "regression":
        return PLAIN
    scaling = TargetScaling()
    scaling.fit(plan.train.target)
    return scaling.scale


def _answers(
    plan: Plan,
    out_of_fold: NDArray[np.float64] | None,
    calibration: Calibration | None,
    request: JobRequest,
) -> tuple[Signature, Threshold | None]:
    """Return the signature with certainty and threshold, as far as anything is known for them."""
    if out_of_fold is None:
        return plan.signature, None
    served = out_of_fold if calibration is None else calibration.apply(out_of_fold)
    return with_answers(plan.signature, request.goal, plan.train.target, served)


def _fit_again(plan: Plan, curve: Choice | None, heaviest: Exported, seed: int) -> Fit | None:
    """Return what fits a candidate on some rows and predicts the held-out ones.

    Of all rows that is the heaviest member, which is not fitted again.
    """
    if curve is None:
        return None

    def fitted(places: NDArray[np.int64]) -> NDArray[Any]:
        if len(places) == plan.train.rows:
            return heaviest.predicted
        return fit_model(plan, curve, places, seed=seed).predict(plan.held_out.inputs)

    return fitted


def _calibration(
    plan: Plan, out_of_fold: NDArray[np.float64] | None, request: JobRequest
) -> Calibration | None:
    if out_of_fold is None or plan.task == "regression":
        return None
    train = plan.train
    return calibrate(
        request.calibrate, out_of_fold, train.target, weights=train.weights, seed=request.seed
    )
