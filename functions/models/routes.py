"""The registry's HTTP API."""

from typing import Annotated

import msgspec
from flask import Request, Response

from functions.kit.contract.identity import Caller
from functions.kit.contract.pages import Page, PageQuery
from functions.kit.contract.ports import Bucket
from functions.kit.contract.registration import Model, Registration, Version
from functions.kit.contract.workspaces import Place
from functions.kit.http.api import Api
from functions.kit.http.etags import etag, if_match
from functions.kit.http.idempotency import Repeatable, request_id
from functions.kit.http.routes import Reply
from functions.models.aliases import Change
from functions.models.file_response import answer
from functions.models.service import Service
from functions.models.version_lists import VersionSummary

# Every name and number in a path may be one that cannot be (422). What else a change may meet:
# another state, another version than was seen, a full store.
PATH = (422,)
CHANGE = (*PATH, 409, 412, 507)


class Promotion(msgspec.Struct, forbid_unknown_fields=True):
    """Which version an alias shall name."""

    version: Annotated[int, msgspec.Meta(ge=1)]


def _place(caller: Caller, model: str) -> Place:
    return Place(caller.workspace, model)


def _shown(model: Model) -> Reply[Model]:
    return Reply(model, headers={"ETag": etag(model.revision)})


def add(api: Api, service: Service, source: Bucket) -> None:
    """Register the routes."""
    _add_models(api, service)
    _add_registration(api, service)
    _add_versions(api, service, source)
    _add_aliases(api, service)


def _add_models(api: Api, service: Service) -> None:
    @api.route("GET", "/models", filters=True)
    def list_models(query: PageQuery, caller: Caller) -> Page[Model]:
        """List the models by name."""
        return service.models(caller, query)

    @api.route("GET", "/models/{model}", access="both", problems=PATH)
    def get_model(model: str, caller: Caller) -> Reply[Model]:
        """Show a model; its ETag is what If-Match of a change may name."""
        return _shown(service.model(_place(caller, model)))

    @api.route("DELETE", "/models/{model}", problems=(*PATH, 412, 507))
    def delete_model(model: str, request: Request, caller: Caller) -> None:
        """Remove a model with its versions, aliases, history and files."""
        service.delete(_place(caller, model), if_match(request))

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

        So does the same request under one Idempotency-Key; another under it is refused (409).

        Its file is checked: ONNX's own rules, onnxruntime, the signature, memory and time. What
        cannot be served is refused with status 422, which names each flaw.
        """
        place, asked = _place(caller, model), request_id(request, caller)
        version, new = service.register(place, body, caller, asked)
        return Reply(version, 201 if new else 200, {"Location": f"versions/{version.version}"})


def _add_versions(api: Api, service: Service, source: Bucket) -> None:
    @api.route("GET", "/models/{model}/versions", problems=PATH)
    def list_versions(model: str, query: PageQuery, caller: Caller) -> Page[VersionSummary]:
        """List a model's versions, newest first, without their evaluations and signatures."""
        return service.versions(_place(caller, model), query)

    @api.route("GET", "/models/{model}/versions/{version}", problems=PATH)
    def get_version(model: str, version: str, caller: Caller) -> Version:
        """Show a version."""
        return service.version(_place(caller, model), version)

    @api.route("DELETE", "/models/{model}/versions/{version}", problems=CHANGE)
    def delete_version(model: str, version: str, request: Request, caller: Caller) -> Reply[Model]:
        """Remove a version; refused while an alias names it."""
        place = _place(caller, model)
        return _shown(service.delete_version(place, version, caller, if_match(request)))

    @api.route(
        "GET",
        "/models/{model}/versions/{version}/model.onnx",
        also=(304,),
        problems=(*PATH, 410),
        gives="application/octet-stream",
    )
    def download(model: str, version: str, request: Request, caller: Caller) -> Response:
        """Download a version's ONNX file; its ETag is the file's SHA-256."""
        return answer(service.version(_place(caller, model), version), request, source)


def _add_aliases(api: Api, service: Service) -> None:
    @api.route("PUT", "/models/{model}/aliases/{alias}", problems=CHANGE)
    def promote(
        model: str, alias: str, body: Promotion, request: Request, caller: Caller
    ) -> Reply[Model]:
        """Let an alias name a version."""
        place, condition = _place(caller, model), if_match(request)
        return _shown(service.promote(place, alias, body.version, caller, condition))

    @api.route("DELETE", "/models/{model}/aliases/{alias}", problems=CHANGE)
    def remove_alias(model: str, alias: str, request: Request, caller: Caller) -> Reply[Model]:
        """Forget an alias."""
        place = _place(caller, model)
        return _shown(service.remove_alias(place, alias, caller, if_match(request)))

    @api.route("POST", "/models/{model}/aliases/{alias}/rollback", problems=CHANGE)
    def roll_back(model: str, alias: str, request: Request, caller: Caller) -> Reply[Model]:
        """Let an alias name what it named before; repeated, it goes back further."""
        place = _place(caller, model)
        return _shown(service.roll_back(place, alias, caller, if_match(request)))
