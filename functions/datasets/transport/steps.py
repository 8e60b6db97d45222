"""The routes of the function's own steps: only its step tokens open them (`model/due.py`)."""

from collections.abc import Mapping

from functions.datasets.model.dataset import Work
from functions.datasets.model.due import VERBS
from functions.datasets.service.resumable_steps import ResumableSteps
from functions.kit.contract.access.workspaces import MAIN, WORKSPACES, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.http.api import Api


def add(api: Api, kinds: Mapping[Work, ResumableSteps]) -> None:
    """Register the routes of the steps in each state that there is work in."""
    for state, kind in kinds.items():
        _add(api, VERBS[state], kind)


def _add(api: Api, verb: str, kind: ResumableSteps) -> None:
    """Register two routes: steps of MAIN are where all were before there were workspaces."""
    path = f"/datasets/{{dataset}}/{verb}"

    @api.route("POST", path, access="step", hidden=True, status=204)
    def step(dataset: str) -> None:
        """Work at a dataset for a while."""
        kind.step(Place(MAIN, dataset))

    @api.route("POST", f"/{WORKSPACES}/{{workspace}}{path}", access="step", hidden=True, status=204)
    def step_elsewhere(workspace: str, dataset: str) -> None:
        """Work at a dataset of another workspace for a while."""
        if not is_workspace(workspace):
            raise not_found("dataset", dataset)
        kind.step(Place(workspace, dataset))
