"""Puts the function `monitoring` together."""

from flask import Request, Response

from functions.kit.adapters.access.quotas_on_demand import QuotasOnDemand
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.http.assembly import new_api
from functions.monitoring import wiring
from functions.monitoring.adapters.assembly import World, services
from functions.monitoring.adapters.config import MonitoringSettings
from functions.monitoring.adapters.explanations import Explanations
from functions.monitoring.adapters.registry import Registry
from functions.monitoring.transport import routes

SETTINGS, OWN = Settings.from_env(), MonitoringSettings.from_env()
CALLS, CLOCK = Calls("monitoring", SETTINGS, FunctionAddresses.from_env()), SystemClock()
WORLD = World(
    Files(SETTINGS),
    CLOCK,
    OWN.keep,
    SETTINGS.step_secret,
    Explanations(CALLS),
    Registry(),
    QuotasOnDemand(),
)
SERVICES = services(WORLD)
ALERTS = wiring.alerts(SETTINGS, OWN, CALLS, CLOCK, SERVICES.known, SERVICES.series)
API = new_api("monitoring", "What was predicted, and what turned out to be true.", SETTINGS)
routes.add(API, SERVICES, SETTINGS.max_json_bytes, ALERTS)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
