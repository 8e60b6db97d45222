"""The routes of how an alias's calls are shared out."""

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model
from functions.kit.contract.models.traffic import Counted
from functions.kit.http.api import Api
from functions.kit.http.responses.etags import Conditional, etag, if_match
from functions.kit.http.routing.routes import Reply
from functions.models.model.traffic import Wanted
from functions.models.service.sharing import Sharing, Shown

TRAFFIC = "/models/{model}/aliases/{alias}/traffic"


def add(api: Api, sharing: Sharing) -> None:
    """Register the routes."""

    @api.route("GET", TRAFFIC, problems=(422,))
    def get_traffic(model: str, alias: str, caller: Caller) -> Reply[Shown]:
        """Show how an alias's calls are shared out, and what came of them (404 if they are not).

        Its ETag is the model's.
        """
        return _shown(sharing.shown(Place(caller.workspace, model), alias))

    @api.route("PUT", TRAFFIC, access="both", problems=(409, 412, 507))
    def set_traffic(
        model: str, alias: str, body: Wanted, request: Conditional, caller: Caller
    ) -> Reply[Shown]:
        """Share an alias's calls out among versions (If-Match: the model's revision).

        Each change is measured anew. It ends by itself when a version other than the alias's own is
        proved to err or slow beyond the bounds, with a promotion or a rollback, and with the alias.
        """
        place = Place(caller.workspace, model)
        return _shown(sharing.share_out(place, alias, body, caller, if_match(request)))

    @api.route("DELETE", TRAFFIC, access="both", problems=(422, 412, 507))
    def end_traffic(model: str, alias: str, request: Conditional, caller: Caller) -> Reply[Model]:
        """Let all calls go to the version that the alias names."""
        ended = sharing.end(Place(caller.workspace, model), alias, caller, if_match(request))
        return Reply(ended, headers={"ETag": etag(ended.revision)})

    @api.route("POST", f"{TRAFFIC}/counts", access="step", hidden=True, noted=False)
    def count_traffic(model: str, alias: str, body: Counted, caller: Caller) -> None:
        """Take what a replica counted: what came of calls, by version."""
        sharing.count(Place(caller.workspace, model), alias, body)


def _shown(found: tuple[Model, Shown]) -> Reply[Shown]:
    model, shown = found
    return Reply(shown, headers={"ETag": etag(model.revision)})
