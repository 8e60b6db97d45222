"""Puts the function `training` together."""

from typing import TYPE_CHECKING

from flask import Request, Response

from functions.kit.calls import Calls
from functions.kit.config import Settings
from functions.kit.files import Files
from functions.kit.once import Once
from functions.kit.serve import new_api
from functions.training import routes
from functions.training.neighbours import HttpNeighbours
from functions.training.service import Service
from functions.training.store import Store

if TYPE_CHECKING:
    from functions.training.steps import Steps

SETTINGS = Settings.from_env()
STORE = Store()
NEIGHBOURS = HttpNeighbours(Calls(SETTINGS))


@Once
def steps() -> "Steps":
    """Return the steps; their libraries take seconds to import, and a look at a job needs none."""
    from functions.training.steps import Steps  # noqa: PLC0415 - see above

    return Steps(STORE, NEIGHBOURS, Files(SETTINGS))


API = new_api("training", "Training jobs: candidates, evaluation, ONNX export.", SETTINGS)
routes.add(API, Service(STORE, NEIGHBOURS), steps)


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
