"""Puts the function `monitoring` together."""

from flask import Request, Response

from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api
from functions.monitoring.adapters.alerts import wiring
from functions.monitoring.adapters.assembly import services
from functions.monitoring.model.windows.monitor import FUNCTION
from functions.monitoring.transport import routes
from functions.monitoring.wiring import new_world

ABOUT = "What was predicted, what turned out to be true, and how that drifts."
SETTINGS = Settings.from_env()
API = new_api(FUNCTION, ABOUT, SETTINGS)
WORLD = new_world(SETTINGS)
SERVICES = services(WORLD)
ALERTS = wiring.alerts(SETTINGS, WORLD.clock, SERVICES.known, SERVICES.viewing)
routes.add(API, SERVICES, SETTINGS.max_json_bytes, ALERTS)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
