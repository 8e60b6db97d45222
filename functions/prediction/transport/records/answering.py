"""From predictions to an answer's bytes."""

from typing import Any

from functions.kit.contract.over_quota import Standing
from functions.kit.http.answers import Answer
from functions.kit.http.rate_limits import fields
from functions.prediction.model.responses import PredictResponse
from functions.prediction.service.choosing import REASON
from functions.prediction.transport.records.formats import json


def write(answer: PredictResponse[Any], standing: Standing | None, why: str) -> Answer:
    """Return an answer.

    Args:
        answer: it.
        standing: where its caller's account stands, if that is bounded.
        why: its version answered.
    """
    version = str(answer.version)
    headers = {"X-Model-Version": version, REASON: why, **fields(standing)}
    return Answer(json.write(answer), 200, headers)
