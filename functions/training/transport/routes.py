"""Training's HTTP API."""

from typing import Any

import msgspec
from flask import Request, Response

from functions.kit.contract.errors import Flaw, Unreadable, not_found
from functions.kit.contract.identity import Caller
from functions.kit.contract.pages import Page, PageQuery
from functions.kit.contract.ports import Clock
from functions.kit.http.api import Api
from functions.kit.http.routes import Reply
from functions.training.learning import algorithms
from functions.training.model.jobs import JobRequest
from functions.training.model.views import JobSummary, JobView, view
from functions.training.service.jobs import Service
from functions.training.service.steps import Steps
from functions.training.transport import events

LONGEST_KEY = 255
LONGEST_INDEX = 9


class AlgorithmView(msgspec.Struct):
    """An algorithm of the catalogue; `settings` is a JSON Schema with defaults and bounds."""

    name: str
    tasks: list[str]
    settings: dict[str, Any]


def add(api: Api, service: Service, steps: Steps, clock: Clock) -> None:
    """Register the routes."""
    _add_jobs(api, service, clock)
    _add_catalogue(api)
    _add_steps(api, steps)


def _add_jobs(api: Api, service: Service, clock: Clock) -> None:
    @api.route("POST", "/jobs", status=202, problems=(409, 507))
    def create_job(body: JobRequest, request: Request, caller: Caller) -> Reply[JobView]:
        """Train a model; a repeat with the same `Idempotency-Key` header is the same job."""
        job = service.create(body, caller.name, _idempotency_key(request))
        return Reply(view(job), 202, {"Location": f"jobs/{job.id}"})

    @api.route("GET", "/jobs")
    def list_jobs(query: PageQuery) -> Page[JobSummary]:
        """List jobs, newest first, without their candidates and evaluations."""
        return service.jobs(query)

    @api.route("GET", "/jobs/{job_id}")
    def get_job(job_id: str) -> JobView:
        """Show a job with its candidates and its evaluation."""
        return view(service.job(job_id))

    @api.route("GET", "/jobs/{job_id}/events", gives="text/event-stream")
    def watch_job(job_id: str) -> Response:
        """Follow a job: server-sent events named `job`, each the job as JSON, until it ends."""
        service.job(job_id)
        return Response(
            events.stream(lambda: service.job(job_id), clock),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    @api.route("POST", "/jobs/{job_id}/cancel", problems=(409, 507))
    def cancel_job(job_id: str) -> JobView:
        """End a job; its candidates stop after the fold that they are at."""
        return view(service.cancel(job_id))

    @api.route("POST", "/jobs/{job_id}/resume", status=202, problems=(507,))
    def resume_job(job_id: str) -> JobView:
        """Queue again the steps that a job still needs, for one that seems to stand still."""
        return view(service.resume(job_id))


def _add_catalogue(api: Api) -> None:
    @api.route("GET", "/algorithms")
    def list_algorithms() -> Page[AlgorithmView]:
        """List what a candidate may be: algorithms, their tasks and their settings."""
        return Page(
            [
                AlgorithmView(one.name, list(one.tasks), msgspec.json.schema(one.settings))
                for one in algorithms.CATALOGUE.values()
            ]
        )


def _add_steps(api: Api, steps: Steps) -> None:
    @api.route("POST", "/jobs/{job_id}/steps/start", access="step", hidden=True)
    def start(job_id: str) -> None:
        """Look at the data and fan out the candidates."""
        steps.start(job_id)

    @api.route("POST", "/jobs/{job_id}/steps/candidates/{index}", access="step", hidden=True)
    def candidate(job_id: str, index: str) -> None:
        """Cross-validate one candidate."""
        if not index.isdecimal() or len(index) > LONGEST_INDEX:
            raise not_found("candidate", index)
        steps.candidate(job_id, int(index))

    @api.route("POST", "/jobs/{job_id}/steps/finish", access="step", hidden=True)
    def finish(job_id: str) -> None:
        """Refit, export, prove, evaluate and register the best."""
        steps.finish(job_id)


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        reason = f"Expected 1 to {LONGEST_KEY} characters"
        raise Unreadable("The Idempotency-Key is unusable.", Flaw(reason, column="Idempotency-Key"))
    return key
