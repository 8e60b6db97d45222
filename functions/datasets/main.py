"""The function `datasets`: tables of data."""

from flask import Request, Response

from functions.datasets import wiring
from functions.datasets.adapters.config import import_caps, max_table_bytes, max_upload_bytes
from functions.datasets.adapters.files.formats import FileTables
from functions.datasets.adapters.firestore.changes import ChangeLog
from functions.datasets.adapters.firestore.connections import ConnectionStore
from functions.datasets.adapters.firestore.datasets import Store
from functions.datasets.adapters.firestore.imports import ImportStore
from functions.datasets.adapters.firestore.records import RecordStore
from functions.datasets.adapters.firestore.turns import Turns
from functions.datasets.adapters.sources.fetching import Fetcher
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.transport import routes
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.steps.step_tools import step_tools
from functions.kit.adapters.stores.storage import Files
from functions.kit.http.assembly import new_api
from functions.kit.http.routing import step_routes

settings, clock = Settings.from_env(), SystemClock()
calls = Calls("datasets", settings, FunctionAddresses.from_env())
tools = step_tools("datasets", settings, calls, clock)
stores = (Store(tools.store), RecordStore(tools.store), ChangeLog(), Files(settings))
limits = wiring.Limits(max_upload_bytes(), max_table_bytes(), import_caps())
forms = (FileTables(), Tables(limits.tables // 2))
connections = ConnectionStore()
brought = wiring.Brought(ImportStore(), connections, Fetcher(connections, limits.upload), Turns())
steps = wiring.Steps(tools.hints, tools.runner, tools.lookout)
outside = wiring.Outside(*stores, *forms, brought, steps, clock, limits)
services = wiring.services_of(outside, wiring.tables_of(outside))
api = new_api("datasets", "Tables of data: upload, records, schema, snapshots.", settings)
routes.add(api, services)
step_routes.add(api, tools.lookout)


def handle(request: Request) -> Response:
    """Answer one request."""
    return api.handle(request)
