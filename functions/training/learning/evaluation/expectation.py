"""What is kept so that a model's measures can be expected later, on rows without a truth."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.measures.expectation.chances import learn_chances
from functions.kit.contract.measures.expectation.expected import Expectation
from functions.kit.contract.measures.expectation.losses import learn_losses
from functions.kit.contract.models.readable import ReadableColumn, readable
from functions.kit.contract.models.signature import Signature
from functions.training.learning.evaluation.importance import Importance
from functions.training.learning.plan import Plan

Floats = NDArray[np.float64]
# More rows tell no more of how sure a model should be.
MOST_ROWS = 20_000


def expectation_of(
    plan: Plan,
    signature: Signature,
    predicted: tuple[NDArray[Any] | None, NDArray[Any]],
    spread: tuple[Floats | None, Floats | None],
    important: list[Importance],
    seed: int,
) -> Expectation | None:
    """Return it, as learnt from all rows that were predicted by what had not seen them.

    Args:
        plan: the job's data.
        signature: of the model.
        predicted: of the training rows out of folds, as the model that is served would, NaN where
            there is none; and of the held-out rows.
        spread: of the same rows, of a regression whose intervals fit it.
        important: columns, the most important first.
        seed: of the rows that are drawn where there are very many.
    """
    parts = [_known(plan, predicted[0], spread[0]), np.arange(plan.held_out.rows)]
    parts = _drawn(parts, seed)
    both = [(plan.train, parts[0]), (plan.held_out, parts[1])]
    truth = np.concatenate([rows.target[places] for rows, places in both])
    told = np.concatenate(
        [one[places] for one, places in zip(predicted, parts, strict=True) if one is not None]
    )
    columns = _columns(plan, signature, parts, important)
    if signature.task != "regression":
        return _kept(Expectation(chances=learn_chances(truth, told, columns)))
    scaled = signature.certainty is not None and signature.certainty.scaled
    wide = (
        np.concatenate(
            [one[places] for one, places in zip(spread, parts, strict=True) if one is not None]
        )
        if scaled
        else None
    )
    return _kept(Expectation(losses=learn_losses(truth, told.reshape(-1), columns, wide)))


def _kept(found: Expectation) -> Expectation | None:
    return None if found == Expectation() else found


def _known(
    plan: Plan, out_of_fold: NDArray[Any] | None, spread: Floats | None
) -> NDArray[np.int64]:
    """Return the places of the training rows of which something was predicted."""
    if out_of_fold is None:
        return np.arange(0)
    known = np.isfinite(out_of_fold.reshape(plan.train.rows, -1)).all(axis=1)
    return np.flatnonzero(known if spread is None else known & np.isfinite(spread))


def _drawn(parts: list[NDArray[np.int64]], seed: int) -> list[NDArray[np.int64]]:
    rows = sum(map(len, parts))
    if rows <= MOST_ROWS:
        return parts
    random, share = np.random.default_rng(seed), MOST_ROWS / rows
    return [np.sort(random.choice(one, int(len(one) * share), replace=False)) for one in parts]


def _columns(
    plan: Plan,
    signature: Signature,
    parts: list[NDArray[np.int64]],
    important: list[Importance],
) -> list[ReadableColumn]:
    """Return the columns of both parts' rows, but for those whose values no log has."""
    sensitive = {one.name for one in signature.columns if one.sensitive}
    rows = (plan.train, plan.held_out)
    read = [
        readable(signature, one.take(places).inputs)
        for one, places in zip(rows, parts, strict=True)
    ]
    whole = {
        one.name: ReadableColumn(one.name, one.kind, np.concatenate([one.values, other.values]))
        for one, other in zip(*read, strict=True)
    }
    named = [one.column for one in important if one.column not in sensitive]
    return [whole[name] for name in named]
