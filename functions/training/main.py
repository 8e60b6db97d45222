"""Puts the function `training` together."""

from typing import TYPE_CHECKING

from flask import Request, Response

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.function_addresses import FunctionAddresses
from functions.kit.adapters.function_calls import Calls
from functions.kit.adapters.once import Once
from functions.kit.adapters.storage import Files
from functions.kit.http.assembly import new_api
from functions.training.adapters.firestore_jobs import Store
from functions.training.adapters.other_functions import HttpFunctions
from functions.training.service.jobs import Service
from functions.training.transport import routes

if TYPE_CHECKING:
    from functions.training.service.steps import Steps

SETTINGS = Settings.from_env()
STORE = Store()
CLOCK = SystemClock()
OTHER_FUNCTIONS = HttpFunctions(Calls("training", SETTINGS, FunctionAddresses.from_env()))


@Once
def steps() -> "Steps":
    """Return the steps; their libraries take seconds to import, and a look at a job needs none."""
    from functions.training.service.steps import Steps  # noqa: PLC0415 - see above

    return Steps(STORE, OTHER_FUNCTIONS, Files(SETTINGS), CLOCK)


API = new_api("training", "Training jobs: candidates, evaluation, ONNX export.", SETTINGS)
routes.add(API, Service(STORE, OTHER_FUNCTIONS, CLOCK), steps, CLOCK)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
