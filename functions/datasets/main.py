"""The function `datasets`: tables of data."""

from flask import Request, Response

from functions.datasets import limits, routes
from functions.datasets.deleting import Remover
from functions.datasets.importing import Importer
from functions.datasets.record_store import RecordStore
from functions.datasets.records import Records
from functions.datasets.schema import SchemaEditor
from functions.datasets.service import Datasets
from functions.datasets.snapshots import Snapshots
from functions.datasets.store import Store
from functions.kit.calls import Calls
from functions.kit.config import Settings
from functions.kit.files import Files
from functions.kit.serve import new_api

settings = Settings.from_env()
store, records, files, calls = Store(), RecordStore(), Files(settings), Calls(settings)
importer = Importer(store, records, files, calls)
remover = Remover(store, records, files, calls)
services = routes.Services(
    datasets=Datasets(store, files, importer, remover, SchemaEditor(store, records)),
    records=Records(store, records),
    snapshots=Snapshots(store, records, files),
    importer=importer,
    remover=remover,
    max_upload_bytes=limits.max_upload_bytes(),
)
api = new_api("datasets", "Tables of data: upload, records, schema, snapshots.", settings)
routes.add(api, services)


def handle(request: Request) -> Response:
    """Answer one request."""
    return api.handle(request)
