"""Records in, predictions out."""

from typing import Any

import msgspec
from flask import Request, Response

from functions.kit.contract.names import version_number
from functions.kit.contract.registration import CHAMPION
from functions.kit.contract.signature import Signature
from functions.kit.http.activity import note_rows
from functions.kit.http.api import Api
from functions.kit.http.bodies import read_json
from functions.prediction.model.responses import (
    Classified,
    Estimated,
    Ids,
    PredictResponse,
)
from functions.prediction.service.ports import Predictor, Reference
from functions.prediction.service.predictions import Service

JSON = "application/json"
RESPONSE = PredictResponse[Classified] | PredictResponse[Estimated]


class PredictRequest(msgspec.Struct):
    """The body of a prediction; what a record is, the model's signature says."""

    records: list[dict[str, Any]]


class DescribedSignature(Signature, kw_only=True):
    """A version's signature, and what a record is as JSON Schema."""

    model: str
    version: int
    record: dict[str, Any]


def add(api: Api, service: Service, max_bytes: int) -> None:
    """Register the routes; a body may have `max_bytes`."""
    _add_predictions(api, service, max_bytes)
    _add_signatures(api, service)


def _add_predictions(api: Api, service: Service, max_bytes: int) -> None:
    ids = Ids()
    encode = msgspec.json.Encoder().encode

    def answer(request: Request, name: str, reference: Reference) -> Response:
        predictor = service.predictor(name, reference)
        records = predictor.reader.read(read_json(request, max_bytes))
        predictions = predictor.describe(predictor.run(records))
        note_rows(request, len(predictions))
        number = predictor.version.version
        body = encode(PredictResponse(ids(), name, number, predictions))
        return Response(body, 200, {"X-Model-Version": str(number)}, content_type=JSON)

    @api.route("POST", "/models/{name}/predict", takes=PredictRequest, gives=RESPONSE)
    def predict(name: str, request: Request) -> Response:
        """Predict for `{"records": [...]}` with the champion."""
        return answer(request, name, CHAMPION)

    @api.route(
        "POST", "/models/{name}/versions/{version}/predict", takes=PredictRequest, gives=RESPONSE
    )
    def predict_by_version(name: str, version: str, request: Request) -> Response:
        """Predict for `{"records": [...]}` with one version."""
        return answer(request, name, version_number(version))

    @api.route(
        "POST", "/models/{name}/aliases/{alias}/predict", takes=PredictRequest, gives=RESPONSE
    )
    def predict_by_alias(name: str, alias: str, request: Request) -> Response:
        """Predict for `{"records": [...]}` with the version that an alias names."""
        return answer(request, name, alias)


def _add_signatures(api: Api, service: Service) -> None:
    @api.route("GET", "/models/{name}/signature")
    def signature(name: str) -> DescribedSignature:
        """Tell what the champion takes and gives."""
        return _describe(service.predictor(name, CHAMPION))

    @api.route("GET", "/models/{name}/versions/{version}/signature", problems=(422,))
    def signature_by_version(name: str, version: str) -> DescribedSignature:
        """Tell what one version takes and gives."""
        return _describe(service.predictor(name, version_number(version)))

    @api.route("GET", "/models/{name}/aliases/{alias}/signature")
    def signature_by_alias(name: str, alias: str) -> DescribedSignature:
        """Tell what the version that an alias names takes and gives."""
        return _describe(service.predictor(name, alias))


def _describe(predictor: Predictor) -> DescribedSignature:
    version = predictor.version
    return DescribedSignature(
        **msgspec.structs.asdict(version.signature),
        model=version.model,
        version=version.version,
        record=predictor.reader.json_schema(),
    )
