"""The registry's HTTP API."""

from typing import Annotated

import msgspec
from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model, Registration, Version
from functions.kit.contract.ports import Bucket
from functions.kit.contract.requests.pages import Page, PageQuery
from functions.kit.http.api import Api
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.responses.etags import Conditional, Revalidating, etag, if_match
from functions.kit.http.routing.routes import Reply
from functions.models.model.aliases import Change
from functions.models.model.cards import Card, to_markdown
from functions.models.model.comparisons import Compared, IfBetter, Promoted, promoted
from functions.models.model.remarks import Remarks
from functions.models.model.version_lists import VersionSummary
from functions.models.service.comparing import Comparing
from functions.models.service.lists import ModelsQuery, VersionsQuery
from functions.models.service.registry import Service
from functions.models.transport.file_response import answer

# Every name and number in a path may be one that cannot be (422). What else a change may meet:
# another state, another version than was seen, a full store.
PATH = (422,)
CHANGE = (*PATH, 409, 412, 507)


Number = Annotated[int, msgspec.Meta(ge=1)]


Reason = Annotated[str, msgspec.Meta(max_length=500)]


class Promotion(msgspec.Struct, forbid_unknown_fields=True):
    """Which version an alias shall name, on what condition, and why, for the history."""

    version: Number
    if_better: IfBetter | None = None
    reason: Reason = ""


class RollbackQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Why an alias is rolled back, for the history."""

    reason: Reason = ""


class CompareQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which two versions are compared, and by what measure; by default the one that decides."""

    a: Number
    b: Number
    measure: str | None = None


def _place(caller: Caller, model: str) -> Place:
    return Place(caller.workspace, model)


def _shown(model: Model) -> Reply[Model]:
    return Reply(model, headers={"ETag": etag(model.revision)})


def _shown_version(version: Version) -> Reply[Version]:
    return Reply(version, headers={"ETag": etag(version.edition)})


def add(api: Api, service: Service, source: Bucket) -> None:
    """Register the routes."""
    comparing = Comparing(service, source)
    _add_models(api, service)
    _add_registration(api, service)
    _add_versions(api, service, source)
    _add_comparison(api, service, comparing)
    _add_aliases(api, service, comparing)


def _add_comparison(api: Api, service: Service, comparing: Comparing) -> None:
    @api.route("GET", "/models/{model}/compare", problems=(*PATH, 409, 410))
    def compare_versions(model: str, query: CompareQuery, caller: Caller) -> Compared:
        """Compare two versions on the same rows, with a paired interval.

        These are the rows that one held out and that came after the other was trained, or, where
        they are too few, those that both held out: `on` says which.
        """
        return comparing.compare(_place(caller, model), query.a, query.b, query.measure)

    @api.route("GET", "/models/{model}/versions/{version}/card", problems=PATH)
    def get_card(model: str, version: str, caller: Caller) -> Card:
        """Show what a person should know before trusting a version."""
        return service.card(_place(caller, model), version)

    @api.route(
        "GET", "/models/{model}/versions/{version}/card.md", problems=PATH, gives="text/markdown"
    )
    def get_card_as_text(model: str, version: str, caller: Caller) -> Response:
        """Give a version's card as Markdown."""
        text = to_markdown(service.card(_place(caller, model), version))
        return Response(text, content_type="text/markdown; charset=utf-8")


def _add_models(api: Api, service: Service) -> None:
    @api.route("GET", "/models", filters=True)
    def list_models(query: ModelsQuery, caller: Caller) -> Page[Model]:
        """List the models by name."""
        return service.models(caller, query)

    @api.route("GET", "/models/{model}", access="both", problems=PATH)
    def get_model(model: str, caller: Caller) -> Reply[Model]:
        """Show a model; its ETag is what If-Match of a change may name."""
        return _shown(service.model(_place(caller, model)))

    @api.route("DELETE", "/models/{model}", problems=(*PATH, 412, 507))
    def delete_model(model: str, request: Conditional, caller: Caller) -> None:
        """Remove a model with its versions, aliases and history; for seven days, it can come back.

        Unless its name is used by another before.
        """
        service.delete(_place(caller, model), caller, if_match(request))

    @api.route("POST", "/models/{model}/restore", problems=(*PATH, 409, 507))
    def restore_model(model: str, caller: Caller) -> Reply[Model]:
        """Have a model back that was removed."""
        return _shown(service.restore(_place(caller, model), caller))

    @api.route("PATCH", "/models/{model}", problems=(412, 507))
    def edit_model(model: str, body: Remarks, request: Conditional, caller: Caller) -> Reply[Model]:
        """Write tags and a note beside a model (If-Match: its revision)."""
        return _shown(service.edit(_place(caller, model), body, caller, if_match(request)))

    @api.route("GET", "/models/{model}/history", problems=PATH)
    def list_history(model: str, query: PageQuery, caller: Caller) -> Page[Change]:
        """List what happened to a model, newest first: who, when, from and to which version."""
        return service.history(_place(caller, model), query)


def _add_registration(api: Api, service: Service) -> None:
    @api.route(
        "POST",
        "/models/{model}/versions",
        access="both",
        status=201,
        also=(200,),
        problems=(409, 507),
    )
    def register_version(
        model: str, body: Registration, request: Repeatable, caller: Caller
    ) -> Reply[Version]:
        """Register a version; the same job again gives the same version with status 200.

        So does the same request under one Idempotency-Key; another under it is refused (409). So is
        a version that callers of the model would stumble over, unless it asks for a `new_line`.

        Its file is checked: ONNX's own rules, onnxruntime, the signature, memory and time. What
        cannot be served is refused with status 422, which names each flaw.
        """
        place, asked = _place(caller, model), request_id(request, caller)
        version, new = service.register(place, body, caller, asked)
        return Reply(version, 201 if new else 200, {"Location": f"versions/{version.version}"})


def _add_versions(api: Api, service: Service, source: Bucket) -> None:
    @api.route("GET", "/models/{model}/versions", problems=PATH)
    def list_versions(model: str, query: VersionsQuery, caller: Caller) -> Page[VersionSummary]:
        """List a model's versions, newest first, without their evaluations and signatures."""
        return service.versions(_place(caller, model), query)

    @api.route("GET", "/models/{model}/versions/{version}", access="both", problems=PATH)
    def get_version(model: str, version: str, caller: Caller) -> Reply[Version]:
        """Show a version; its ETag is what If-Match of an edit may name."""
        return _shown_version(service.version(_place(caller, model), version))

    @api.route("PATCH", "/models/{model}/versions/{version}", problems=(412, 507))
    def edit_version(
        model: str, version: str, body: Remarks, request: Conditional, caller: Caller
    ) -> Reply[Version]:
        """Write tags and a note beside a version (If-Match: its edition)."""
        place, seen = _place(caller, model), if_match(request)
        return _shown_version(service.edit_version(place, version, body, caller, seen))

    @api.route("POST", "/models/{model}/versions/{version}/restore", problems=CHANGE)
    def restore_version(
        model: str, version: str, request: Conditional, caller: Caller
    ) -> Reply[Model]:
        """Have a version back that was removed (If-Match: the model's revision)."""
        place = _place(caller, model)
        return _shown(service.restore_version(place, version, caller, if_match(request)))

    @api.route("DELETE", "/models/{model}/versions/{version}", access="both", problems=CHANGE)
    def delete_version(
        model: str, version: str, request: Conditional, caller: Caller
    ) -> Reply[Model]:
        """Remove a version; refused while an alias names it. For seven days, it can come back."""
        place = _place(caller, model)
        return _shown(service.delete_version(place, version, caller, if_match(request)))

    @api.route(
        "GET",
        "/models/{model}/versions/{version}/model.onnx",
        also=(304,),
        problems=(*PATH, 410),
        gives="application/octet-stream",
    )
    def download(model: str, version: str, request: Revalidating, caller: Caller) -> Response:
        """Download a version's ONNX file; its ETag is the file's SHA-256."""
        return answer(service.version(_place(caller, model), version), request, source)


def _add_aliases(api: Api, service: Service, comparing: Comparing) -> None:
    @api.route("PUT", "/models/{model}/aliases/{alias}", access="both", problems=(*CHANGE, 410))
    def promote(
        model: str, alias: str, body: Promotion, request: Conditional, caller: Caller
    ) -> Reply[Promoted]:
        """Let an alias name a version; with `if_better` only one that is, else 409.

        `because` then says by how much, and on which rows.
        """
        place, seen, version = _place(caller, model), if_match(request), body.version
        better, reason = body.if_better, body.reason
        if better is None:
            made = promoted(service.promote(place, alias, version, caller, seen, reason))
        else:
            made = comparing.promote(place, alias, version, better, caller, seen, reason)
        return Reply(made, headers={"ETag": etag(made.revision)})

    @api.route("DELETE", "/models/{model}/aliases/{alias}", problems=CHANGE)
    def remove_alias(model: str, alias: str, request: Conditional, caller: Caller) -> Reply[Model]:
        """Forget an alias."""
        place = _place(caller, model)
        return _shown(service.remove_alias(place, alias, caller, if_match(request)))

    @api.route("POST", "/models/{model}/aliases/{alias}/rollback", access="both", problems=CHANGE)
    def roll_back(
        model: str, alias: str, query: RollbackQuery, request: Conditional, caller: Caller
    ) -> Reply[Model]:
        """Let an alias name what it named before; repeated, it goes back further."""
        place, seen = _place(caller, model), if_match(request)
        return _shown(service.roll_back(place, alias, caller, seen, query.reason))
