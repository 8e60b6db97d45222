"""From fitted members to a file that may be registered: calibrate, export, prove, evaluate."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from functions.kit.contract.features import Inputs
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.onnx import open_session
from functions.kit.contract.signature import Signature
from functions.training.learning.calibration.calibration import Calibration
from functions.training.learning.calibration.choice import calibrate
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import FittedModel, fit_model
from functions.training.learning.certainty.spread import LearntSpread, learn_spread
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.evaluation import baselines
from functions.training.learning.evaluation.answers import held_out_of, with_answers
from functions.training.learning.evaluation.learning_curve import Fit
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.evaluation.thresholds import Threshold
from functions.training.learning.graph import parity, session
from functions.training.learning.graph.parity import Parity
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import JobRequest

Members = list[tuple[float, FittedModel]]


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


def fit(plan: Plan, choice: Choice, seed: int) -> FittedModel:
    """Fit a candidate on all training rows."""
    return fit_model(plan, choice, None, seed=seed)


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
        curve: what is fitted again on parts of the rows, where a learning curve is affordable.

    Raises:
        Mismatch: the file does not predict as the members do.
    """
    calibration = _calibration(plan, out_of_fold, request)
    learnt = _spread(plan, out_of_fold, request)
    model = Ensemble(members, calibration, None if learnt is None else learnt.spread)
    onnx = model.to_onnx(plan.signature)
    opened = open_session(onnx)

    def predict(inputs: Inputs) -> NDArray[Any]:
        return session.answers(opened, inputs)

    proved = _proved(model, opened, plan.held_out.inputs)
    signature, threshold = _answers(plan, out_of_fold, calibration, learnt, request)
    found = evaluate(
        plan,
        predict,
        proved.parity,
        request.seed,
        predicted=proved.predicted,
        signature=signature,
        threshold=threshold,
        deciding=request.measure,
        fit=_fit_again(plan, curve, request.seed),
        beside=baselines.others(plan, request.seed),
        spread=proved.spread,
    )
    return Assembled(onnx, signature, found, held_out_of(plan, signature, proved.predicted))


class _Proved(NamedTuple):
    """What a file says of rows, and the proof that its model says the same."""

    predicted: NDArray[Any]
    spread: NDArray[np.float64] | None
    parity: Parity


def _proved(model: Ensemble, opened: ort.InferenceSession, inputs: Inputs) -> _Proved:
    predicted = session.answers(opened, inputs)
    proof = parity.prove(model.predict(inputs), predicted, model.scale)
    if model.spread is None:
        return _Proved(predicted, None, proof)
    spread = session.spreads(opened, inputs)
    beside = parity.prove_in_proportion(model.spread.predict(inputs), spread)
    return _Proved(predicted, spread, parity.both(proof, beside))


def _answers(
    plan: Plan,
    out_of_fold: NDArray[np.float64] | None,
    calibration: Calibration | None,
    learnt: LearntSpread | None,
    request: JobRequest,
) -> tuple[Signature, Threshold | None]:
    """Return the signature with certainty and threshold, as far as anything is known for them."""
    if out_of_fold is None:
        return plan.signature, None
    served = out_of_fold if calibration is None else calibration.apply(out_of_fold)
    spread = None if learnt is None else learnt.of_rows
    return with_answers(plan.signature, request.goal, plan.train.target, served, spread)


def _spread(
    plan: Plan, out_of_fold: NDArray[np.float64] | None, request: JobRequest
) -> LearntSpread | None:
    if out_of_fold is None or plan.task != "regression":
        return None
    return learn_spread(plan, out_of_fold, request.seed)


def _fit_again(plan: Plan, curve: Choice | None, seed: int) -> Fit | None:
    """Return what fits a candidate on some rows and predicts the held-out ones."""
    if curve is None:
        return None

    def fitted(places: NDArray[np.int64]) -> NDArray[Any]:
        # Of all rows, what the members were fitted on is prepared already.
        some = places if len(places) < plan.train.rows else None
        return fit_model(plan, curve, some, seed=seed).predict(plan.held_out.inputs)

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
