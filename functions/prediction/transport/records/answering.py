"""From predictions to an answer's bytes, by the type that its caller accepts."""

from msgspec import UNSET

from functions.kit.contract.access.over_quota import Standing
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.rate_limits import fields
from functions.prediction.service.choosing import CACHE, REASON
from functions.prediction.transport.records.formats import json, media
from functions.prediction.transport.records.formats.forms import Answered, form
from functions.prediction.transport.records.formats.media import Media

ID = "X-Prediction-Id"
LEVEL = "X-Prediction-Level"
NOTICES = "X-Prediction-Notices"
TYPES = {media.CSV: "text/csv; charset=utf-8"}
"""What is added to a type, where its own name does not say all."""


def write(wanted: Media, found: Answered, standing: Standing | None) -> Answer:
    """Return an answer; `standing` is where its caller's account stands, if that is bounded."""
    version = found.predictor.version.version
    headers = {"X-Model-Version": str(version), REASON: found.why, **fields(standing)}
    if found.cache:
        headers[CACHE] = found.cache
    if wanted.form == media.JSON:
        return Answer(json.write(found.response()), 200, headers)
    headers |= _beside(found)
    kind = TYPES.get(wanted.kind, wanted.kind)
    return Answer(form(wanted.form).write(found), 200, headers, kind)


def _beside(found: Answered) -> dict[str, str]:
    """Return header fields with what JSON says of all predictions together."""
    fields = {ID: found.id}
    if found.described.level is not UNSET:
        fields[LEVEL] = repr(found.described.level)
    if found.notices:
        fields[NOTICES] = ", ".join(f"{one.kind}={one.count}" for one in found.notices)
    return fields
