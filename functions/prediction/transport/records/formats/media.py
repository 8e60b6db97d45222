"""Which form a body has, and which its answer shall have: by Content-Type and Accept."""

from functools import lru_cache
from typing import NamedTuple

from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.problems import Problem, unsupported

JSON = "application/json"
JSON_LINES = "application/jsonl"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PROTOBUF = "application/x-protobuf"

FORMS = {
    JSON: JSON,
    JSON_LINES: JSON_LINES,
    "application/x-ndjson": JSON_LINES,
    CSV: CSV,
    ARROW: ARROW,
    PROTOBUF: PROTOBUF,
    "application/protobuf": PROTOBUF,
}
"""What a form may be called → what it is called first."""
LISTED = ", ".join(FORMS)
_SENT = {**FORMS, "application/cloudevents+json": JSON}
_LONGEST_ACCEPT = 500  # characters


class Media(NamedTuple):
    """The media type of a body, and the form that it means."""

    kind: str
    form: str


AS_JSON = Media(JSON, JSON)
_NEAR_JSON = frozenset(("*/*", JSON))


def sent(request: Asked) -> str:
    """Return the form of a request's body; raises Problem (415) that lists what is taken."""
    form = _SENT.get(request.content_type or "") or _SENT.get(request.mimetype)
    if form is None:
        raise unsupported(request.mimetype, f"one of {LISTED}")
    return form


def wanted(request: Asked) -> Media:
    """Return how a request's answer shall be written; raises Problem (406, or 415).

    Where several would do as well, it is the form that was sent.
    """
    accept = request.environ.get("HTTP_ACCEPT")
    if request.content_type == JSON and (accept is None or accept in _NEAR_JSON):
        return AS_JSON
    kind = request.mimetype if request.mimetype in FORMS else JSON
    found = kind if accept is None or accept == "*/*" else _best(accept[:_LONGEST_ACCEPT], kind)
    if found is None:
        detail = f"No answer is of a type that is accepted; accept one of {LISTED}."
        raise Problem(406, detail)
    return Media(found, FORMS[found])


@lru_cache(maxsize=256)
def _best(accept: str, usual: str) -> str | None:
    """Return the type that is accepted most; of several the usual one, or the first."""
    ranges = [_range(one) for one in accept.split(",") if one.strip()]
    if not ranges:
        return usual
    types = dict.fromkeys((usual, *FORMS))
    qualities = {kind: _quality(kind, ranges) for kind in types}
    best = max(qualities, key=lambda kind: qualities[kind])  # the first of the best
    return best if qualities[best] > 0 else None


def _range(text: str) -> tuple[str, float]:
    """Return a range of types, and how much it is wanted."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    said = [value for key, _, value in (one.partition("=") for one in parameters) if key == "q"]
    try:
        quality = float(said[0]) if said else 1.0
    except ValueError:
        quality = 0.0
    return name, quality if 0 <= quality <= 1 else 0.0


def _quality(kind: str, ranges: list[tuple[str, float]]) -> float:
    """Return how much a type is wanted: the range that names it most closely says so."""
    whole = f"{kind.partition('/')[0]}/*"
    for name in (kind, whole, "*/*"):
        found = [quality for one, quality in ranges if one == name]
        if found:
            return max(found)
    return 0.0
