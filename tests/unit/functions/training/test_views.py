"""What callers see of a job."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.models.signature import Task
from functions.training.model import jobs
from functions.training.model.jobs import Candidate, Fold, Member
from functions.training.model.requests.spec import JobRequest
from functions.training.model.transitions import begin_registering
from functions.training.model.views import summary, view

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CANDIDATE = Candidate(
    index=0, algorithm="ridge", settings={"alpha": 1.0}, folds=2, results=[Fold({"rmse": 2.0}, 0.1)]
)
JOB = replace(
    jobs.new(Place(MAIN, "j1"), "ann", JobRequest(dataset="d", target="y"), NOW),
    candidates=[CANDIDATE],
    members=[Member(0, 1.0)],
    evaluation={"metrics": {"rmse": 2.0}},
    attempts=2,
)


def test_a_job_is_shown_without_what_only_its_steps_need() -> None:
    shown = msgspec.to_builtins(view(JOB))
    assert shown["request"]["dataset"] == "d"
    assert shown["evaluation"] == {"metrics": {"rmse": 2.0}}
    assert not {"attempts", "registering"} & shown.keys()
    assert shown["candidates"][0]["settings"] == {"alpha": 1.0}
    assert not {"attempts", "results"} & shown["candidates"][0].keys()


def test_a_list_is_light() -> None:
    shown = msgspec.to_builtins(summary(JOB))
    assert (shown["id"], shown["owner"], shown["state"], shown["target"]) == (
        "j1",
        "ann",
        "queued",
        "y",
    )
    assert not {"candidates", "columns", "evaluation", "request"} & shown.keys()


@pytest.mark.parametrize(
    ("task", "evaluation", "result"),
    [
        ("regression", {"measure": "rmse"}, {"value": 2.0, "score": -2.0, "interval": [1.0, 3.0]}),
        ("binary", {"measure": "f1"}, {"value": 0.5, "score": 0.5, "interval": None}),
        ("binary", {"measure": "roc_auc"}, {"value": None, "score": None, "interval": None}),
    ],
)
def test_a_list_tells_the_measure_that_decided(
    task: Task, evaluation: dict[str, Any], result: dict[str, Any]
) -> None:
    metrics = {"metrics": {"rmse": 2.0, "f1": 0.5}, "intervals": {"rmse": (1.0, 3.0)}}
    job = replace(JOB, state="running", task=task)
    done = begin_registering(job, metrics | evaluation, "file")
    shown = msgspec.json.decode(msgspec.json.encode(summary(done)))["result"]
    assert shown == {"measure": evaluation["measure"], **result}
