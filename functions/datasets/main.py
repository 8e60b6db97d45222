"""The function `datasets`: tables of data."""

from flask import Request, Response

from functions.datasets.adapters.firestore_datasets import Store
from functions.datasets.adapters.firestore_records import RecordStore
from functions.datasets.model import limits
from functions.datasets.model.schema import SchemaEditor
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.deleting import Remover
from functions.datasets.service.importing import Importer
from functions.datasets.service.records import Records
from functions.datasets.service.snapshots import Snapshots
from functions.datasets.transport import routes
from functions.kit.adapters.config import Settings
from functions.kit.adapters.gateway_calls import Calls
from functions.kit.adapters.storage import Files
from functions.kit.http.serve import new_api

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
