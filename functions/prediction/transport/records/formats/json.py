"""JSON: `{"records": [...]}` in, `{"id", "model", "version", "predictions"}` out."""

from typing import Any

import msgspec

from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import PredictResponse
from functions.prediction.service.ports import Predictor

_encode = msgspec.json.Encoder().encode


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; `options` are those of the query; raises Unreadable, Invalid."""
    return Question(predictor.reader.read(body), options)


def write(answer: PredictResponse[Any]) -> bytes:
    """Return an answer's bytes."""
    return _encode(answer)
