"""From predictions to an answer's bytes, by the type that its caller accepts."""

from functions.kit.contract.over_quota import Standing
from functions.kit.http.answers import Answer
from functions.kit.http.rate_limits import fields
from functions.prediction.transport.records.formats import json, media
from functions.prediction.transport.records.formats.forms import Answered, form
from functions.prediction.transport.records.formats.media import Media

TYPES = {media.CSV: "text/csv; charset=utf-8"}
"""What is added to a type, where its own name does not say all."""


def write(wanted: Media, found: Answered, standing: Standing | None) -> Answer:
    """Return an answer; `standing` is where its caller's account stands, if that is bounded."""
    answer = found.response
    headers = {"X-Model-Version": str(answer.version), **fields(standing)}
    if wanted.form == media.JSON:
        return Answer(json.write(answer), 200, headers)
    headers["X-Prediction-Id"] = answer.id
    kind = TYPES.get(wanted.kind, wanted.kind)
    return Answer(form(wanted.form).write(found), 200, headers, kind)
