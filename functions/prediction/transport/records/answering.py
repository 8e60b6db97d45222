"""From predictions to an answer's bytes."""

from typing import Any

from functions.kit.contract.over_quota import Standing
from functions.kit.http.answers import Answer
from functions.kit.http.rate_limits import fields
from functions.prediction.model.responses import PredictResponse
from functions.prediction.transport.records.formats import json


def write(answer: PredictResponse[Any], standing: Standing | None) -> Answer:
    """Return an answer; `standing` is where its caller's account stands, if that is bounded."""
    headers = {"X-Model-Version": str(answer.version), **fields(standing)}
    return Answer(json.write(answer), 200, headers)
