"""The routes of how versions stand."""

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.serving import PATH, Told
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api
from functions.models.model.standing import State
from functions.models.service.states import States


def add(api: Api, states: States) -> None:
    """Register the routes."""

    @api.route("GET", "/models/{model}/states", problems=(422,))
    def list_states(model: str, query: PageQuery, caller: Caller) -> Page[State]:
        """List how a model's versions stand, newest first.

        Whether each can be loaded, where it is warm, and when it was called last. A function that
        is a model is asked whether it can answer, once in some seconds.
        """
        return states.page(Place(caller.workspace, model), query)

    @api.route("GET", "/models/{model}/versions/{version}/state", problems=(422,))
    def get_state(model: str, version: str, caller: Caller) -> State:
        """Show how a version stands: can it be loaded, where is it warm, when was it called."""
        return states.of(Place(caller.workspace, model), version)

    @api.route("POST", PATH, access="step", hidden=True, noted=False)
    def take_serving(body: Told) -> None:
        """Take what a replica tells of the versions that it holds."""
        states.take(body)
