"""The routes of what was changed, of undo and restore: they only translate."""

from typing import Annotated

import msgspec

from functions.datasets.model.changing.change_views import ChangeView
from functions.datasets.model.changing.changes import LoggedChange
from functions.datasets.service.changing.history import History, RecordChange
from functions.datasets.service.changing.starter import Asked
from functions.datasets.service.changing.undoing import Undoing
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.pages import LONGEST_NUMBER, Page, PageQuery
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.responses.etags import IF_MATCH, if_match
from functions.kit.http.routing.routes import Header, Reply

Revision = Annotated[int, msgspec.Meta(ge=1)]
RepeatableAsSeen = Annotated[Repeatable, Header(IF_MATCH)]
"""A request that may be sent again, and holds only for the dataset as its caller saw it."""


class UndoBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which change is taken back: the one that made `revision`; the last one by default."""

    revision: Revision | None = None


class RestoreBody(msgspec.Struct, forbid_unknown_fields=True):
    """The revision as of which all records will be."""

    revision: Revision


def add(api: Api, history: History, undoing: Undoing) -> None:
    """Register the routes."""
    _add_lists(api, history, undoing)
    _add_undoing(api, undoing)


def _add_lists(api: Api, history: History, undoing: Undoing) -> None:
    @api.route("GET", "/datasets/{dataset}/records/{record}/history")
    def record_history(
        dataset: str, record: str, caller: Caller, query: PageQuery
    ) -> Page[RecordChange]:
        """List what was made of a record, newest first; also of one that has been removed."""
        return history.of_record(Place(caller.workspace, dataset), record, query)

    @api.route("GET", "/datasets/{dataset}/changes")
    def list_changes(dataset: str, caller: Caller, query: PageQuery) -> Page[LoggedChange]:
        """List the changes of a dataset, newest first."""
        return history.changes(Place(caller.workspace, dataset), query)

    @api.route("GET", "/datasets/{dataset}/changes/{revision}")
    def get_change(dataset: str, revision: str, caller: Caller) -> ChangeView:
        """Show the change that made a revision, or will: how far it has come."""
        return undoing.view(Place(caller.workspace, dataset), _number(revision))


def _add_undoing(api: Api, undoing: Undoing) -> None:
    @api.route("POST", "/datasets/{dataset}/undo", also=(202,), problems=(409, 412, 507))
    def undo(
        dataset: str, body: UndoBody, request: RepeatableAsSeen, caller: Caller
    ) -> Reply[ChangeView]:
        """Take back the last change, or the one that made a revision (If-Match: the revision).

        409 names the record that a later change is of. A large one goes on by itself (202). A
        repeat with the same `Idempotency-Key` header is the same undo.
        """
        asked = Asked(caller.account, if_match(request), request_id(request, caller))
        return shown(undoing.undo(Place(caller.workspace, dataset), body.revision, asked))

    @api.route("POST", "/datasets/{dataset}/restore", also=(202,), problems=(409, 412, 507))
    def restore(
        dataset: str, body: RestoreBody, request: RepeatableAsSeen, caller: Caller
    ) -> Reply[ChangeView]:
        """Have all records as they were at a revision, as a new one (If-Match: the current one).

        A large change goes on by itself (202). A repeat with the same `Idempotency-Key` header is
        the same restore.
        """
        asked = Asked(caller.account, if_match(request), request_id(request, caller))
        return shown(undoing.restore(Place(caller.workspace, dataset), body.revision, asked))


def shown(change: ChangeView) -> Reply[ChangeView]:
    """Answer with a change: 202 and where to look when it goes on by itself."""
    if change.state != "running":
        return Reply(change)
    return Reply(change, 202, {"Location": f"changes/{change.revision}"})


def _number(revision: str) -> int:
    """Return the revision that a path names; raises NotFound."""
    if not revision.isdecimal() or len(revision) > LONGEST_NUMBER:
        raise not_found("change", revision)
    return int(revision)
