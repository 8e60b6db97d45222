"""JSON: `{"records": [...], "options": {…}}` in, `{"id", "model", "predictions" …}` out."""

from typing import Any

import msgspec

from functions.prediction.model.options import USUAL, Options
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import PredictResponse, ignored
from functions.prediction.service.ports import Predictor

_encode = msgspec.json.Encoder().encode


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; `options` are those of the query; raises Unreadable, Invalid."""
    query = None if options is USUAL else options
    whole = predictor.reader.read_whole(body, query)
    notices = ignored(whole.unknown) if whole.unknown else ()
    return Question(whole.records, whole.options, notices)


def write(answer: PredictResponse[Any]) -> bytes:
    """Return an answer's bytes."""
    return _encode(answer)
