"""JSON: `{"records": [...]}` in, `{"id", "model", "version", "predictions"}` out."""

from typing import Any

import msgspec

from functions.prediction.model.options import USUAL
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import PredictResponse
from functions.prediction.service.ports import Predictor

_encode = msgspec.json.Encoder().encode


def read(body: bytes, predictor: Predictor) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    return Question(predictor.reader.read(body), USUAL)


def write(answer: PredictResponse[Any]) -> bytes:
    """Return an answer's bytes."""
    return _encode(answer)
