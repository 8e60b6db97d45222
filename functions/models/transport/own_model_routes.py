"""The route of functions that are models."""

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Version
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.routing.routes import Reply
from functions.models.service.own_models import OwnModel, OwnModels


def add(api: Api, own: OwnModels) -> None:
    """Register the route."""

    @api.route(
        "POST", "/models/{model}/functions", status=201, also=(200,), problems=(409, 503, 507)
    )
    def register_function(
        model: str, body: OwnModel, request: Repeatable, caller: Caller
    ) -> Reply[Version]:
        """Register a function that is a model (`./mayfly new NAME --model`) as a version.

        It is asked what it takes and answers. Where that is what the newest version says, that is
        given with status 200. What callers of the model would stumble over is refused (409), unless
        a `new_line` is asked for.
        """
        place, asked = Place(caller.workspace, model), request_id(request, caller)
        version, new = own.register(place, body, caller, asked)
        where = f"../versions/{version.version}"
        return Reply(version, 201 if new else 200, {"Location": where})
