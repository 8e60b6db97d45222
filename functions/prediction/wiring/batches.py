"""Puts batches together."""

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.steps.step_tools import step_tools
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.ports import Clock
from functions.kit.http.api import Api
from functions.kit.lazy import Lazy
from functions.kit.service.bounded import Quotas
from functions.prediction.adapters.batches.other_functions import HttpFunctions
from functions.prediction.adapters.config import max_upload_bytes
from functions.prediction.model.batches.due import FUNCTION
from functions.prediction.model.batches.kind import BATCH
from functions.prediction.service.batches.batches import BatchService
from functions.prediction.service.batches.steps import BatchSteps, Tools
from functions.prediction.service.predictions import Service
from functions.prediction.transport.batches import routes

# Its libraries take long to import, and only who has a step to do needs them.
tables = Lazy("functions.prediction.adapters.batches.tables")


def add_batches(
    api: Api, predictions: Service, quotas: Quotas, settings: Settings, clock: Clock
) -> BatchService:
    """Register the routes of batches and of their steps; return what looks after these."""
    calls = Calls(FUNCTION, settings, FunctionAddresses.from_env())
    tools = step_tools(FUNCTION, settings, calls, clock)
    store, functions = SteppedDocuments(BATCH, tools.store), HttpFunctions(calls)
    files = Once(lambda: Files(settings))
    made = Once(lambda: tables.ArrowTables(files()))
    service = BatchService(
        store, predictions, functions, files, tools.hints, tools.lookout, clock, made
    )
    work = Tools(store, predictions, functions, made, files, quotas, clock)
    routes.add(api, service, BatchSteps(work, tools.runner, tools.hints), max_upload_bytes())
    return service
