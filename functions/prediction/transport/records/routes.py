"""Records in, predictions out."""

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar, get_args

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
from functions.prediction.model.options import USUAL, Options
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import (
    Classified,
    Estimated,
    Ids,
    PredictResponse,
)
from functions.prediction.service.ports import Chosen, Made, PredictionLog, Predictor, Reference
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
from functions.prediction.transport.records.formats.forms import Answered
from functions.prediction.transport.sticking import STICKY, key_of

T = TypeVar("T")
Read = Callable[[int], Question]
"""Most bytes → what a body of no more asks."""
Write = Callable[[Answered, Standing | None], T]
"""What is answered, and where the caller's account stands → what becomes of it."""
RESPONSE = PredictResponse[Classified] | PredictResponse[Estimated]
Predictable = Annotated[Deliverable, STICKY]
"""A request that may say whom it is for, too."""


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
    schemas.add(api, service)


def _add_predictions(
    api: Api, service: Service, quotas: Quotas, log: PredictionLog, max_bytes: int
) -> None:
    ids = Ids()

    def answer(
        request: Asked, caller: Caller, model: str, reference: Reference, still_may: StillMay
    ) -> Answer | Response:
        began, wanted = time.perf_counter(), media.wanted(request)
        chosen = service.choose(Place(caller.workspace, model), reference, caller, key_of(request))
        make = partial(predicted, chosen, caller, delivery.asked(request))
        if wanted.form == media.JSON_LINES and media.sent(request) == media.JSON_LINES:
            allowed = partial(quotas.of, caller)
            asked = streaming.Call(request, wanted, chosen.predictor, allowed, max_bytes)
            return streaming.answer(asked, partial(make, write=_as_they_are), still_may)

        def write(found: Answered, standing: Standing | None) -> Answer:
            note_rows(request, len(found.output))
            return answering.write(wanted, found, standing)

        def read(most: int) -> Question:
            return asking.read(request, most, chosen.predictor)

        return make(read, write, began)

    def predicted(
        first: Chosen,
        caller: Caller,
        before_answer: bool,  # noqa: FBT001 - partial gives it
        read: Read,
        write: Write[T],
        began: float | None = None,
    ) -> T:
        began = began or time.perf_counter()
        allowed = quotas.of(caller)
        wanted = allowed.read(read, max_bytes)
        answered, standing = allowed.counted(
            len(wanted.rows), lambda: service.answer(first, wanted), wanted.options.counted_as
        )
        chosen, asked, given = answered
        predictor = chosen.predictor
        version, described = predictor.version, predictor.describe(asked, given)
        said = (described.predictions, described.level, asked.notices, chosen.reason)
        found = PredictResponse(ids(), version.model, version.version, *said)
        written = write(Answered(found, predictor, given.output, chosen.why), standing)
        seconds = time.perf_counter() - began
        made = Made(time.time(), found.id, chosen, asked.rows, given.output, seconds, caller)
        log.take(made, before_answer=before_answer)
        if chosen.trial is not None:
            chosen.trial.follow(made, log)
        return written

    others = tuple(kind for kind in media.FORMS if kind != media.JSON)
    described: Any = {"needs": "predict", "takes": (PredictRequest, *others), "asks": Options}
    described |= {
        "gives": (*get_args(RESPONSE), *others),
        "problems": (406, 409, 429, 507),
        "plain": True,
    }

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
