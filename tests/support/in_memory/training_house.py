"""Training over stores in memory, with what it learns learnt once."""

import functools
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.records.columns import Column
from functions.kit.contract.steps import LEASE, Step
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.training.adapters.memory_jobs import MemoryStore
from functions.training.learning import plan
from functions.training.learning.candidates import crossvalidation
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.crossvalidation import FoldResult
from functions.training.learning.ensembles import selection, twins
from functions.training.learning.ensembles.exported import Exported
from functions.training.learning.ensembles.twins import Twins
from functions.training.learning.large.memory import USUAL
from functions.training.learning.plan import Plan
from functions.training.learning.plans import Plans
from functions.training.learning.table import Table
from functions.training.model.admission import Caps
from functions.training.model.jobs import Job
from functions.training.model.requests.spec import JobRequest, TrainingSpec
from functions.training.model.transitions import MOST_ATTEMPTS
from functions.training.service.jobs import Service
from functions.training.service.step_kinds import assembling, planning
from functions.training.service.step_kinds.assembling import Assembled
from functions.training.service.step_kinds.room import Room
from functions.training.service.step_kinds.tools import Pace, Tools
from functions.training.service.step_work import StepWork
from functions.training.service.steps import Steps
from tests.support.in_memory.chaos import Killed
from tests.support.in_memory.training import MemoryFiles, World, run_all, table

SMALL = [
    Choice("logistic_regression"),
    Choice("random_forest", {"n_estimators": 5, "max_leaf_nodes": 4}),
]
COLUMNS = [Column("x", "number"), Column("colour", "category"), Column("y", "category")]


def small_table(rows: int = 60) -> Table:
    numbers = random.Random(1)
    x = [numbers.random() for _ in range(rows)]
    y = ["yes" if value + numbers.random() / 2 > 0.7 else "no" for value in x]
    colour = [numbers.choice(["red", "blue", None]) for _ in range(rows)]
    return table(COLUMNS, x=x, colour=colour, y=y)


class House:
    """Training as `main.py` wires it, over stores in memory; the test delivers the queue.

    Args:
        around: put around all that is outside of a process.
        queue: another queue than one that only keeps.
        caps: how much may run at a time.
        pace: each fold is written down, and a candidate goes on to its end.
        memory: bytes that a process has.

    Attributes:
        steps: carries steps out, each time as a process of its own would.
    """

    def __init__(
        self,
        around: Callable[[Any], Any] = lambda it: it,
        queue: Any = None,
        caps: Caps | None = None,
        pace: Pace = Pace(turn=60.0, record=0.0),  # noqa: B008 - it cannot change
        memory: int = USUAL,
    ) -> None:
        self.clock = ManualClock()
        self.files = MemoryFiles()
        self.due = MemorySteps("training", self.clock)
        self.store = MemoryStore(self.due, caps)
        self.world = World(self.files, small=small_table())
        self.queue: Any = queue if queue is not None else MemoryQueue()
        hints, due, store = Hints(around(self.queue)), around(self.due), around(self.store)
        world, files = around(self.world), around(self.files)
        self.lookout = Lookout(due, hints, self.clock)
        self.tools = Tools(store, world, files, self.clock, Plans(), Room(), memory, pace)
        preview = functools.partial(planning.preview, self.tools)
        self.service = Service(store, world, hints, self.lookout, self.clock, preview)
        self.steps = Steps(
            store,
            StepRunner(due, hints, self.clock),
            hints,
            lambda lease: StepWork(
                Tools(store, world, files, self.clock, Plans(), Room(), memory, pace), lease
            ),
        )

    def post(self, job_id: str | None = None, workspace: str = MAIN, **more: Any) -> Job:
        settings: dict[str, Any] = {
            "dataset": "small",
            "target": "y",
            "folds": 2,
            "candidates": SMALL,
        }
        return self.service.create(workspace, "ann", JobRequest(**{**settings, **more}), job_id)

    def run(self) -> None:
        run_all(self.steps, self.queue)

    def next(self) -> Step:
        return self.queue.messages.popleft()

    def wait_for_leases(self) -> None:
        """Let the leases of those that died run out."""
        self.clock.advance(LEASE.total_seconds())

    def die_until_given_up(self, step: Callable[[], object]) -> None:
        """Try a step that kills its process as often as it is tried, and once more."""
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(Killed):
                step()
            self.wait_for_leases()
        step()


@functools.cache
def fold_once(algorithm: str, fold: int) -> FoldResult:
    """Learning is tested elsewhere: here each fold of the one table is learnt once."""
    made = plan.make(small_table(), TrainingSpec("y", 0.2, 2, 0))
    choice = next(one for one in SMALL if one.algorithm == algorithm)
    return GENUINE_FOLD(made, choice, fold=fold, seed=0)


@functools.cache
def model_once(*algorithms: str) -> Assembled:
    made = plan.make(small_table(), TrainingSpec("y", 0.2, 2, 0))
    choices = [one for one in SMALL if one.algorithm in algorithms]
    members = [(1 / len(choices), GENUINE_FIT(made, one, 0, refit=True)) for one in choices]
    return GENUINE_MODEL(made, members, None, JobRequest(target="y", dataset="small"))


GENUINE_FOLD = crossvalidation.run_fold
GENUINE_SELECT = selection.select
SELECTED: dict[Any, Any] = {}
GENUINE_FIT = twins.fit
GENUINE_MODEL = assembling.assemble


def learn_once(patch: pytest.MonkeyPatch) -> None:
    """Give what was learnt before."""

    def run_fold(_: Plan, choice: Choice, *, fold: int, **__: Any) -> FoldResult:
        return fold_once(choice.algorithm, fold)

    def fit(_: Plan, choice: Choice, __: int, *, refit: bool) -> Twins:
        one = Exported(choice.algorithm.encode(), np.zeros(1))
        return Twins(one, one if refit else None)

    def assemble(_: Plan, members: list[tuple[float, Twins]], *__: Any) -> Assembled:
        return model_once(*sorted(one.to_serve.onnx.decode() for _, one in members))

    def select(predictions: Mapping[int, Any], *given: Any, **more: Any) -> Any:
        key = tuple((one, found.tobytes()) for one, found in predictions.items())
        if key not in SELECTED:
            SELECTED[key] = GENUINE_SELECT(predictions, *given, **more)
        return SELECTED[key]

    patch.setattr(selection, "select", select)
    patch.setattr(crossvalidation, "run_fold", run_fold)
    patch.setattr(twins, "fit", fit)
    patch.setattr(assembling, "assemble", assemble)
