"""Puts the function `prediction` together."""

from flask import Request, Response

from functions.kit import direct
from functions.kit.config import Settings
from functions.kit.files import Files
from functions.kit.serve import new_api
from functions.prediction import routes
from functions.prediction.config import CacheSettings
from functions.prediction.modelfiles import ModelFiles
from functions.prediction.protocol import routes as protocol
from functions.prediction.service import Service
from functions.prediction.store import Registry

SETTINGS = Settings.from_env()
CACHE = CacheSettings.from_env()
FILES = ModelFiles(Files(SETTINGS).read, CACHE.folder, CACHE.disk_bytes)
SERVICE = Service(Registry(), FILES.get, CACHE.memory_bytes)
API = new_api("prediction", "Predictions: records, and the Open Inference Protocol v2.", SETTINGS)
routes.add(API, SERVICE, SETTINGS.max_json_bytes)
protocol.add(API, SERVICE, SETTINGS.max_json_bytes)
direct.install(API)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
