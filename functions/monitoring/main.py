"""Puts the function `monitoring` together."""

from flask import Request, Response

from functions.kit.adapters.config import Settings
from functions.kit.http.assembly import new_api
from functions.monitoring.adapters.assembly import services
from functions.monitoring.model.windows.monitor import FUNCTION
from functions.monitoring.transport import routes
from functions.monitoring.wiring import new_alerts, new_world

ABOUT = "What was predicted, what turned out to be true, how that drifts, and who hears of it."
SETTINGS = Settings.from_env()
API = new_api(FUNCTION, ABOUT, SETTINGS)
SERVICES = services(new_world(SETTINGS))
routes.add(API, SERVICES, SETTINGS.max_json_bytes, new_alerts(SETTINGS, SERVICES))


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
