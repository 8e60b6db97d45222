"""The schema of each model as Protocol Buffers have it: a `.proto` to be compiled by callers."""

from typing import TYPE_CHECKING

from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.requests.names import version_number
from functions.kit.http.api import Api
from functions.kit.lazy import Lazy
from functions.prediction.service.ports import Predictor
from functions.prediction.service.predictions import Service

if TYPE_CHECKING:
    from functions.prediction.transport.records.formats import protobuf
else:  # Protocol Buffers are not for the first answer
    protobuf = Lazy("functions.prediction.transport.records.formats.protobuf")

TYPE = "text/plain"


def add(api: Api, service: Service) -> None:
    """Register the routes."""

    @api.route("GET", "/models/{model}/schema.proto", gives=TYPE)
    def schema(model: str, caller: Caller) -> Response:
        """Give the `.proto` of what the champion takes and gives."""
        return _answer(service.predictor(Place(caller.workspace, model), CHAMPION))

    @api.route(
        "GET", "/models/{model}/versions/{version}/schema.proto", gives=TYPE, problems=(422,)
    )
    def schema_by_version(model: str, version: str, caller: Caller) -> Response:
        """Give the `.proto` of what one version takes and gives."""
        number = version_number(version)
        return _answer(service.predictor(Place(caller.workspace, model), number))

    @api.route("GET", "/models/{model}/aliases/{alias}/schema.proto", gives=TYPE)
    def schema_by_alias(model: str, alias: str, caller: Caller) -> Response:
        """Give the `.proto` of what the version that an alias names takes and gives."""
        return _answer(service.predictor(Place(caller.workspace, model), alias))


def _answer(predictor: Predictor) -> Response:
    version = {"X-Model-Version": str(predictor.version.version)}
    text = protobuf.schema(predictor).text
    return Response(text, headers=version, content_type=f"{TYPE}; charset=utf-8")
