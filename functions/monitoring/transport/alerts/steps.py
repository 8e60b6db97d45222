"""The routes of the steps of alerts."""

from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.http.api import Api
from functions.kit.http.routing.step_routes import step
from functions.monitoring.service.alerts.services import AlertServices


def add(api: Api, services: AlertServices) -> None:
    """Register the routes."""

    @step(api, "/watches/{model}/steps/evaluate")
    def evaluate(model: str, workspace: str = MAIN) -> None:
        """Evaluate a model's rules."""
        services.steps.evaluate(_place(workspace, model))

    @step(api, "/alerts/{alert}/steps/act")
    def act(alert: str, workspace: str = MAIN) -> None:
        """Get on with what an alert does."""
        services.acting.act(_place(workspace, alert))

    @step(api, "/alerts/{alert}/steps/forget")
    def forget_alert(alert: str, workspace: str = MAIN) -> None:
        """Remove an alert that is old."""
        services.alerts.forget(_place(workspace, alert))

    @step(api, "/notices/{notice}/steps/send")
    def send(notice: str, workspace: str = MAIN) -> None:
        """Send a notice."""
        services.sending.send(_place(workspace, notice))

    @step(api, "/notices/{notice}/steps/forget")
    def forget_notice(notice: str, workspace: str = MAIN) -> None:
        """Remove a notice that is old."""
        services.sending.forget(_place(workspace, notice))


def _place(workspace: str, name: str) -> Place:
    if not is_workspace(workspace):
        raise not_found("workspace", workspace)
    return Place(workspace, name)
