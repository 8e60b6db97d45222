"""The routes of the function: they only translate."""

from dataclasses import dataclass

import msgspec

from functions.datasets.model.dataset import (
    Dataset,
    DatasetPatch,
    Name,
    Record,
    RecordBody,
    Snapshot,
    Stored,
)
from functions.datasets.model.imports.asked import FetchedDataset, Source
from functions.datasets.model.made import Origin
from functions.datasets.model.suggestions import Written
from functions.datasets.service.changing.changer import Changer
from functions.datasets.service.changing.history import History
from functions.datasets.service.changing.many import ManyRecords
from functions.datasets.service.changing.named import NamedRecords
from functions.datasets.service.changing.undoing import Undoing
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.deleting import Remover
from functions.datasets.service.files.importing import Importer
from functions.datasets.service.files.preview import Previewer
from functions.datasets.service.imports.connections import Connections
from functions.datasets.service.imports.imports import Imports
from functions.datasets.service.imports.ports import Fetcher
from functions.datasets.service.imports.pushing import Pushes
from functions.datasets.service.imports.scheduling import Schedules
from functions.datasets.service.imports.steps import ImportSteps
from functions.datasets.service.records import Records
from functions.datasets.service.tables.exports import Exports
from functions.datasets.service.tables.lists import Lists
from functions.datasets.service.tables.profiles import Profiles
from functions.datasets.service.tables.snapshots import Snapshots
from functions.datasets.transport import (
    bulk,
    connections,
    exports,
    fetched,
    history,
    imports,
    lists,
    preview,
    profiles,
    pushing,
    scheduling,
    steps,
    upload,
)
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.responses.etags import Conditional, etag, if_match
from functions.kit.http.routing.routes import Reply

# What else a change may meet: another state, another version than was seen, a full store.
CHANGE = (409, 412, 507)


class UploadQuery(msgspec.Struct, forbid_unknown_fields=True):
    """`name` is what the dataset will be called, `reading` what is said of how the file is read.

    A form may bring both as fields before its file.
    """

    name: Name | None = None
    reading: str | None = None


@dataclass(frozen=True)
class Services:
    """What the routes translate to."""

    datasets: Datasets
    records: Records
    history: History
    many: ManyRecords
    named: NamedRecords
    undoing: Undoing
    changer: Changer
    previewer: Previewer
    lists: Lists
    snapshots: Snapshots
    exports: Exports
    profiles: Profiles
    importer: Importer
    remover: Remover
    imports: Imports
    import_steps: ImportSteps
    connections: Connections
    pushes: Pushes
    schedules: Schedules
    fetcher: Fetcher
    max_upload_bytes: int


def _tag(version: int) -> dict[str, str]:
    return {"ETag": etag(version)}


def _place(caller: Caller, dataset: str) -> Place:
    return Place(caller.workspace, dataset)


def _dataset(stored: Stored, status: int = 200, **headers: str) -> Reply[Dataset]:
    return Reply(stored.shown(), status, _tag(stored.revision) | headers)


def _record(record: Record, status: int = 200, **headers: str) -> Reply[Record]:
    return Reply(record, status, _tag(record.version) | headers)


def _written(record: Written, status: int = 200, **headers: str) -> Reply[Written]:
    return Reply(record, status, _tag(record.version) | headers)


def add(api: Api, services: Services) -> None:
    """Register all routes."""
    _add_uploads(api, services)
    preview.add(api, services.previewer, services.max_upload_bytes)
    _add_datasets(api, services.datasets)
    _add_steps(api, services)
    lists.add(api, services.lists)
    imports.add(api, services.imports, services.import_steps, services.max_upload_bytes)
    connections.add(api, services.connections)
    pushing.add(api, services.pushes)
    scheduling.add(api, services.schedules)
    _add_records(api, services)
    bulk.add(api, services.many, services.named)
    history.add(api, services.history, services.undoing)
    _add_snapshots(api, services.snapshots)
    exports.add(api, services.exports)
    profiles.add(api, services.profiles)


def _add_steps(api: Api, services: Services) -> None:
    steps.add(api, {"importing": services.importer, "deleting": services.remover})
    steps.add(api, {"changing": services.changer})


def _add_uploads(api: Api, services: Services) -> None:
    @api.route(
        "POST",
        "/datasets",
        status=202,
        also=(200,),
        problems=(409, 411, 507),
        takes=("multipart/form-data", *upload.MEDIA_TYPES, FetchedDataset),
    )
    def create_dataset(
        request: upload.RepeatableUpload, caller: Caller, query: UploadQuery
    ) -> Reply[Dataset]:
        """Upload a file as a new dataset: the field `file` of a form, or the body.

        JSON says where it is to be fetched: at a `url`, or by a `query` of a `connection`.

        It is CSV, TSV, JSON Lines, Parquet or an Excel workbook, each packed by gzip or not. The
        latter needs a Content-Length or a Content-Digest (sha-256 or sha-512; else 411). A
        repeat with the same `Idempotency-Key` header is the same dataset.
        """
        origin = Origin(caller.workspace, caller.account, request_id(request, caller))
        if request.mimetype == "application/json":
            sent = fetched.incoming(request, services.fetcher, caller.workspace)
        else:
            sent = upload.incoming(request, services.max_upload_bytes)
        said = preview.said(sent, query.reading)
        name = query.name or sent.name or ""
        source = sent.source or Source("file", sent.name)
        stored = services.datasets.create(origin, name, sent.chunks, said, source)
        status = 202 if stored.state == "importing" else 200
        return _dataset(stored, status, Location=f"datasets/{stored.id}")


def _add_datasets(api: Api, datasets: Datasets) -> None:
    @api.route("GET", "/datasets", filters=True)
    def list_datasets(caller: Caller, query: ListQuery) -> Page[Dataset]:
        """List the datasets."""
        return datasets.page(caller.workspace, query, caller.only).each(Stored.shown)

    @api.route("GET", "/datasets/{dataset}", access="both")
    def get_dataset(dataset: str, caller: Caller) -> Reply[Dataset]:
        """Show a dataset: its schema, its state and how far its import has come."""
        return _dataset(datasets.get(_place(caller, dataset)))

    @api.route("PATCH", "/datasets/{dataset}", problems=CHANGE)
    def patch_dataset(
        dataset: str, body: DatasetPatch, request: Conditional, caller: Caller
    ) -> Reply[Dataset]:
        """Change the name, or columns of the schema (If-Match: the revision)."""
        place = _place(caller, dataset)
        return _dataset(datasets.patch(place, body, if_match(request), caller.account))

    @api.route("DELETE", "/datasets/{dataset}", status=204, problems=(412, 507))
    def delete_dataset(dataset: str, request: Conditional, caller: Caller) -> None:
        """Remove a dataset with its records and snapshots."""
        datasets.delete(_place(caller, dataset), if_match(request))

    @api.route("POST", "/datasets/{dataset}/resume", status=202, problems=(507,))
    def resume_dataset(dataset: str, caller: Caller) -> Reply[Dataset]:
        """Queue the import again, for one that seems to stand still."""
        return _dataset(datasets.resume(_place(caller, dataset)), 202)


def _add_records(api: Api, services: Services) -> None:
    records = services.records

    @api.route("POST", "/datasets/{dataset}/records", status=201, problems=(409, 410, 507))
    def create_record(
        dataset: str, body: RecordBody, request: Repeatable, caller: Caller
    ) -> Reply[Written]:
        """Add a record; a repeat with the same `Idempotency-Key` header is the same record."""
        place, values = _place(caller, dataset), bytes(body.values)
        made = records.create(place, values, request_id(request, caller), caller.account)
        return _written(made, 201, Location=f"records/{made.id}")

    @api.route("GET", "/datasets/{dataset}/records/{record}")
    def get_record(dataset: str, record: str, caller: Caller) -> Reply[Record]:
        """Show a record."""
        return _record(records.get(_place(caller, dataset), record))

    @api.route("PUT", "/datasets/{dataset}/records/{record}", problems=CHANGE)
    def replace_record(
        dataset: str, record: str, body: RecordBody, request: Conditional, caller: Caller
    ) -> Reply[Written]:
        """Give a record new values (If-Match: its version)."""
        place, values = _place(caller, dataset), bytes(body.values)
        seen = if_match(request)
        return _written(records.replace(place, record, values, seen, caller.account))

    @api.route("PATCH", "/datasets/{dataset}/records/{record}", problems=CHANGE)
    def amend_record(
        dataset: str, record: str, body: RecordBody, request: Conditional, caller: Caller
    ) -> Reply[Written]:
        """Change some values of a record (If-Match: its version)."""
        place, values = _place(caller, dataset), bytes(body.values)
        seen = if_match(request)
        return _written(records.amend(place, record, values, seen, caller.account))

    @api.route("DELETE", "/datasets/{dataset}/records/{record}", status=204, problems=CHANGE)
    def delete_record(dataset: str, record: str, request: Conditional, caller: Caller) -> None:
        """Remove a record (If-Match: its version)."""
        records.delete(_place(caller, dataset), record, if_match(request), caller.account)


def _add_snapshots(api: Api, snapshots: Snapshots) -> None:
    @api.route(
        "POST",
        "/datasets/{dataset}/snapshots",
        access="both",
        status=201,
        also=(200,),
        problems=(409, 507),
    )
    def make_snapshot(dataset: str, caller: Caller) -> Reply[Snapshot]:
        """Make the Parquet file of the current revision (201), or name the one there is (200)."""
        snapshot, made = snapshots.make(_place(caller, dataset))
        return Reply(snapshot, 201 if made else 200)
