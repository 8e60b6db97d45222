"""What turns a model's output into answers: the threshold, and how certain they are."""

from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.models.signature import Signature
from functions.training.learning.certainty.conformal import certainty
from functions.training.learning.evaluation.thresholds import Threshold, choose_threshold
from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import Goal


def with_answers(
    signature: Signature,
    goal: Goal | None,
    truth: NDArray[Any],
    out_of_fold: NDArray[Any],
    spread: NDArray[np.float64] | None = None,
) -> tuple[Signature, Threshold | None]:
    """Return the signature with its certainty and, where a goal is stated, its threshold.

    Args:
        signature: of the model.
        goal: what the threshold is chosen for, if for anything; of two classes.
        truth: of the training rows, [rows].
        out_of_fold: what models not fitted on those rows predicted, as the model that is served
            would (calibrated like it); NaN where a row was in no fold that was tested on.
        spread: as `certainty` takes it.
    """
    stated = certainty(signature.task, truth, out_of_fold, spread)
    found = replace(signature, certainty=stated)
    if goal is None or signature.task != "binary":
        return found, None
    threshold = choose_threshold(goal, truth, out_of_fold)
    return replace(found, threshold=threshold.value), threshold


def held_out_of(plan: Plan, signature: Signature, predicted: NDArray[Any]) -> HeldOut:
    """Return what a model predicts for the held-out rows, to be kept beside its file.

    Args:
        plan: whose held-out rows they are.
        signature: as it is registered.
        predicted: probabilities [rows, labels] or numbers [rows] for them.
    """
    rows = plan.held_out
    return HeldOut(
        signature.task,
        rows.keys,
        rows.target,
        predicted,
        signature.labels,
        signature.threshold,
        None if rows.groups is None else rows.units,
    )
