"""The routes of a dataset's schedule; and of its step, which is our own."""

from functions.datasets.model.imports.schedules import Schedule, ScheduleBody
from functions.datasets.service.imports.scheduling import Schedules
from functions.datasets.transport import fetched
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.http.api import Api
from functions.kit.http.routing.step_routes import step as step_route

PATH = "/datasets/{dataset}/schedule"


def add(api: Api, schedules: Schedules) -> None:
    """Register the routes."""

    @api.route("GET", PATH)
    def get_schedule(dataset: str, caller: Caller) -> Schedule:
        """Show by which schedule rows are fetched, when next, and what came of it the last time."""
        return schedules.get(Place(caller.workspace, dataset))

    @api.route("PUT", PATH, problems=(507,))
    def put_schedule(dataset: str, body: ScheduleBody, caller: Caller) -> Schedule:
        """Have rows fetched every so many minutes: each time an import from a URL or a query."""
        fetched.check_source(caller, body.asked.source.source())
        return schedules.put(Place(caller.workspace, dataset), body, caller.account)

    @api.route("DELETE", PATH, status=204, problems=(507,))
    def delete_schedule(dataset: str, caller: Caller) -> None:
        """Have rows fetched no more."""
        schedules.remove(Place(caller.workspace, dataset))

    @step_route(api, PATH)
    def run_schedule(dataset: str, workspace: str = MAIN) -> None:
        """Begin the import that is due."""
        if not is_workspace(workspace):
            raise not_found("dataset", dataset)
        schedules.step(Place(workspace, dataset))
