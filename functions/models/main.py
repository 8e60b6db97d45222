"""Puts the function `models` together."""

from flask import Request, Response

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.own_models import OwnModels as AskOwn
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.http.assembly import new_api
from functions.models.adapters.config import CheckSettings
from functions.models.adapters.examiner import Examiner
from functions.models.adapters.seen_store import FirestoreSeen
from functions.models.adapters.store import Store
from functions.models.service.file_check import FileCheck
from functions.models.service.own_models import OwnModels
from functions.models.service.registry import Service
from functions.models.service.sharing import Sharing
from functions.models.service.states import States
from functions.models.transport import own_model_routes, routes, state_routes, traffic_routes

SETTINGS = Settings.from_env()
CHECKS = CheckSettings.from_env()
FILES = Files(SETTINGS)
API = new_api("models", "The model registry: versions, aliases, promotion, rollback.", SETTINGS)
FILE_CHECK = FileCheck(FILES, Examiner(CHECKS).flaws, CHECKS.most_bytes)
STORE, CLOCK = Store(), SystemClock()
SERVICE = Service(STORE, FILES, FILE_CHECK.check, CLOCK)
ASK = AskOwn(SETTINGS.step_secret, FunctionAddresses.from_env())
routes.add(API, SERVICE, FILES)
own_model_routes.add(API, OwnModels(SERVICE, ASK))
state_routes.add(API, States(SERVICE, FirestoreSeen(), FILES, ASK, CLOCK))
traffic_routes.add(API, Sharing(STORE, CLOCK))


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
