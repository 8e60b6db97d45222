"""The registry's HTTP API."""

from typing import Annotated

import msgspec
from flask import Request, Response

from functions.kit.contract.identity import Caller
from functions.kit.contract.pages import Page, PageQuery
from functions.kit.contract.ports import Bucket
from functions.kit.contract.registration import Model, Registration, Version
from functions.kit.http.api import Api
from functions.kit.http.etags import etag, if_match
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


def _model(model: Model) -> Reply[Model]:
    return Reply(model, headers={"ETag": etag(model.revision)})


def add(api: Api, service: Service, source: Bucket) -> None:
    """Register the routes."""
    _add_models(api, service)
    _add_versions(api, service, source)
    _add_aliases(api, service)


def _add_models(api: Api, service: Service) -> None:
    @api.route("GET", "/models")
    def list_models(query: PageQuery) -> Page[Model]:
        """List the models by name."""
        return service.models(query)

    @api.route("GET", "/models/{name}", access="both", problems=PATH)
    def get_model(name: str) -> Reply[Model]:
        """Show a model; its ETag is what If-Match of a change may name."""
        return _model(service.model(name))

    @api.route("DELETE", "/models/{name}", problems=(*PATH, 412, 507))
    def delete_model(name: str, request: Request) -> None:
        """Remove a model with its versions, aliases, history and files."""
        service.delete(name, if_match(request))

    @api.route("GET", "/models/{name}/history", problems=PATH)
    def list_history(name: str, query: PageQuery) -> Page[Change]:
        """List what happened to a model, newest first: who, when, from and to which version."""
        return service.history(name, query)


def _add_versions(api: Api, service: Service, source: Bucket) -> None:
    @api.route(
        "POST",
        "/models/{name}/versions",
        access="both",
        status=201,
        also=(200,),
        problems=(409, 507),
    )
    def register_version(name: str, body: Registration, caller: Caller) -> Reply[Version]:
        """Register a version; the same job again gives the same version with status 200.

        Its file is checked: ONNX's own rules, onnxruntime, the signature, memory and time. What
        cannot be served is refused with status 422, which names each flaw.
        """
        version, new = service.register(name, body, caller.name)
        return Reply(version, 201 if new else 200, {"Location": f"versions/{version.version}"})

    @api.route("GET", "/models/{name}/versions", problems=PATH)
    def list_versions(name: str, query: PageQuery) -> Page[VersionSummary]:
        """List a model's versions, newest first, without their evaluations and signatures."""
        return service.versions(name, query)

    @api.route("GET", "/models/{name}/versions/{version}", problems=PATH)
    def get_version(name: str, version: str) -> Version:
        """Show a version."""
        return service.version(name, version)

    @api.route("DELETE", "/models/{name}/versions/{version}", problems=CHANGE)
    def delete_version(name: str, version: str, request: Request, caller: Caller) -> Reply[Model]:
        """Remove a version; refused while an alias names it."""
        return _model(service.delete_version(name, version, caller.name, if_match(request)))

    @api.route(
        "GET",
        "/models/{name}/versions/{version}/model.onnx",
        also=(304,),
        problems=(*PATH, 410),
        gives="application/octet-stream",
    )
    def download(name: str, version: str, request: Request) -> Response:
        """Download a version's ONNX file; its ETag is the file's SHA-256."""
        return answer(service.version(name, version), request, source)


def _add_aliases(api: Api, service: Service) -> None:
    @api.route("PUT", "/models/{name}/aliases/{alias}", problems=CHANGE)
    def promote(
        name: str, alias: str, body: Promotion, request: Request, caller: Caller
    ) -> Reply[Model]:
        """Let an alias name a version."""
        return _model(service.promote(name, alias, body.version, caller.name, if_match(request)))

    @api.route("DELETE", "/models/{name}/aliases/{alias}", problems=CHANGE)
    def remove_alias(name: str, alias: str, request: Request, caller: Caller) -> Reply[Model]:
        """Forget an alias."""
        return _model(service.remove_alias(name, alias, caller.name, if_match(request)))

    @api.route("POST", "/models/{name}/aliases/{alias}/rollback", problems=CHANGE)
    def roll_back(name: str, alias: str, request: Request, caller: Caller) -> Reply[Model]:
        """Let an alias name what it named before; repeated, it goes back further."""
        return _model(service.roll_back(name, alias, caller.name, if_match(request)))
