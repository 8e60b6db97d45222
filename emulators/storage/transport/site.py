"""What answers: the guard, then the page of health, the JSON API, or the XML API."""

import functools
import json
from http import HTTPStatus

from emulators.kit import logs
from emulators.kit.door import Door
from emulators.kit.metrics import CallCounts
from emulators.storage.model import partial
from emulators.storage.transport import batch, guard
from emulators.storage.transport.call import Call
from emulators.storage.transport.counting import counting
from emulators.storage.transport.errors import JSON_TYPE, as_json, told
from emulators.storage.transport.http.messages import Request, Response
from emulators.storage.transport.routes import Routes, is_api
from emulators.storage.transport.xml import Xml

_ATTACHMENT = "attachment"
_BATCH = "/batch"
METRICS = "/_/metrics"  # "/metrics" is a bucket of that name; none can be called "_"


class Site:
    """Answers requests.

    Args:
        door: The names that the emulator goes by.
        routes: Of the JSON API.
        xml: The XML API.
        here: The address that is taken where a request names no host.
        counts: What was called, for who scrapes it.
    """

    def __init__(self, door: Door, routes: Routes, xml: Xml, here: str, counts: CallCounts) -> None:
        self._door = door
        self._routes = routes
        self._xml = xml
        self._here = here
        self._counts = counts

    def answer(self, request: Request) -> Response:
        """Answer; an error is an answer, too."""
        logs.traced_by(functools.partial(request.header, "traceparent"))
        if refused := guard.stranger(request.headers, self._door):
            return _safe(request, as_json(HTTPStatus.FORBIDDEN, refused, "forbidden"))
        if flaw := guard.flaw(request.path):
            return _safe(request, as_json(HTTPStatus.BAD_REQUEST, flaw))
        try:
            response = self._find(request)
        except OSError as error:
            raise_if_gone(error)
            response = _refusal(error)
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes an answer
            response = _refusal(error)
        return _safe(request, response)

    def _find(self, request: Request) -> Response:
        if request.path == "/" and request.method in {"GET", "HEAD"}:
            return Response(200, {"Content-Type": "text/plain"}, b"OK")
        if request.path == METRICS and request.method in {"GET", "HEAD"}:
            return self._scraped()
        if request.path.startswith(_BATCH) and request.method == "POST":
            return batch.answer(request, self.answer)
        base = f"http://{request.header('host') or self._here}"
        if not is_api(request.path):
            call = f"{request.method} (XML)"
            return counting(call, self._counts, lambda: self._xml.answer(request, base))
        handler, names = self._routes.find(request.method, request.path)
        response = handler(Call(request, names, base))
        return (
            _partial(response, request.query["fields"]) if "fields" in request.query else response
        )

    def _scraped(self) -> Response:
        from emulators.kit import exposition  # noqa: PLC0415 - the library is for who scrapes

        told = exposition.calls("storage", self._counts)
        return Response(200, {"Content-Type": exposition.TYPE}, told)


def raise_if_gone(error: OSError) -> None:
    """Let an error through that is the connection's, not the disk's: nobody is there to be told."""
    if isinstance(error, ConnectionError | TimeoutError):
        raise error


def _partial(response: Response, fields: str) -> Response:
    """Return the part of an answer that is asked for; a resource alone has parts."""
    mask = partial.read_mask(fields)
    if response.headers.get("Content-Type") == JSON_TYPE and isinstance(response.body, bytes):
        response.body = json.dumps(partial.part(json.loads(response.body), mask)).encode()
    return response


def _refusal(error: Exception) -> Response:
    status, reason, message = told(error)
    return as_json(status, message, reason)


def refuse(status: int, reason: str) -> Response:
    """Return the answer to what is no request."""
    return as_json(status, reason)


def _safe(request: Request, response: Response) -> Response:
    """Return an answer that a browser saves and does not run, whatever type it was given."""
    headers = response.headers
    headers.update(guard.SAFE)
    if request.method == "GET" and request.path != "/":
        kept = headers.get("Content-Disposition", "")
        headers["Content-Disposition"] = kept if kept.startswith(_ATTACHMENT) else _ATTACHMENT
    return response
