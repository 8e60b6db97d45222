"""From fitted members to a file that may be registered: calibrate, export, prove, evaluate."""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.models.background import Background
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Signature
from functions.training.learning.calibration.calibration import Calibration
from functions.training.learning.calibration.choice import calibrate
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.certainty.spread import LearntSpread, Spread, learn_spread
from functions.training.learning.ensembles.ensemble import Ensemble
from functions.training.learning.ensembles.exported import Exported
from functions.training.learning.ensembles.twins import Twins
from functions.training.learning.evaluation import baselines
from functions.training.learning.evaluation.answers import held_out_of, with_answers
from functions.training.learning.evaluation.expectation import expectation_of
from functions.training.learning.evaluation.explaining.representatives import background_of
from functions.training.learning.evaluation.learning_curve import Fit
from functions.training.learning.evaluation.report import Evaluation, evaluate
from functions.training.learning.evaluation.thresholds import Threshold
from functions.training.learning.graph import parity, session
from functions.training.learning.graph.parity import PLAIN, Parity, Scale
from functions.training.learning.plan import Plan
from functions.training.learning.preprocessing.scaling import TargetScaling
from functions.training.model.requests.spec import JobRequest

Members = list[tuple[float, Twins]]


@dataclass(frozen=True)
class Assembled:
    """An ONNX file, what it takes and gives, and what the held-out rows say of it.

    Attributes:
        onnx: what is served.
        signature: the plan's, with threshold and certainty.
        held_out: what was predicted for those rows by what had not seen them, to compare it with
            others later.
        background: what the predictions of what is served are explained against.
        served_held_out: what is predicted for the held-out rows by what is served, which has seen
            them; None where nothing else than what was measured is served.
    """

    onnx: bytes
    signature: Signature
    evaluation: Evaluation
    held_out: HeldOut
    background: Background
    served_held_out: HeldOut | None = None


def assemble(
    plan: Plan,
    members: Members,
    out_of_fold: NDArray[np.float64] | None,
    request: JobRequest,
    curve: Choice | None = None,
) -> Assembled:
    """Make one file of the members; what is evaluated are their twins that saw less, as a file.

    Args:
        plan: the job's data.
        members: weights, that sum to 1, and models.
        out_of_fold: their weighted predictions of the training rows, NaN where there are none.
        request: how probabilities are calibrated, what the threshold is for, and the seed.
        curve: the choice of the heaviest member, which is fitted again on parts of the rows, where
            a learning curve is affordable.

    Raises:
        Mismatch: a file does not predict as its members do.
    """
    calibration = _calibration(plan, out_of_fold, request)
    learnt = _spread(plan, out_of_fold, request)
    spread = None if learnt is None else learnt.spread
    measured, served = _files(plan, members, calibration, spread)

    served_out_of_fold = _calibrated(out_of_fold, calibration)
    signature, threshold = _answers(plan, served_out_of_fold, learnt, request)
    found = evaluate(
        plan,
        partial(session.answers, measured.opened),
        parity.both(measured.parity, served.parity),
        request.seed,
        predicted=measured.predicted,
        signature=signature,
        threshold=threshold,
        deciding=request.measure,
        fit=_fit_again(plan, curve, _heaviest(members), request.seed),
        beside=baselines.others(plan, request.seed),
        spread=measured.spread,
    )
    found.fitted_on_all = served is not measured
    found.expectation = expectation_of(
        plan,
        signature,
        (served_out_of_fold, measured.predicted),
        (None if learnt is None else learnt.of_rows, measured.spread),
        found.importance,
        request.seed,
    )
    return Assembled(
        served.onnx,
        signature,
        found,
        held_out_of(plan, signature, measured.predicted),
        background_of(signature, plan.train, served.opened, request.seed),
        held_out_of(plan, signature, served.predicted) if served is not measured else None,
    )


def _heaviest(members: Members) -> Exported:
    return max(members, key=lambda one: one[0])[1].measured


class _Proved(NamedTuple):
    """A file, what it says of the held-out rows, and the proof that its models say the same."""

    onnx: bytes
    opened: ort.InferenceSession
    predicted: NDArray[Any]
    spread: NDArray[np.float64] | None
    parity: Parity


def _files(
    plan: Plan, members: Members, calibration: Calibration | None, spread: Spread | None
) -> tuple[_Proved, _Proved]:
    """Return the file that is measured, and the one that is served: it may be the same."""
    measured = [(weight, one.measured) for weight, one in members]
    found = _proved(plan, measured, calibration, spread)
    if not any(one.served for _, one in members):
        return found, found
    served = [(weight, one.to_serve) for weight, one in members]
    return found, _proved(plan, served, calibration, spread)


def _proved(
    plan: Plan,
    members: list[tuple[float, Exported]],
    calibration: Calibration | None,
    spread: Spread | None,
) -> _Proved:
    model = Ensemble(members, calibration, spread)
    onnx = model.to_onnx(plan.signature)
    opened, inputs = open_session(onnx), plan.held_out.inputs
    predicted = session.answers(opened, inputs)
    fitted = model.combined([one.predicted for _, one in members])
    proof = parity.prove(fitted, predicted, _scale(plan))
    if spread is None:
        return _Proved(onnx, opened, predicted, None, proof)
    told = session.spreads(opened, inputs)
    beside = parity.prove_in_proportion(spread.predict(inputs), told)
    return _Proved(onnx, opened, predicted, told, parity.both(proof, beside))


def _scale(plan: Plan) -> Scale:
    """Return what differences of predictions are held to: those of numbers, to the target's."""
    if plan.task != "regression":
        return PLAIN
    scaling = TargetScaling()
    scaling.fit(plan.train.target)
    return scaling.scale


def _calibrated(
    out_of_fold: NDArray[np.float64] | None, calibration: Calibration | None
) -> NDArray[np.float64] | None:
    """Return what the model that is served would have said out of folds."""
    if out_of_fold is None or calibration is None:
        return out_of_fold
    return calibration.apply(out_of_fold)


def _answers(
    plan: Plan,
    out_of_fold: NDArray[np.float64] | None,
    learnt: LearntSpread | None,
    request: JobRequest,
) -> tuple[Signature, Threshold | None]:
    """Return the signature with certainty and threshold, as far as anything is known for them."""
    if out_of_fold is None:
        return plan.signature, None
    spread = None if learnt is None else learnt.of_rows
    return with_answers(plan.signature, request.goal, plan.train.target, out_of_fold, spread)


def _spread(
    plan: Plan, out_of_fold: NDArray[np.float64] | None, request: JobRequest
) -> LearntSpread | None:
    if out_of_fold is None or plan.task != "regression":
        return None
    return learn_spread(plan, out_of_fold, request.seed)


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
