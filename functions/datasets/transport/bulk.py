"""The routes that change many records at once: they only translate."""

from typing import Annotated, Any

import msgspec

from functions.datasets.model.changing.change_views import ChangeView, Count
from functions.datasets.model.dataset import RecordBody
from functions.datasets.service.changing.batches import EDITS
from functions.datasets.service.changing.many import ManyRecords, Which
from functions.datasets.service.changing.named import NamedEdit, NamedRecords
from functions.datasets.service.changing.starter import Asked
from functions.datasets.transport.history import shown
from functions.datasets.transport.lists import Where
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.http.api import Api
from functions.kit.http.responses.etags import Conditional, if_match
from functions.kit.http.routing.routes import Options, Reply

OPTIONS: Options = {"also": (202,), "problems": (409, 412, 507), "gives": ChangeView | Count}


class ManyQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which records: those that meet each `filter` and `where`; with `all=true` and neither, all.

    With `dry_run=true` they are counted, and nothing is changed.
    """

    filter: list[str] = msgspec.field(default_factory=list)
    where: Where | None = None
    all: bool = False
    dry_run: bool = False

    @property
    def which(self) -> Which:
        """The records that are meant."""
        return Which(self.filter, self.where, self.all)


class NamedBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be made of which records: 450 at most, each once."""

    records: Annotated[list[NamedEdit], msgspec.Meta(min_length=1, max_length=EDITS)]


def add(api: Api, many: ManyRecords, named: NamedRecords) -> None:
    """Register the routes."""
    _add_many(api, many)

    @api.route("POST", "/datasets/{dataset}/records/named", problems=(409, 507))
    def change_named_records(dataset: str, body: NamedBody, caller: Caller) -> ChangeView:
        """Change or remove records by their ids, all or none, as one revision; undo takes it back.

        A record with a `version` must still have it, so that a repeat does nothing twice; else 409,
        whose `errors` say which have another.
        """
        return named.amend(Place(caller.workspace, dataset), body.records, caller.account)


def _add_many(api: Api, many: ManyRecords) -> None:

    @api.route("PATCH", "/datasets/{dataset}/records", **OPTIONS)
    def amend_records(
        dataset: str, query: ManyQuery, body: RecordBody, request: Conditional, caller: Caller
    ) -> Reply[Any]:
        """Give all records that meet the filters some values, as one new revision.

        If-Match: the revision. A large change goes on by itself (202).
        """
        place, values = Place(caller.workspace, dataset), bytes(body.values)
        if query.dry_run:
            return Reply(many.count(place, query.which, values))
        asked = Asked(caller.account, if_match(request))
        return shown(many.amend(place, query.which, values, asked))

    @api.route("DELETE", "/datasets/{dataset}/records", **OPTIONS)
    def delete_records(
        dataset: str, query: ManyQuery, request: Conditional, caller: Caller
    ) -> Reply[Any]:
        """Remove all records that meet the filters, as one new revision; undo brings them back.

        If-Match: the revision. A large change goes on by itself (202).
        """
        place = Place(caller.workspace, dataset)
        if query.dry_run:
            return Reply(many.count(place, query.which))
        return shown(many.remove(place, query.which, Asked(caller.account, if_match(request))))
