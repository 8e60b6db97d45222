"""The routes of what was changed: they only translate."""

from functions.datasets.model.changes import LoggedChange
from functions.datasets.service.history import History, RecordChange
from functions.kit.contract.errors import not_found
from functions.kit.contract.identity import Caller
from functions.kit.contract.pages import LONGEST_NUMBER, Page, PageQuery
from functions.kit.contract.workspaces import Place
from functions.kit.http.api import Api


def add(api: Api, history: History) -> None:
    """Register the routes."""

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
    def get_change(dataset: str, revision: str, caller: Caller) -> LoggedChange:
        """Show the change that made a revision."""
        return history.change(Place(caller.workspace, dataset), number(revision))


def number(revision: str) -> int:
    """Return the revision that a path names; raises NotFound."""
    if not revision.isdecimal() or len(revision) > LONGEST_NUMBER:
        raise not_found("change", revision)
    return int(revision)
