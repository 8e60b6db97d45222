"""A process makes the plan of a job once."""

import numpy as np

from functions.training.learning import plan
from functions.training.learning.plans import Plans
from functions.training.model.requests.spec import JobRequest, TrainingSpec
from tests.support.in_memory.training import heart

SPEC = TrainingSpec("heart_disease")


class Maker:
    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> plan.Plan:
        self.made += 1
        return plan.make(heart(), SPEC)


def test_the_same_snapshot_and_request_are_planned_once() -> None:
    plans, make = Plans(), Maker()
    first = plans.of("a.parquet", SPEC, make)
    asked = JobRequest("heart_disease", dataset="heart", algorithms=["ridge"])
    assert plans.of("a.parquet", asked, make) is first
    assert make.made == 1
    plans.of("b.parquet", SPEC, make)
    plans.of("a.parquet", TrainingSpec("heart_disease", seed=1), make)
    assert make.made == 3
    assert plans.of("a.parquet", SPEC, make) is first


def test_what_is_too_large_for_two_is_kept_alone() -> None:
    plans, make = Plans(most_bytes=1), Maker()
    first = plans.of("a.parquet", SPEC, make)
    assert plans.of("a.parquet", SPEC, make) is first
    plans.of("b.parquet", SPEC, make)
    assert plans.of("a.parquet", SPEC, make) is not first
    np.testing.assert_array_equal(
        first.train.target, plans.of("a.parquet", SPEC, make).train.target
    )
