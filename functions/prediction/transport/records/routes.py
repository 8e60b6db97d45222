"""Records in, predictions out."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, get_args

import msgspec
from flask import Response

from functions.kit.contract.identity import Caller
from functions.kit.contract.names import version_number
from functions.kit.contract.registration import CHAMPION
from functions.kit.contract.signature import Signature
from functions.kit.contract.workspaces import Place
from functions.kit.http.activity import note_rows
from functions.kit.http.answers import Answer
from functions.kit.http.api import Api
from functions.kit.http.routes import Header, StillMay
from functions.kit.lazy import Lazy
from functions.prediction.model.options import USUAL, Options
from functions.prediction.model.responses import Classified, Estimated, PredictResponse
from functions.prediction.service.choosing import STICKY, STICKY_FIELD
from functions.prediction.service.ports import Predictor, Reference
from functions.prediction.service.predictions import Service
from functions.prediction.transport import delivery
from functions.prediction.transport.delivery import Deliverable
from functions.prediction.transport.records import (
    answering,
    asking,
    explaining,
    schemas,
    streaming,
)
from functions.prediction.transport.records.formats import media
from functions.prediction.transport.records.predicting import Predicting

if TYPE_CHECKING:
    from functions.prediction.model.docs import examples
else:  # who asks for a prediction has no look at them
    examples = Lazy("functions.prediction.model.docs.examples")

RESPONSE = PredictResponse[Classified] | PredictResponse[Estimated]
Predictable = Annotated[Deliverable, Header(STICKY)]
"""A request that may say whom it is for, too."""


class PredictRequest(msgspec.Struct):
    """The body of a prediction; what a record is, the model's signature says."""

    records: list[dict[str, Any]]
    options: Options = USUAL


class DescribedSignature(Signature, kw_only=True):
    """A version's signature; what a record is as JSON Schema, and one for example."""

    model: str
    version: int
    record: dict[str, Any]
    example: dict[str, Any]


def add(api: Api, service: Service, predicting: Predicting) -> None:
    """Register the routes."""
    _add_predictions(api, service, predicting)
    _add_signatures(api, service)
    schemas.add(api, service)
    explaining.add(api, service, predicting.max_bytes)


def _add_predictions(api: Api, service: Service, predicting: Predicting) -> None:
    def answer(
        request: Predictable, caller: Caller, model: str, reference: Reference, still_may: StillMay
    ) -> Answer | Response:
        wanted, before_answer = media.wanted(request), delivery.asked(request)
        sticky = request.environ.get(STICKY_FIELD, "")
        first = service.choose(Place(caller.workspace, model), reference, caller, sticky)
        if wanted.form == media.JSON_LINES and media.sent(request) == media.JSON_LINES:
            predict = partial(predicting.predict, first, caller, before_answer=before_answer)
            allowed, most = partial(predicting.quotas.of, caller), predicting.max_bytes
            call = streaming.Call(request, wanted, first.predictor, allowed, most)
            return streaming.answer(call, predict, still_may)
        found, standing = predicting.predict(
            first,
            caller,
            lambda most: asking.read(request, most, first.predictor),
            before_answer=before_answer,
        )
        note_rows(request, len(found.output))
        return answering.write(wanted, found, standing)

    others = tuple(kind for kind in media.FORMS if kind != media.JSON)
    described: Any = {"needs": "predict", "takes": (PredictRequest, *others)}
    described |= {"gives": (*get_args(RESPONSE), *others), "problems": (406, 409, 429, 507)}
    described |= {"plain": True}

    @api.route("POST", "/models/{model}/predict", **described)
    def predict(
        model: str, request: Predictable, caller: Caller, still_may: StillMay
    ) -> Answer | Response:
        """Predict for records with the champion."""
        return answer(request, caller, model, CHAMPION, still_may)

    @api.route("POST", "/models/{model}/versions/{version}/predict", **described)
    def predict_by_version(
        model: str, version: str, request: Predictable, caller: Caller, still_may: StillMay
    ) -> Answer | Response:
        """Predict for records with one version."""
        return answer(request, caller, model, version_number(version), still_may)

    @api.route("POST", "/models/{model}/aliases/{alias}/predict", **described)
    def predict_by_alias(
        model: str, alias: str, request: Predictable, caller: Caller, still_may: StillMay
    ) -> Answer | Response:
        """Predict for records with the version that an alias names."""
        return answer(request, caller, model, alias, still_may)


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
        example=examples.example_record(version.signature),
    )
