"""All routes of the function."""

from functions.kit.http.api import Api
from functions.kit.http.routing import step_routes
from functions.kit.http.routing.step_routes import Looks
from functions.monitoring.service.alerts.services import AlertServices
from functions.monitoring.service.services import Services
from functions.monitoring.transport import events, labels, predictions
from functions.monitoring.transport.alerts import routes as alert_routes
from functions.monitoring.transport.windows import routes as windows


class _Together:
    """Looks for all that is overdue: files and labels, and steps."""

    def __init__(self, *looks: Looks) -> None:
        self._looks = looks

    def look(self) -> None:
        """See Looks."""
        for one in self._looks:
            one.look()


def add(api: Api, services: Services, max_bytes: int, alerts: AlertServices) -> None:
    """Register the routes; a body of labels may have `max_bytes`."""
    step_routes.add(api, _Together(services.chores, alerts.lookout))
    events.add(api, services.ingestion, services.latecomers, services.labelling)
    predictions.add(api, services.lookup, services.exports, services.known)
    labels.add(api, services.labelling, services.known, max_bytes)
    alert_routes.add(api, alerts)
    windows.add(api, services.viewing, services.summing, services.known)
