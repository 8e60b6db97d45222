"""What callers see of a job."""

import datetime as dt

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.training.model import jobs
from functions.training.model.jobs import Candidate, Fold
from functions.training.model.requests.spec import JobRequest
from functions.training.model.views import summary, view

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CANDIDATE = Candidate(
    index=0, algorithm="ridge", settings={"alpha": 1.0}, folds=2, results=[Fold({"rmse": 2.0}, 0.1)]
)
JOB = replace(
    jobs.new(Place(MAIN, "j1"), "ann", JobRequest(dataset="d", target="y"), NOW),
    candidates=[CANDIDATE],
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
