"""Who wants nothing that was remembered."""

from typing import TYPE_CHECKING

from functions.kit.http.requests.plain import Asked

if TYPE_CHECKING:
    from functions.prediction.service.response_cache import ResponseCache

HEADER = "Cache-Control"
FIELD = "HTTP_CACHE_CONTROL"
"""The same, by its name in WSGI."""
_REFUSALS = frozenset(("no-cache", "no-store"))


def allowed(cache: "ResponseCache", request: Asked) -> "ResponseCache | None":
    """Return the cache, or None where the request wants none (RFC 9111)."""
    said = request.environ.get(FIELD)
    if said is None:
        return cache
    wants = {one.partition("=")[0].strip().lower() for one in said.split(",")}
    return None if wants & _REFUSALS else cache
