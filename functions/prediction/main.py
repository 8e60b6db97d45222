"""Puts the function `prediction` together."""

from flask import Request, Response

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.quotas_on_demand import QuotasOnDemand
from functions.kit.adapters.storage import Files
from functions.kit.http import step_routes, wsgi
from functions.kit.http.assembly import new_api
from functions.prediction.adapters.config import CacheSettings
from functions.prediction.adapters.model_files import ModelFiles
from functions.prediction.adapters.no_log import NoLog
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.adapters.registry import Registry
from functions.prediction.service.predictions import Service
from functions.prediction.transport.open_inference import routes as protocol
from functions.prediction.transport.open_inference.inferring import Inferring
from functions.prediction.transport.records import routes
from functions.prediction.wiring import add_batches

SETTINGS = Settings.from_env()
CACHE = CacheSettings.from_env()
FILES = ModelFiles(Files(SETTINGS).read, CACHE.folder, CACHE.disk_bytes)
CLOCK = SystemClock()
SERVICE = Service(Registry(), FILES.get, Predictor, CACHE.memory_bytes, CLOCK)
API = new_api("prediction", "Predictions: records, and the Open Inference Protocol v2.", SETTINGS)
QUOTAS = QuotasOnDemand()
LOG = NoLog()
routes.add(API, SERVICE, QUOTAS, LOG, SETTINGS.max_json_bytes)
protocol.add(API, SERVICE, Inferring(QUOTAS, LOG, SETTINGS.max_json_bytes))
step_routes.add(API, add_batches(API, SERVICE, QUOTAS, SETTINGS, CLOCK))
wsgi.install(API)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
