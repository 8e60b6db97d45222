"""Records in, predictions out."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, get_args

import msgspec
from flask import Response

from functions.kit.contract.identity import Caller
from functions.kit.contract.names import version_number
from functions.kit.contract.over_quota import Standing
from functions.kit.contract.registration import CHAMPION
from functions.kit.contract.signature import Signature
from functions.kit.contract.workspaces import Place
from functions.kit.http.activity import note_rows
from functions.kit.http.answers import Answer
from functions.kit.http.api import Api
from functions.kit.http.plain import Asked
from functions.kit.http.routes import StillMay
from functions.kit.service.bounded import Quotas
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import (
    Classified,
    Estimated,
    Ids,
    PredictResponse,
)
from functions.prediction.service.ports import Chosen, Made, PredictionLog, Predictor, Reference
from functions.prediction.service.predictions import Service
from functions.prediction.transport.records import answering, asking, schemas, streaming
from functions.prediction.transport.records.formats import media
from functions.prediction.transport.records.formats.forms import Answered

T = TypeVar("T")
Write = Callable[[Answered, Standing | None], T]
"""What is answered, and where the caller's account stands → what becomes of it."""
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
    schemas.add(api, service)


def _add_predictions(
    api: Api, service: Service, quotas: Quotas, log: PredictionLog, max_bytes: int
) -> None:
    ids = Ids()

    def answer(
        request: Asked, caller: Caller, model: str, reference: Reference, still_may: StillMay
    ) -> Answer | Response:
        wanted = media.wanted(request)
        chosen = service.choose(Place(caller.workspace, model), reference)
        if wanted.form == media.JSON_LINES and media.sent(request) == media.JSON_LINES:
            make = partial(predicted, chosen, caller, write=_as_they_are)
            allowed = partial(quotas.of, caller)
            asked = streaming.Call(request, wanted, chosen.predictor, allowed, max_bytes)
            return streaming.answer(asked, make, still_may)

        def write(found: Answered, standing: Standing | None) -> Answer:
            note_rows(request, len(found.output))
            return answering.write(wanted, found, standing)

        return predicted(
            chosen, caller, lambda most: asking.read(request, most, chosen.predictor), write
        )

    def predicted(
        chosen: Chosen, caller: Caller, read: Callable[[int], Question], write: Write[T]
    ) -> T:
        began = time.perf_counter()
        predictor, allowed = chosen.predictor, quotas.of(caller)
        asked = allowed.read(read, max_bytes)
        rows = asked.rows
        given, standing = allowed.counted(len(rows), lambda: predictor.predict(rows))
        version, described = predictor.version, predictor.describe(asked, given)
        said = (described.predictions, described.level, asked.notices)
        found = PredictResponse(ids(), version.model, version.version, *said)
        written = write(Answered(found, predictor, given.output), standing)
        seconds = time.perf_counter() - began
        log.take(Made(time.time(), found.id, chosen, rows, given.output, seconds, caller))
        return written

    others = tuple(kind for kind in media.FORMS if kind != media.JSON)
    described: Any = {"needs": "predict", "takes": (PredictRequest, *others)}
    described |= {"gives": (*get_args(RESPONSE), *others), "problems": (406, 429), "plain": True}

    @api.route("POST", "/models/{model}/predict", **described)
    def predict(
        model: str, request: Asked, caller: Caller, still_may: StillMay
    ) -> Answer | Response:
        """Predict for records with the champion."""
        return answer(request, caller, model, CHAMPION, still_may)

    @api.route("POST", "/models/{model}/versions/{version}/predict", **described)
    def predict_by_version(
        model: str, version: str, request: Asked, caller: Caller, still_may: StillMay
    ) -> Answer | Response:
        """Predict for records with one version."""
        return answer(request, caller, model, version_number(version), still_may)

    @api.route("POST", "/models/{model}/aliases/{alias}/predict", **described)
    def predict_by_alias(
        model: str, alias: str, request: Asked, caller: Caller, still_may: StillMay
    ) -> Answer | Response:
        """Predict for records with the version that an alias names."""
        return answer(request, caller, model, alias, still_may)


def _as_they_are(found: Answered, standing: Standing | None) -> tuple[Answered, Standing | None]:
    return found, standing


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
