"""Puts the function `prediction` together; run as a program, it serves by gRPC."""

import atexit
from typing import TYPE_CHECKING

from flask import Request, Response

from functions.kit.adapters.access.quotas_on_demand import QuotasOnDemand
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Version
from functions.kit.http import wsgi
from functions.kit.http.assembly import new_api
from functions.kit.http.routing import step_routes
from functions.kit.lazy import Lazy
from functions.prediction.adapters.config import CacheSettings, LogSettings, results_kept
from functions.prediction.adapters.logs import prediction_log
from functions.prediction.adapters.model_files import ModelFiles
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.adapters.registry import Registry
from functions.prediction.service.catalogue import Catalogue
from functions.prediction.service.predictions import Service
from functions.prediction.transport.open_inference import routes as protocol
from functions.prediction.transport.open_inference.inferring import Inferring
from functions.prediction.transport.records import catalogue, routes
from functions.prediction.transport.records.predicting import Predicting
from functions.prediction.wiring.batches import add_batches
from functions.prediction.wiring.counting import count
from functions.prediction.wiring.tasks import add_tasks

if TYPE_CHECKING:
    from functions.kit.adapters.calls import function_calls
    from functions.prediction.adapters import remote_predictor, traffic_calls
    from functions.prediction.service import response_cache
    from functions.prediction.service.trials import trials
else:  # most models' calls all go to one version, and most replicas remember no answers
    function_calls = Lazy("functions.kit.adapters.calls.function_calls")
    remote_predictor = Lazy("functions.prediction.adapters.remote_predictor")
    traffic_calls = Lazy("functions.prediction.adapters.traffic_calls")
    response_cache = Lazy("functions.prediction.service.response_cache")
    trials = Lazy("functions.prediction.service.trials.trials")

NAME = "prediction"
SETTINGS = Settings.from_env()
CACHE = CacheSettings.from_env()
FILES = ModelFiles(Files(SETTINGS).read, CACHE.folder, CACHE.disk_bytes)
CLOCK = SystemClock()


@Once
def tried() -> "trials.Trials":
    """Return this replica's trials."""
    calls = function_calls.Calls(NAME, SETTINGS, FunctionAddresses.from_env())
    made = trials.Trials(traffic_calls.TrafficCalls(calls).tell)
    atexit.register(made.counts.close)
    return made


@Once
def remotes() -> "remote_predictor.Remotes":
    """Return what makes functions that are models ready to answer."""
    return remote_predictor.Remotes(SETTINGS.step_secret, FunctionAddresses.from_env())


def remote(model: Place, version: Version) -> "remote_predictor.RemotePredictor":
    """Return a version that is a function, ready to answer."""
    return remotes().opened(model, version)


REGISTRY = Registry()
SERVICE = Service(REGISTRY, FILES.get, Predictor, CACHE.memory_bytes, CLOCK, tried, remote)
API = new_api(NAME, "Predictions: records, and the Open Inference Protocol v2.", SETTINGS)
QUOTAS = QuotasOnDemand()
LOGGED = LogSettings.from_env()
LOG = prediction_log(SETTINGS, LOGGED, SERVICE.standing)
if LOGGED.on:
    count(API, SERVICE, SETTINGS)
REMEMBERED = CACHE.answers_bytes
RESPONSES = response_cache.ResponseCache(REMEMBERED) if REMEMBERED else None
INFERRING = Inferring(QUOTAS, LOG, SETTINGS.max_json_bytes, RESPONSES)
PREDICTING = Predicting(SERVICE, QUOTAS, LOG, SETTINGS.max_json_bytes, RESPONSES)
TASKS = add_tasks(API, SERVICE, PREDICTING, SETTINGS, CLOCK, results_kept())
routes.add(API, SERVICE, PREDICTING, TASKS.take)
protocol.add(API, SERVICE, INFERRING)
catalogue.add(API, Catalogue(REGISTRY, CLOCK))
step_routes.add(API, add_batches(API, SERVICE, QUOTAS, SETTINGS, CLOCK))
wsgi.install(API)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)


if __name__ == "__main__":  # without gRPC's imports for whom HTTP is all
    from functions.prediction.wiring import by_grpc

    by_grpc.serve(API, SERVICE, INFERRING, SETTINGS.max_json_bytes)
