"""Puts the function `reports` together."""

from flask import Request, Response

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.steps.step_tools import step_tools
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.adapters.stores.storage import Files
from functions.kit.http.assembly import new_api
from functions.kit.http.routing import step_routes
from functions.reports.adapters.other_functions import HttpFunctions
from functions.reports.adapters.registry import Registry
from functions.reports.adapters.workshop import Processes
from functions.reports.model.kind import FUNCTION, REPORT
from functions.reports.service.gathering import Gathering
from functions.reports.service.reports import ReportService
from functions.reports.service.steps import ReportSteps, Tools
from functions.reports.transport import routes

SETTINGS, CLOCK = Settings.from_env(), SystemClock()
CALLS = Calls(FUNCTION, SETTINGS, FunctionAddresses.from_env())
FOUND = step_tools(FUNCTION, SETTINGS, CALLS, CLOCK)
STORE, FILES = SteppedDocuments(REPORT, FOUND.store), Once(lambda: Files(SETTINGS))
FUNCTIONS, MODELS = HttpFunctions(CALLS), Registry()
REPORTS = ReportService(STORE, FUNCTIONS, MODELS, FILES, FOUND.hints, FOUND.lookout, CLOCK)
TOOLS = Tools(STORE, FILES, Gathering(FUNCTIONS, MODELS, CLOCK), Processes(), CLOCK)
API = new_api(FUNCTION, "Notebooks and PDFs on datasets and models.", SETTINGS)
step_routes.add(API, FOUND.lookout)
routes.add(API, REPORTS, ReportSteps(TOOLS, FOUND.runner, FOUND.hints))


def handle(request: Request) -> Response:
    """Answer one request."""
    return API.handle(request)
