"""Predictions out, for whoever may see them."""

import datetime as dt
import re
from typing import Annotated

import msgspec
from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.pages import Page, PageQuery, cursor_after, unknown_cursor
from functions.kit.contract.telemetry.hourly import microseconds
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import check_right
from functions.kit.http.responses import attachments
from functions.monitoring.model.logged import ExplainedPrediction, Filters, Key, LoggedPrediction
from functions.monitoring.service.exports import Exports
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.lookup import Lookup

PARQUET = "application/vnd.apache.parquet"
_CURSOR = re.compile(r"(\d{1,16})\.([0-9a-f]{0,60}(?:-\d{1,7})?)", re.ASCII)
Version = Annotated[int, msgspec.Meta(ge=1, le=10**9)]


class Span(msgspec.Struct, forbid_unknown_fields=True):
    """Which predictions a file has.

    Attributes:
        version: that answered.
        since: the first time that counts; `from` in the query.
        until: the first time that does not count any more; `to` in the query.
    """

    version: Version | None = None
    since: dt.datetime | None = msgspec.field(default=None, name="from")
    until: dt.datetime | None = msgspec.field(default=None, name="to")


class PredictionsQuery(PageQuery):
    """Which predictions are meant; what is not given does not matter.

    Attributes:
        version: that answered.
        alias: that led to it.
        caller: a name.
        since: the first time that counts; `from` in the query.
        until: the first time that does not count any more; `to` in the query.
    """

    version: Version | None = None
    alias: str | None = None
    caller: str | None = None
    since: dt.datetime | None = msgspec.field(default=None, name="from")
    until: dt.datetime | None = msgspec.field(default=None, name="to")


class PredictionQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the prediction is explained."""

    explain: bool = False


def add(api: Api, lookup: Lookup, exports: Exports, known: KnownModels) -> None:
    """Register the routes."""

    @api.route("GET", "/models/{model}/predictions")
    def list_predictions(
        model: str, query: PredictionsQuery, caller: Caller
    ) -> Page[LoggedPrediction]:
        """List a model's predictions with their labels, the newest first.

        A page may be short before the end: a search ends it after two seconds. The last one has no
        `next`.
        """
        filters = Filters(
            model=Place(caller.workspace, model),
            life=known.check(Place(caller.workspace, model)),
            version=query.version,
            alias=query.alias,
            caller=query.caller,
            since=_time(query.since),
            until=_time(query.until),
        )
        found, before = lookup.page(filters, _before(query), query.limit)
        following = cursor_after(f"{before.at}.{before.id or '0'}") if before else None
        return Page(found, following)

    @api.route("GET", "/predictions/{prediction}", filters=True, problems=(429,))
    def get_prediction(
        prediction: str, query: PredictionQuery, caller: Caller
    ) -> ExplainedPrediction:
        """Show one prediction with its label; with `explain`, what each column did for it, too.

        Who wants that must have the right to predict, and it is counted as a prediction with an
        explanation is.
        """
        if query.explain:
            check_right(caller, "predict")
        return lookup.get(caller, prediction, explain=query.explain)

    @api.route("GET", "/models/{model}/predictions.parquet", gives=PARQUET)
    def export_predictions(model: str, query: Span, caller: Caller) -> Response:
        """Give a model's predictions with their labels as Parquet: a column an input."""
        filters = Filters(
            model=Place(caller.workspace, model),
            life=known.check(Place(caller.workspace, model)),
            version=query.version,
            since=_time(query.since),
            until=_time(query.until),
        )
        headers = attachments.headers("predictions.parquet")
        return Response(exports.open(filters), headers=headers, content_type=PARQUET)


def _time(at: dt.datetime | None) -> int | None:
    return None if at is None else microseconds(at)


def _before(query: PredictionsQuery) -> Key | None:
    if query.after is None:
        return None
    found = _CURSOR.fullmatch(query.after)
    if found is None:
        raise unknown_cursor()
    return Key(int(found[1]), found[2])
