"""The routes of tasks: calls that are answered later."""

from typing import TYPE_CHECKING

from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api
from functions.kit.http.routing.step_routes import step
from functions.prediction.service.predictions import Service
from functions.prediction.transport.records.formats import media
from functions.prediction.transport.tasks.views import TaskView, view

if TYPE_CHECKING:  # of those whose calls are answered later alone
    from collections.abc import Callable

    from functions.prediction.service.tasks.steps import TaskSteps
    from functions.prediction.service.tasks.tasks import TaskService

TASKS = "/models/{model}/tasks"
TASK = f"{TASKS}/{{task}}"
REFUSALS = (400, 406, 409, 410, 413, 415, 422, 429, 500, 503, 507)
"""Those that a task may end with, and why there is no result."""


def add(
    api: Api,
    predictions: Service,
    service: "Callable[[], TaskService]",
    steps: "Callable[[], TaskSteps]",
) -> None:
    """Register the routes."""
    _add_tasks(api, predictions, service)
    _add_steps(api, steps)


def _add_tasks(api: Api, predictions: Service, service: "Callable[[], TaskService]") -> None:
    @api.route("GET", TASKS, needs="predict", problems=(422,))
    def list_tasks(model: str, query: PageQuery, caller: Caller) -> Page[TaskView]:
        """List the caller's own tasks of a model, newest first."""
        predictions.versions(Place(caller.workspace, model))
        return service().tasks(caller, model, query).each(view)

    @api.route("GET", TASK, needs="predict")
    def get_task(model: str, task: str, caller: Caller) -> TaskView:
        """Show a task of one's own."""
        return view(service().task(caller, model, task))

    @api.route(
        "GET", f"{TASK}/result", needs="predict", gives=tuple(media.FORMS), problems=REFUSALS
    )
    def get_task_result(model: str, task: str, caller: Caller) -> Response:
        """Give what a task was answered, as the call itself would have been: its status, too."""
        result, body = service().result(caller, model, task)
        headers = {**result.headers, "Content-Length": str(result.bytes)}
        return Response(body, result.status, headers, content_type=result.content_type)

    @api.route("DELETE", TASK, needs="predict")
    def delete_task(model: str, task: str, caller: Caller) -> None:
        """Cancel a task of one's own; one that has ended is removed, with its result."""
        service().end(caller, model, task)


def _add_steps(api: Api, steps: "Callable[[], TaskSteps]") -> None:
    @step(api, "/tasks/{task}/steps/run")
    def run(task: str, workspace: str = MAIN) -> None:
        """Answer the call."""
        steps().run(_stepped(workspace, task))

    @step(api, "/tasks/{task}/steps/sweep")
    def sweep(task: str, workspace: str = MAIN) -> None:
        """Remove the files of what has expired, or is to go."""
        steps().sweep(_stepped(workspace, task))

    @step(api, "/tasks/{task}/steps/forget")
    def forget(task: str, workspace: str = MAIN) -> None:
        """Remove what is left of what expired."""
        steps().forget(_stepped(workspace, task))


def _stepped(workspace: str, task: str) -> Place:
    if not is_workspace(workspace):
        raise not_found("workspace", workspace)
    return Place(workspace, task)
