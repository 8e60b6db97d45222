"""All routes of alerts."""

from functions.kit.http.api import Api
from functions.monitoring.service.alerts.services import AlertServices
from functions.monitoring.transport.alerts import alerts, channels, rules, steps


def add(api: Api, services: AlertServices) -> None:
    """Register the routes."""
    rules.add(api, services.rules)
    alerts.add(api, services.alerts, services.acting, services.clock)
    channels.add(api, services.channels, services.channel_tests)
    steps.add(api, services)
