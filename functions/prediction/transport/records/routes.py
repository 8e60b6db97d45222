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
from functions.prediction.model.options import USUAL, Options
from functions.prediction.model.responses import (
    Classified,
    Estimated,
    Ids,
    PredictResponse,
)
from functions.prediction.service.ports import Made, PredictionLog, Predictor, Reference
from functions.prediction.service.predictions import Service
from functions.prediction.transport import delivery
from functions.prediction.transport.delivery import Deliverable
from functions.prediction.transport.records import answering, asking, explaining

RESPONSE = PredictResponse[Classified] | PredictResponse[Estimated]


class PredictRequest(msgspec.Struct):
    """The body of a prediction; what a record is, the model's signature says."""

    records: list[dict[str, Any]]
    options: Options = USUAL


class DescribedSignature(Signature, kw_only=True):
    """A version's signature, and what a record is as JSON Schema."""

    model: str
    version: int
    record: dict[str, Any]


def add(api: Api, service: Service, quotas: Quotas, log: PredictionLog, max_bytes: int) -> None:
    """Register the routes; a body may have `max_bytes`."""
    _add_predictions(api, service, quotas, log, max_bytes)
    _add_signatures(api, service)
    explaining.add(api, service, max_bytes)


def _add_predictions(
    api: Api, service: Service, quotas: Quotas, log: PredictionLog, max_bytes: int
) -> None:
    ids = Ids()

    def answer(request: Asked, caller: Caller, model: str, reference: Reference) -> Answer:
        began, before_answer = time.perf_counter(), delivery.asked(request)
        chosen = service.choose(Place(caller.workspace, model), reference)
        predictor, allowed = chosen.predictor, quotas.of(caller)
        asked = allowed.read(lambda most: asking.read(request, most, predictor), max_bytes)
        rows, each = asked.rows, asked.options.counted_as
        given, standing = allowed.counted(
            len(rows), lambda: service.predict(predictor, asked), each
        )
        note_rows(request, len(rows))
        version, described = predictor.version.version, predictor.describe(asked, given)
        said = (described.predictions, described.level, asked.notices)
        found = PredictResponse(ids(), model, version, *said)
        written = answering.write(found, standing)
        seconds = time.perf_counter() - began
        made = Made(time.time(), found.id, chosen, rows, given.output, seconds, caller)
        log.take(made, before_answer=before_answer)
        return written

    described: Any = {"needs": "predict", "takes": PredictRequest, "gives": RESPONSE}
    described |= {"problems": (409, 429, 507), "plain": True}

    @api.route("POST", "/models/{model}/predict", **described)
    def predict(model: str, request: Deliverable, caller: Caller) -> Answer:
        """Predict for `{"records": [...]}` with the champion."""
        return answer(request, caller, model, CHAMPION)

    @api.route("POST", "/models/{model}/versions/{version}/predict", **described)
    def predict_by_version(
        model: str, version: str, request: Deliverable, caller: Caller
    ) -> Answer:
        """Predict for `{"records": [...]}` with one version."""
        return answer(request, caller, model, version_number(version))

    @api.route("POST", "/models/{model}/aliases/{alias}/predict", **described)
    def predict_by_alias(model: str, alias: str, request: Deliverable, caller: Caller) -> Answer:
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
