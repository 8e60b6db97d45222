"""Records in, predictions out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, get_args

import msgspec
from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.requests.idempotency import HEADER as IDEMPOTENCY_KEY
from functions.kit.contract.requests.names import version_number
from functions.kit.http.api import Api
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.kit.http.routing.routes import Header, StillMay
from functions.kit.lazy import Lazy
from functions.prediction.model.options import USUAL, Options
from functions.prediction.model.responses import Classified, Estimated, PredictResponse
from functions.prediction.service.ports import Predictor, Reference
from functions.prediction.service.predictions import Service
from functions.prediction.transport import fresh, prefer
from functions.prediction.transport.delivery import Deliverable
from functions.prediction.transport.records import calling, explaining, schemas
from functions.prediction.transport.records.formats import media
from functions.prediction.transport.records.predicting import Predicting
from functions.prediction.transport.sticking import STICKY
from functions.prediction.transport.tasks.views import TaskView

if TYPE_CHECKING:
    from functions.prediction.model.docs import examples
else:  # who asks for a prediction has no look at them
    examples = Lazy("functions.prediction.model.docs.examples")

RESPONSE = PredictResponse[Classified] | PredictResponse[Estimated]
Predictable = Annotated[
    Deliverable,
    STICKY,
    Header(prefer.HEADER),
    Header(IDEMPOTENCY_KEY),
    Header(fresh.HEADER),
]
"""A request that may say whom it is for, that its answer may come later, and be no old one."""
Later = Callable[[Asked, Caller, str, Reference], Answer]
"""Takes a call that is to be answered later: who calls, the model, and the reference of it."""


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


def add(api: Api, service: Service, predicting: Predicting, later: Later | None = None) -> None:
    """Register the routes; `later` takes what is to be answered later, where that is offered."""
    _add_predictions(api, service, predicting, later)
    _add_signatures(api, service)
    schemas.add(api, service)
    explaining.add(api, service, predicting.max_bytes)


def _add_predictions(
    api: Api, service: Service, predicting: Predicting, later: Later | None
) -> None:
    def answer(
        request: Predictable, caller: Caller, model: str, reference: Reference, still_may: StillMay
    ) -> Answer | Response:
        said = request.environ.get(prefer.FIELD)
        if said is not None and later is not None and prefer.is_async(said):
            return later(request, caller, model, reference)
        return calling.answer(service, predicting, request, caller, model, reference, still_may)

    others = tuple(kind for kind in media.FORMS if kind != media.JSON)
    described: Any = {"needs": "predict", "takes": (PredictRequest, *others), "asks": Options}
    described |= {"gives": (*get_args(RESPONSE), TaskView, *others), "also": (202,)}
    described |= {"problems": (406, 409, 429, 507), "plain": True}

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
