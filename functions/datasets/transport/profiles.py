"""The route of profiles."""

import msgspec

from functions.datasets.service.tables.profiles import Profiles
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.records.profile import Profile
from functions.kit.http.api import Api
from functions.kit.http.responses.etags import etag
from functions.kit.http.routing.routes import Reply


class ProfileQuery(msgspec.Struct, forbid_unknown_fields=True):
    """`target` is the column that the others are to be related to."""

    target: str | None = None


def add(api: Api, profiles: Profiles) -> None:
    """Register the route."""

    @api.route("GET", "/datasets/{dataset}/profile", access="both", problems=(409,))
    def get_profile(dataset: str, caller: Caller, query: ProfileQuery) -> Reply[Profile]:
        """Tell what is known of each column, how they go together, and what to look at first."""
        found = profiles.of(Place(caller.workspace, dataset), query.target)
        return Reply(found, 200, {"ETag": etag(found.revision)})
