"""Answers a call with records, whether it came now or was kept."""

from functools import partial
from typing import Any

from flask import Response

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.http.activity import note_rows
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.kit.http.routing.routes import StillMay
from functions.prediction.service.ports import Reference
from functions.prediction.service.predictions import Service
from functions.prediction.transport import delivery, fresh
from functions.prediction.transport.records import answering, asking, streaming
from functions.prediction.transport.records.formats import media
from functions.prediction.transport.records.predicting import Predicting
from functions.prediction.transport.sticking import key_of


def answer(
    service: Service,
    predicting: Predicting,
    request: Asked,
    caller: Caller,
    model: str,
    reference: Reference,
    still_may: StillMay,
) -> Answer | Response:
    """Return what a call is answered; raises DomainError or Problem for why it is not."""
    wanted, before_answer = media.wanted(request), delivery.asked(request)
    place = Place(caller.workspace, model)
    first = service.choose(place, reference, caller, key_of(request))
    cache = predicting.cache
    if cache is not None:
        cache = fresh.allowed(cache, request)
    if is_stream(request, wanted):
        options: Any = {"before_answer": before_answer, "cache": cache}
        predict = partial(predicting.predict, first, caller, **options)
        allowed, most = partial(predicting.quotas.of, caller), predicting.max_bytes
        call = streaming.Call(request, wanted, first.predictor, allowed, most)
        return streaming.answer(call, predict, still_may)
    found, standing = predicting.predict(
        first,
        caller,
        lambda most: asking.read(request, most, first.predictor),
        before_answer=before_answer,
        cache=cache,
    )
    note_rows(request, len(found.output))
    return answering.write(wanted, found, standing)


def is_stream(request: Asked, wanted: media.Media) -> bool:
    """Tell whether a call is lines that are answered by lines, however many."""
    return wanted.form == media.JSON_LINES and media.sent(request) == media.JSON_LINES
