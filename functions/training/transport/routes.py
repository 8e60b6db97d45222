"""Training's HTTP API."""

from typing import Any

import msgspec
from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.routing.routes import Reply, StillMay
from functions.kit.http.routing.step_routes import step
from functions.training.learning.candidates import algorithms
from functions.training.model.planned import JobPlan
from functions.training.model.requests.spec import JobRequest
from functions.training.model.views import JobSummary, JobView, view
from functions.training.service.jobs import Service
from functions.training.service.steps import Steps
from functions.training.transport import events

LONGEST_INDEX = 9


class AlgorithmView(msgspec.Struct):
    """An algorithm of the catalogue; `settings` is a JSON Schema with defaults and bounds."""

    name: str
    tasks: list[str]
    settings: dict[str, Any]


def add(api: Api, service: Service, steps: Steps, clock: Clock) -> None:
    """Register the routes."""
    _add_jobs(api, service, clock)
    _add_acts(api, service)
    _add_catalogue(api)
    _add_steps(api, steps)


def _add_jobs(api: Api, service: Service, clock: Clock) -> None:
    @api.route("POST", "/jobs", status=202, problems=(409, 410, 507))
    def create_job(body: JobRequest, request: Repeatable, caller: Caller) -> Reply[JobView]:
        """Train a model; a repeat with the same `Idempotency-Key` header is the same job."""
        job = service.create(caller.workspace, caller.account, body, request_id(request, caller))
        return Reply(view(job), 202, {"Location": f"jobs/{job.id}"})

    @api.route("POST", "/jobs/plan", noted=False, problems=(507,))
    def plan_job(body: JobRequest, caller: Caller) -> JobPlan:
        """Tell what a job would do: rows, columns, folds, candidates, time. It is not made."""
        return service.plan(caller.workspace, body)

    @api.route("GET", "/jobs")
    def list_jobs(query: ListQuery, caller: Caller) -> Page[JobSummary]:
        """List jobs, newest first, without their candidates and evaluations."""
        return service.jobs(caller.workspace, query)

    @api.route("GET", "/jobs/{job_id}", access="both")
    def get_job(job_id: str, caller: Caller) -> JobView:
        """Show a job with its candidates and its evaluation."""
        return view(service.job(_place(caller, job_id)))

    @api.route("GET", "/jobs/{job_id}/events", gives="text/event-stream")
    def watch_job(job_id: str, caller: Caller, still_may: StillMay) -> Response:
        """Follow a job: server-sent events named `job`, each the job as JSON, until it ends."""
        place = _place(caller, job_id)
        service.job(place)
        return Response(
            events.stream(lambda: service.job(place), still_may, clock),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )


def _add_acts(api: Api, service: Service) -> None:
    @api.route("POST", "/jobs/{job_id}/cancel", access="both", problems=(409, 507))
    def cancel_job(job_id: str, caller: Caller) -> JobView:
        """End a job; its candidates stop after the fold that they are at."""
        return view(service.cancel(_place(caller, job_id)))

    @api.route(
        "POST", "/jobs/{job_id}/again", access="both", status=202, problems=(409, 410, 422, 507)
    )
    def train_again(job_id: str, request: Repeatable, caller: Caller) -> Reply[JobView]:
        """Train with the same request on the dataset's newest revision, as a job of its own."""
        place = _place(caller, job_id)
        job = service.again(place, caller.account, request_id(request, caller))
        return Reply(view(job), 202, {"Location": f"jobs/{job.id}"})

    @api.route("DELETE", "/jobs/{job_id}", problems=(409,))
    def delete_job(job_id: str, caller: Caller) -> None:
        """Remove a job that has ended; the model version that it made stays."""
        service.remove(_place(caller, job_id))

    @api.route("POST", "/jobs/{job_id}/resume", status=202, problems=(507,))
    def resume_job(job_id: str, caller: Caller) -> JobView:
        """Queue again the steps that a job still needs, for one that seems to stand still."""
        return view(service.resume(_place(caller, job_id)))


def _add_catalogue(api: Api) -> None:
    @api.route("GET", "/algorithms", filters=True)
    def list_algorithms() -> Page[AlgorithmView]:
        """List what a candidate may be: algorithms, their tasks and their settings."""
        return Page(
            [
                AlgorithmView(one.name, list(one.tasks), msgspec.json.schema(one.settings))
                for one in algorithms.CATALOGUE.values()
            ]
        )


def _add_steps(api: Api, steps: Steps) -> None:
    @step(api, "/jobs/{job_id}/steps/start")
    def start(job_id: str, workspace: str = MAIN) -> None:
        """Look at the data and fan out the candidates."""
        steps.start(_stepped(workspace, job_id))

    @step(api, "/jobs/{job_id}/steps/candidates/{index}")
    def candidate(job_id: str, index: str, workspace: str = MAIN) -> None:
        """Cross-validate one candidate."""
        steps.candidate(_stepped(workspace, job_id), _index(index))

    @step(api, "/jobs/{job_id}/steps/members/{index}")
    def member(job_id: str, index: str, workspace: str = MAIN) -> None:
        """Fit a candidate that was chosen on all rows, and export it."""
        steps.member(_stepped(workspace, job_id), _index(index))

    @step(api, "/jobs/{job_id}/steps/finish")
    def finish(job_id: str, workspace: str = MAIN) -> None:
        """Choose the members; once they are made, prove, evaluate and register the model."""
        steps.finish(_stepped(workspace, job_id))

    @step(api, "/jobs/{job_id}/steps/tidy")
    def tidy(job_id: str, workspace: str = MAIN) -> None:
        """Remove what the job kept for its own steps."""
        steps.tidy(_stepped(workspace, job_id))


def _place(caller: Caller, job_id: str) -> Place:
    return Place(caller.workspace, job_id)


def _index(text: str) -> int:
    if not text.isdecimal() or len(text) > LONGEST_INDEX:
        raise not_found("candidate", text)
    return int(text)


def _stepped(workspace: str, job_id: str) -> Place:
    if not is_workspace(workspace):
        raise not_found("workspace", workspace)
    return Place(workspace, job_id)
