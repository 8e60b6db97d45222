"""Puts the function `training` together."""

from flask import Request, Response

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.steps.step_tools import step_tools
from functions.kit.adapters.stores.storage import Files
from functions.kit.http.assembly import new_api
from functions.kit.http.routing import step_routes
from functions.training.adapters.background import in_background
from functions.training.adapters.caps import caps_from_env
from functions.training.adapters.firestore_jobs import Store
from functions.training.adapters.memory import memory_from_env
from functions.training.adapters.other_functions import HttpFunctions
from functions.training.service.jobs import Service
from functions.training.service.steps import Steps
from functions.training.transport import routes
from functions.training.wiring import learning

SETTINGS, CLOCK = Settings.from_env(), SystemClock()
CALLS = Calls("training", SETTINGS, FunctionAddresses.from_env())
TOOLS = step_tools("training", SETTINGS, CALLS, CLOCK)
STORE, FUNCTIONS = Store(TOOLS.store, caps_from_env()), HttpFunctions(CALLS)
LEARNS = learning(STORE, FUNCTIONS, Once(lambda: Files(SETTINGS)), CLOCK, memory_from_env())
API = new_api("training", "Training jobs: candidates, evaluation, ONNX export.", SETTINGS)
JOBS = Service(STORE, FUNCTIONS, TOOLS.hints, TOOLS.lookout, CLOCK, LEARNS.preview)
step_routes.add(API, JOBS)
routes.add(API, JOBS, Steps(STORE, TOOLS.runner, TOOLS.hints, LEARNS.work, in_background), CLOCK)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
