"""Puts the function `monitoring` together."""

from flask import Request, Response

from functions.kit.adapters.access.quotas_on_demand import QuotasOnDemand
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.http.assembly import new_api
from functions.monitoring.adapters.assembly import World, services
from functions.monitoring.adapters.config import MonitoringSettings
from functions.monitoring.adapters.explanations import Explanations
from functions.monitoring.adapters.registry import Registry
from functions.monitoring.transport import routes

SETTINGS, OWN = Settings.from_env(), MonitoringSettings.from_env()
EXPLAINER = Explanations(Calls("monitoring", SETTINGS, FunctionAddresses.from_env()))
WORLD = World(
    Files(SETTINGS),
    SystemClock(),
    OWN.keep,
    SETTINGS.step_secret,
    EXPLAINER,
    Registry(),
    QuotasOnDemand(),
)
API = new_api("monitoring", "What was predicted, and what turned out to be true.", SETTINGS)
routes.add(API, services(WORLD), SETTINGS.max_json_bytes)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
