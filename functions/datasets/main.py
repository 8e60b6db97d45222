"""The function `datasets`: tables of data."""

from flask import Request, Response

from functions.datasets.adapters.config import max_table_bytes, max_upload_bytes
from functions.datasets.adapters.files.formats import FileTables
from functions.datasets.adapters.firestore_changes import ChangeLog
from functions.datasets.adapters.firestore_connections import ConnectionStore
from functions.datasets.adapters.firestore_datasets import Store
from functions.datasets.adapters.firestore_imports import ImportStore
from functions.datasets.adapters.firestore_records import RecordStore
from functions.datasets.adapters.sources.fetching import Fetcher
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.service.changing.changer import Changer
from functions.datasets.service.changing.many import ManyRecords
from functions.datasets.service.changing.plans import Stores
from functions.datasets.service.changing.starter import Starter
from functions.datasets.service.changing.undoing import Undoing
from functions.datasets.service.connections import Connections
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.deleting import Remover
from functions.datasets.service.exports import Exports
from functions.datasets.service.history import History
from functions.datasets.service.importing import Importer
from functions.datasets.service.imports.checking import Checker
from functions.datasets.service.imports.imports import Imports
from functions.datasets.service.imports.steps import ImportSteps
from functions.datasets.service.imports.writing import Writer
from functions.datasets.service.lists import Lists
from functions.datasets.service.opening import Opener
from functions.datasets.service.preview import Previewer
from functions.datasets.service.profiles import Profiles
from functions.datasets.service.pushing import Pushes
from functions.datasets.service.read_model.parts import read_model
from functions.datasets.service.records import Records
from functions.datasets.service.scheduling import Schedules
from functions.datasets.service.schema_edits import SchemaEditor
from functions.datasets.service.snapshots import Snapshots
from functions.datasets.transport import routes
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.steps.step_tools import step_tools
from functions.kit.adapters.storage import Files
from functions.kit.http import step_routes
from functions.kit.http.assembly import new_api

settings, clock = Settings.from_env(), SystemClock()
calls = Calls("datasets", settings, FunctionAddresses.from_env())
tools = step_tools("datasets", settings, calls, clock)
store, records, files = Store(tools.store), RecordStore(tools.store), Files(settings)
log = ChangeLog()
most = max_table_bytes()
tables = read_model(store, records, files, Tables(most // 2), clock, most, log)
steps = (store, records, files, tools.runner, tools.hints, clock)
importer = Importer(*steps, rows=tables.imported)
remover, changer = Remover(*steps), Changer(*steps, log)
stores = Stores(records, log)
starter = Starter(store, stores, changer, clock)
editor = SchemaEditor(store, records, clock)
opener = Opener(FileTables(), max_upload_bytes())
jobs, connections = ImportStore(), ConnectionStore()
fetcher = Fetcher(connections, max_upload_bytes())
imports = Imports(store, jobs, files, tools.hints, tools.lookout, clock)
works = Checker(records, files, opener), Writer(records, log, files, clock)
services = routes.Services(
    datasets=Datasets(store, files, opener, importer, remover, editor, tools.lookout, clock),
    records=Records(store, records, clock),
    history=History(store, records, log),
    many=ManyRecords(store, stores, starter),
    undoing=Undoing(store, log, starter, editor, clock),
    changer=changer,
    previewer=Previewer(opener),
    lists=Lists(store, records, tables.current),
    snapshots=Snapshots(store, tables.current, files, tables.files, clock),
    exports=Exports(tables.current, tables.files),
    profiles=Profiles(store, tables.current, tables.files, files),
    importer=importer,
    remover=remover,
    imports=imports,
    import_steps=ImportSteps(store, jobs, files, fetcher, *works, tools.runner, clock),
    connections=Connections(connections),
    fetcher=fetcher,
    pushes=Pushes(store, clock),
    schedules=Schedules(store, imports, tools.runner, clock),
    max_upload_bytes=max_upload_bytes(),
)
api = new_api("datasets", "Tables of data: upload, records, schema, snapshots.", settings)
routes.add(api, services)
step_routes.add(api, tools.lookout)


def handle(request: Request) -> Response:
    """Answer one request."""
    return api.handle(request)
