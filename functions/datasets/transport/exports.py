"""The routes of exports: the rows of a dataset, or some of them, as a file."""

import msgspec
from flask import Response

from functions.datasets.model.queries.query import Asked
from functions.datasets.service.tables.exports import Exports, Form
from functions.datasets.transport.lists import Sort, Where
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.http.api import Api
from functions.kit.http.responses import attachments
from functions.kit.http.responses.etags import etag

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
JSON_LINES = "application/jsonl"


class ExportQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which records a file has, and in which order."""

    filter: list[str] = msgspec.field(default_factory=list)
    where: Where | None = None
    sort: Sort | None = None


class CsvQuery(ExportQuery):
    """As ExportQuery; `spreadsheet=true` puts `'` before text that would be a formula."""

    spreadsheet: bool = False


def add(api: Api, exports: Exports) -> None:
    """Register the routes."""

    def file(
        dataset: str, caller: Caller, form: Form, query: ExportQuery, *, plain: bool = False
    ) -> Response:
        asked = Asked(tuple(query.filter), query.where, query.sort)
        place = Place(caller.workspace, dataset)
        stored, content = exports.open(place, form, asked, plain=plain)
        headers = attachments.headers(f"{stored.id}.{form}") | {"ETag": etag(stored.revision)}
        return Response(content, headers=headers, content_type=_TYPES[form])

    path = "/datasets/{dataset}/export"

    @api.route("GET", f"{path}.csv", access="both", gives=CSV, problems=(409,))
    def export(dataset: str, caller: Caller, query: CsvQuery) -> Response:
        """Give the current revision as CSV: exactly, or for spreadsheets without formulas."""
        return file(dataset, caller, "csv", query, plain=query.spreadsheet)

    @api.route("GET", f"{path}.parquet", access="both", gives=PARQUET, problems=(409,))
    def export_parquet(dataset: str, caller: Caller, query: ExportQuery) -> Response:
        """Give the current revision as Parquet, each column of its kind's type."""
        return file(dataset, caller, "parquet", query)

    @api.route("GET", f"{path}.jsonl", access="both", gives=JSON_LINES, problems=(409,))
    def export_jsonl(dataset: str, caller: Caller, query: ExportQuery) -> Response:
        """Give the current revision as JSON Lines: a line of values by column for each record."""
        return file(dataset, caller, "jsonl", query)


_TYPES: dict[Form, str] = {
    "csv": f"{CSV}; charset=utf-8",
    "parquet": PARQUET,
    "jsonl": f"{JSON_LINES}; charset=utf-8",
}
