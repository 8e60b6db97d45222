"""Records in, predictions out."""

import time
from typing import Any

import msgspec

from functions.kit.contract.identity import Caller
from functions.kit.contract.names import version_number
from functions.kit.contract.registration import CHAMPION
from functions.kit.contract.signature import Signature
from functions.kit.contract.workspaces import Place
from functions.kit.http.activity import note_rows
from functions.kit.http.answers import Answer
from functions.kit.http.api import Api
from functions.kit.http.plain import Asked
from functions.kit.service.bounded import Quotas
from functions.prediction.model.responses import (
    Classified,
    Estimated,
    Ids,
    PredictResponse,
)
from functions.prediction.service.ports import Made, PredictionLog, Predictor, Reference
from functions.prediction.service.predictions import Service
from functions.prediction.transport.records import answering, asking
from functions.prediction.transport.records.formats import media
from functions.prediction.transport.records.formats.forms import Answered

RESPONSE = PredictResponse[Classified] | PredictResponse[Estimated]


class PredictRequest(msgspec.Struct):
    """The body of a prediction; what a record is, the model's signature says."""

    records: list[dict[str, Any]]


class DescribedSignature(Signature, kw_only=True):
    """A version's signature, and what a record is as JSON Schema."""

    model: str
    version: int
    record: dict[str, Any]


def add(api: Api, service: Service, quotas: Quotas, log: PredictionLog, max_bytes: int) -> None:
    """Register the routes; a body may have `max_bytes`."""
    _add_predictions(api, service, quotas, log, max_bytes)
    _add_signatures(api, service)


def _add_predictions(
    api: Api, service: Service, quotas: Quotas, log: PredictionLog, max_bytes: int
) -> None:
    ids = Ids()

    def answer(request: Asked, caller: Caller, model: str, reference: Reference) -> Answer:
        began, wanted = time.perf_counter(), media.wanted(request)
        chosen = service.choose(Place(caller.workspace, model), reference)
        predictor, allowed = chosen.predictor, quotas.of(caller)
        rows, _options = allowed.read(lambda most: asking.read(request, most, predictor), max_bytes)
        output, standing = allowed.counted(len(rows), lambda: predictor.run(predictor.encode(rows)))
        note_rows(request, len(rows))
        found = PredictResponse(ids(), model, predictor.version.version, predictor.describe(output))
        made = Answered(found, predictor, output)
        given = answering.write(wanted, made, standing)
        seconds = time.perf_counter() - began
        log.take(Made(time.time(), found.id, chosen, rows, output, seconds, caller))
        return given

    described: Any = {"needs": "predict", "takes": PredictRequest, "gives": RESPONSE}
    described |= {"problems": (429,), "plain": True}

    @api.route("POST", "/models/{model}/predict", **described)
    def predict(model: str, request: Asked, caller: Caller) -> Answer:
        """Predict for `{"records": [...]}` with the champion."""
        return answer(request, caller, model, CHAMPION)

    @api.route("POST", "/models/{model}/versions/{version}/predict", **described)
    def predict_by_version(model: str, version: str, request: Asked, caller: Caller) -> Answer:
        """Predict for `{"records": [...]}` with one version."""
        return answer(request, caller, model, version_number(version))

    @api.route("POST", "/models/{model}/aliases/{alias}/predict", **described)
    def predict_by_alias(model: str, alias: str, request: Asked, caller: Caller) -> Answer:
        """Predict for `{"records": [...]}` with the version that an alias names."""
        return answer(request, caller, model, alias)


def _add_signatures(api: Api, service: Service) -> None:
    @api.route("GET", "/models/{model}/signature")
    def signature(model: str, caller: Caller) -> DescribedSignature:
        """Tell what the champion takes and gives."""
        return _describe(service.predictor(Place(caller.workspace, model), CHAMPION))

    @api.route("GET", "/models/{model}/versions/{version}/signature", problems=(422,))
    def signature_by_version(model: str, version: str, caller: Caller) -> DescribedSignature:
        """Tell what one version takes and gives."""
        number = version_number(version)
        return _describe(service.predictor(Place(caller.workspace, model), number))

    @api.route("GET", "/models/{model}/aliases/{alias}/signature")
    def signature_by_alias(model: str, alias: str, caller: Caller) -> DescribedSignature:
        """Tell what the version that an alias names takes and gives."""
        return _describe(service.predictor(Place(caller.workspace, model), alias))


def _describe(predictor: Predictor) -> DescribedSignature:
    version = predictor.version
    return DescribedSignature(
        **msgspec.structs.asdict(version.signature),
        model=version.model,
        version=version.version,
        record=predictor.reader.json_schema(),
    )
