"""The routes that change many records at once: they only translate."""

from typing import Any

import msgspec
from flask import Request

from functions.datasets.model.change_views import ChangeView, Count
from functions.datasets.model.dataset import RecordBody
from functions.datasets.service.changing.many import ManyRecords, Which
from functions.datasets.service.changing.starter import Asked
from functions.datasets.transport.history import shown
from functions.kit.contract.identity import Caller
from functions.kit.contract.workspaces import Place
from functions.kit.http.api import Api
from functions.kit.http.etags import if_match
from functions.kit.http.routes import Options, Reply

OPTIONS: Options = {"also": (202,), "problems": (409, 412, 507), "gives": ChangeView | Count}


class ManyQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which records: those that meet each `filter`, or with `all=true` and without one, all.

    With `dry_run=true` they are counted, and nothing is changed.
    """

    filter: list[str] = msgspec.field(default_factory=list)
    all: bool = False
    dry_run: bool = False


def add(api: Api, many: ManyRecords) -> None:
    """Register the routes."""

    @api.route("PATCH", "/datasets/{dataset}/records", **OPTIONS)
    def amend_records(
        dataset: str, query: ManyQuery, body: RecordBody, request: Request, caller: Caller
    ) -> Reply[Any]:
        """Give all records that meet the filters some values, as one new revision.

        If-Match: the revision. A large change goes on by itself (202).
        """
        place, values = Place(caller.workspace, dataset), bytes(body.values)
        which = Which(query.filter, query.all)
        if query.dry_run:
            return Reply(many.count(place, which, values))
        return shown(many.amend(place, which, values, Asked(caller.account, if_match(request))))

    @api.route("DELETE", "/datasets/{dataset}/records", **OPTIONS)
    def delete_records(
        dataset: str, query: ManyQuery, request: Request, caller: Caller
    ) -> Reply[Any]:
        """Remove all records that meet the filters, as one new revision; undo brings them back.

        If-Match: the revision. A large change goes on by itself (202).
        """
        place, which = Place(caller.workspace, dataset), Which(query.filter, query.all)
        if query.dry_run:
            return Reply(many.count(place, which))
        return shown(many.remove(place, which, Asked(caller.account, if_match(request))))
