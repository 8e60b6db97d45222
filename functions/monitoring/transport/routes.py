"""All routes of the function."""

from functions.kit.http.api import Api
from functions.kit.http.routing import step_routes
from functions.monitoring.service.alerts.services import AfterSums, AlertServices
from functions.monitoring.service.services import Services
from functions.monitoring.transport import events, labels, predictions
from functions.monitoring.transport.alerts import routes as alert_routes
from functions.monitoring.transport.quality import routes as quality
from functions.monitoring.transport.windows import routes as windows


def add(api: Api, services: Services, max_bytes: int, alerts: AlertServices) -> None:
    """Register the routes; a body of labels may have `max_bytes`."""
    step_routes.add(api, services.chores)
    events.add(api, services.ingestion, services.latecomers, services.labelling)
    predictions.add(api, services.lookup, services.exports, services.known)
    labels.add(api, services.labelling, services.known, max_bytes)
    summing = AfterSums(services.summing, alerts.evaluation)
    windows.add(api, services.viewing, summing, services.known, services.choosing)
    alert_routes.add(api, alerts)
    quality.add(api, services.quality, services.known)
