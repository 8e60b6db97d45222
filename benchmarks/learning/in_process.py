"""Jobs on random tables in this process: file, job, model and answers, without a stack around them.

The services are those of the functions; where they keep things is memory.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from random import Random
from typing import Any

import msgspec
import structlog

from benchmarks.learning.random_tables import RandomTable, make
from functions.kit.contract.models.signature import Task
from functions.training.learning.candidates.algorithms import CATALOGUE, Choice
from tests.support.in_memory.whole_house import Learnt, learn

ANSWERED = 5  # records that a model answers to, once it is made
# Of a search: small, as there are many.
TRIALS, FOLDS, ALGORITHMS = 4, 3, 3
# What coverage is measured with: fast, and each wrong in its own way.
FAST: dict[str, dict[str, Any]] = {
    "lightgbm": {"n_estimators": 60, "num_leaves": 15},
    "extra_trees": {"n_estimators": 40, "min_samples_leaf": 5},
    "linear": {},
}


@dataclass(frozen=True)
class Ended:
    """What became of a job.

    Attributes:
        failure: why it made no model, if so.
        difference: the largest between ONNX and what was fitted.
        certainty: as the evaluation has it.
        scaled: whether intervals fit the spread.
        members: algorithms in the model.
    """

    name: str
    kinds: list[str]
    task: Task
    failure: str | None = None
    difference: float = 0.0
    certainty: list[dict[str, Any]] = field(default_factory=list)
    scaled: bool = False
    members: list[str] = field(default_factory=list)


def search(seed: int) -> Ended:
    """Search among a few algorithms on a small table."""
    table, dice = make(seed, (120, 400)), Random(seed)
    able = [one.name for one in CATALOGUE.values() if table.task in one.tasks]
    chosen = dice.sample(able, ALGORITHMS)
    return _ended(table, candidates=None, trials=TRIALS, algorithms=chosen, folds=FOLDS, seed=seed)


def cover(seed: int, rows: int) -> Ended:
    """Fit one algorithm on half of a large table, so that the other half tells what is covered."""
    table = make(seed, (rows, rows))
    name = Random(seed).choice(list(FAST))
    linear = "ridge" if table.task == "regression" else "logistic_regression"
    choice = Choice(linear if name == "linear" else name, FAST[name])
    return _ended(table, candidates=[choice], folds=FOLDS, holdout=0.5, seed=seed)


def quietly() -> None:
    """Let nothing be logged from here on."""
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _ended(table: RandomTable, **asked: Any) -> Ended:
    quietly()
    about = (table.name, list(table.kinds), table.task)
    try:
        learnt = learn(table.content, "y", task=table.task, **asked)
        return Ended(*about, **_told(learnt))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for here
        return Ended(*about, failure=f"{type(error).__name__}: {error}")


def _told(learnt: Learnt) -> dict[str, Any]:
    made, job = learnt.registration, learnt.job
    if made is None or job is None:
        return {"failure": learnt.refusal}
    records = [{name: one for name, one in row.items() if name != "y"} for row in learnt.rows]
    count = len(learnt.predict(records[:ANSWERED]))
    stated = made.signature.certainty
    return {
        "failure": None if count == ANSWERED else f"{count} of {ANSWERED} records were answered",
        "difference": made.evaluation["parity"]["max_difference"],
        "certainty": msgspec.to_builtins(made.evaluation.get("certainty", [])),
        "scaled": stated is not None and stated.scaled,
        "members": [job.candidates[one.candidate].algorithm for one in job.members],
    }


def each(do: Callable[[int], Ended], seeds: Iterable[int], workers: int) -> Iterator[Ended]:
    """Yield what becomes of each seed's job, as they end in order; `do` is a module's own."""
    with ProcessPoolExecutor(workers, get_context("forkserver")) as pool:
        yield from pool.map(do, seeds)
