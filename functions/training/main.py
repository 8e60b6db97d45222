"""Puts the function `training` together."""

from typing import TYPE_CHECKING

from flask import Request, Response

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.steps.step_tools import step_tools
from functions.kit.adapters.storage import Files
from functions.kit.contract.steps import Lease
from functions.kit.http import step_routes
from functions.kit.http.assembly import new_api
from functions.training.adapters.caps import caps_from_env
from functions.training.adapters.firestore_jobs import Store
from functions.training.adapters.other_functions import HttpFunctions
from functions.training.service.jobs import Service
from functions.training.service.steps import Steps
from functions.training.transport import routes

if TYPE_CHECKING:
    from functions.training.service.step_kinds.base import Tools
    from functions.training.service.step_work import StepWork

SETTINGS, CLOCK = Settings.from_env(), SystemClock()
CALLS = Calls("training", SETTINGS, FunctionAddresses.from_env())
TOOLS = step_tools("training", SETTINGS, CALLS, CLOCK)
STORE, FUNCTIONS = Store(TOOLS.store, caps_from_env()), HttpFunctions(CALLS)
FILES = Once(lambda: Files(SETTINGS))


@Once
def tools() -> "Tools":
    """Return what steps work with; its libraries take seconds to import."""
    from functions.training.learning.plans import Plans  # noqa: PLC0415 - see above
    from functions.training.service.step_kinds import base  # noqa: PLC0415 - see above

    return base.Tools(STORE, FUNCTIONS, FILES(), CLOCK, Plans())


def step_work(lease: Lease) -> "StepWork":
    """Return what does a step."""
    from functions.training.service.step_work import StepWork  # noqa: PLC0415 - see above

    return StepWork(tools(), lease)


API = new_api("training", "Training jobs: candidates, evaluation, ONNX export.", SETTINGS)
JOBS = Service(STORE, FUNCTIONS, TOOLS.hints, TOOLS.lookout, CLOCK)
step_routes.add(API, JOBS)
routes.add(API, JOBS, Steps(STORE, TOOLS.runner, TOOLS.hints, step_work), CLOCK)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
