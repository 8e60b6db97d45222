"""The routes of the function: they only translate."""

from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Request, Response

from functions.datasets.model.dataset import (
    Dataset,
    DatasetPatch,
    Name,
    Record,
    RecordBody,
    Snapshot,
    Stored,
)
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.deleting import Remover
from functions.datasets.service.importing import Importer
from functions.datasets.service.records import Records
from functions.datasets.service.snapshots import Snapshots
from functions.datasets.transport import upload
from functions.kit.contract.pages import Page, PageQuery
from functions.kit.http import attachments
from functions.kit.http.api import Api
from functions.kit.http.etags import etag, if_match
from functions.kit.http.routes import Reply

# What else a change may meet: another state, another version than was seen, a full store.
CHANGE = (409, 412, 507)


class UploadQuery(msgspec.Struct, forbid_unknown_fields=True):
    """`name` is what the dataset will be called; a form may bring it as a field instead."""

    name: Name | None = None


class RecordsQuery(PageQuery):
    """`filter` (repeatable) is column, operator, value: `age>=30`, `sex==female`."""

    filter: list[str] = msgspec.field(default_factory=list)


@dataclass(frozen=True)
class Services:
    """What the routes translate to."""

    datasets: Datasets
    records: Records
    snapshots: Snapshots
    importer: Importer
    remover: Remover
    max_upload_bytes: int


def _tag(version: int) -> dict[str, str]:
    return {"ETag": etag(version)}


def _dataset(stored: Stored, status: int = 200, **headers: str) -> Reply[Dataset]:
    return Reply(stored.shown(), status, _tag(stored.revision) | headers)


def _record(record: Record, status: int = 200, **headers: str) -> Reply[Record]:
    return Reply(record, status, _tag(record.version) | headers)


def add(api: Api, services: Services) -> None:
    """Register all routes."""
    _add_datasets(api, services)
    _add_steps(api, services)
    _add_records(api, services)
    _add_files(api, services)


def _add_datasets(api: Api, services: Services) -> None:
    datasets = services.datasets

    @api.route(
        "POST",
        "/datasets",
        status=202,
        also=(200,),
        problems=(409, 411, 507),
        takes=("multipart/form-data", "text/csv"),
    )
    def create_dataset(request: Request, query: UploadQuery) -> Reply[Dataset]:
        """Upload a CSV file as a new dataset: the field `file` of a form, or text/csv.

        The latter needs a Content-Length or a Content-Digest (sha-256 or sha-512; else 411).
        """
        sent = upload.incoming(request, services.max_upload_bytes)
        stored = datasets.create(query.name or sent.name or "", sent.chunks)
        status = 202 if stored.state == "importing" else 200
        return _dataset(stored, status, Location=f"datasets/{stored.id}")

    @api.route("GET", "/datasets")
    def list_datasets(query: PageQuery) -> Page[Dataset]:
        """List the datasets."""
        return datasets.page(query).each(Stored.shown)

    @api.route("GET", "/datasets/{dataset}", access="both")
    def get_dataset(dataset: str) -> Reply[Dataset]:
        """Show a dataset: its schema, its state and how far its import has come."""
        return _dataset(datasets.get(dataset))

    @api.route("PATCH", "/datasets/{dataset}", problems=CHANGE)
    def patch_dataset(dataset: str, body: DatasetPatch, request: Request) -> Reply[Dataset]:
        """Change the name, or columns of the schema (If-Match: the revision)."""
        return _dataset(datasets.patch(dataset, body, if_match(request)))

    @api.route("DELETE", "/datasets/{dataset}", status=204, problems=(412, 507))
    def delete_dataset(dataset: str, request: Request) -> None:
        """Remove a dataset with its records and snapshots."""
        datasets.delete(dataset, if_match(request))

    @api.route("POST", "/datasets/{dataset}/resume", status=202, problems=(507,))
    def resume_dataset(dataset: str) -> Reply[Dataset]:
        """Queue the import again, for one that seems to stand still."""
        return _dataset(datasets.resume(dataset), 202)


def _add_steps(api: Api, services: Services) -> None:
    @api.route("POST", "/datasets/{dataset}/import", access="step", hidden=True, status=204)
    def import_step(dataset: str) -> None:
        """Import rows for a while."""
        services.importer.step(dataset)

    @api.route("POST", "/datasets/{dataset}/remove", access="step", hidden=True, status=204)
    def remove_step(dataset: str) -> None:
        """Remove rows for a while."""
        services.remover.step(dataset)


def _add_records(api: Api, services: Services) -> None:
    records = services.records

    @api.route("GET", "/datasets/{dataset}/records")
    def list_records(dataset: str, query: RecordsQuery) -> Page[Record]:
        """List records in the order of the file; a page may hold fewer than its limit."""
        return records.page(dataset, query, query.filter)

    @api.route("POST", "/datasets/{dataset}/records", status=201, problems=(409, 507))
    def create_record(dataset: str, body: RecordBody) -> Reply[Record]:
        """Add a record."""
        made = records.create(dataset, bytes(body.values))
        return _record(made, 201, Location=f"records/{made.id}")

    @api.route("GET", "/datasets/{dataset}/records/{record}")
    def get_record(dataset: str, record: str) -> Reply[Record]:
        """Show a record."""
        return _record(records.get(dataset, record))

    @api.route("PUT", "/datasets/{dataset}/records/{record}", problems=CHANGE)
    def replace_record(
        dataset: str, record: str, body: RecordBody, request: Request
    ) -> Reply[Record]:
        """Give a record new values (If-Match: its version)."""
        return _record(records.replace(dataset, record, bytes(body.values), if_match(request)))

    @api.route("PATCH", "/datasets/{dataset}/records/{record}", problems=CHANGE)
    def amend_record(
        dataset: str, record: str, body: RecordBody, request: Request
    ) -> Reply[Record]:
        """Change some values of a record (If-Match: its version)."""
        return _record(records.amend(dataset, record, bytes(body.values), if_match(request)))

    @api.route("DELETE", "/datasets/{dataset}/records/{record}", status=204, problems=CHANGE)
    def delete_record(dataset: str, record: str, request: Request) -> None:
        """Remove a record (If-Match: its version)."""
        records.delete(dataset, record, if_match(request))


def _add_files(api: Api, services: Services) -> None:
    snapshots = services.snapshots

    @api.route(
        "POST",
        "/datasets/{dataset}/snapshots",
        access="both",
        status=201,
        also=(200,),
        problems=(409, 507),
    )
    def make_snapshot(dataset: str) -> Reply[Snapshot]:
        """Make the Parquet file of the current revision (201), or name the one there is (200)."""
        snapshot, made = snapshots.make(dataset)
        return Reply(snapshot, 201 if made else 200)

    @api.route("GET", "/datasets/{dataset}/export.csv", access="both", gives="text/csv")
    def export(dataset: str) -> Response:
        """Give the current revision as CSV."""
        stored, text = snapshots.export(dataset)
        file = attachments.headers(f"{stored.id}.csv")
        headers: dict[str, Any] = _tag(stored.revision) | file
        return Response(text, headers=headers, content_type="text/csv; charset=utf-8")
