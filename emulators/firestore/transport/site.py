"""What answers HTTP: REST v1, the emulator's own routes, the page at the root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.model.errors import NotFoundError, PermissionDeniedError
from emulators.firestore.transport.guard import is_preflight, preflight_headers
from emulators.firestore.transport.http import admin, rest
from emulators.firestore.transport.http.errors import refusal
from emulators.firestore.transport.http.messages import Request, Response
from emulators.firestore.transport.pages import browse
from emulators.kit import logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.firestore.transport.guard import Guard
    from emulators.firestore.transport.http.admin import Admin
    from emulators.firestore.transport.http.rest import Rest
    from emulators.firestore.transport.in_flight import InFlight
    from emulators.firestore.transport.pages.browse import Pages
    from emulators.kit.metrics import CallCounts

_PLAIN = "text/plain; charset=utf-8"


class Site:
    """Finds who answers a request.

    Args:
        guard: Lets requests in.
        rest, admin, pages: Answer what is below their prefixes.
        in_flight: Is told of each request.
        counts: What was called, for who scrapes it.
        shutdown: Ends the emulator; None where that is for signals alone.
    """

    def __init__(
        self,
        guard: Guard,
        rest: Rest,
        admin: Admin,
        pages: Pages,
        in_flight: InFlight,
        counts: CallCounts,
        shutdown: Callable[[], None] | None,
    ) -> None:
        self._guard = guard
        self._rest = rest
        self._admin = admin
        self._pages = pages
        self._in_flight = in_flight
        self._counts = counts
        self._shutdown = shutdown

    async def answer(self, request: Request) -> Response:
        """Answer any request; every error becomes an answer."""
        shared: dict[str, str] = {}
        logs.traced_by(lambda: request.headers.get("traceparent", ""))
        try:
            self._in_flight.begin()
            shared = self._guard.admit(request)
            response = await self._find(request)
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes an answer
            response = refusal(error)
        response.headers.update(shared)
        return response

    async def _find(self, request: Request) -> Response:
        if is_preflight(request):
            return Response(204, headers=preflight_headers(request))
        if request.path.startswith(rest.PREFIX):
            return await self._rest.answer(request)
        if request.path.startswith(admin.PREFIX):
            return await self._admin.answer(request)
        if request.path == "/shutdown" and request.method == "POST":
            return self._end()
        if request.method in {"GET", "HEAD"} and (page := self._page(request)):
            return page
        raise NotFoundError(f"There is nothing at {request.method} {request.path}.")

    def _page(self, request: Request) -> Response | None:
        """Return what there is to look at; None where that is nothing."""
        browser = "text/html" in request.headers.get("accept", "")
        if request.path == "/" and not browser:
            return Response(body=b"Ok\n", kind=_PLAIN)
        if request.path == "/metrics":
            return self._scraped()
        if request.path == "/" or request.path.startswith(browse.PREFIX):
            return self._pages.answer(request)
        return None

    def _scraped(self) -> Response:
        from emulators.kit import exposition  # noqa: PLC0415 - the library is for who scrapes

        return Response(body=exposition.calls("firestore", self._counts), kind=exposition.TYPE)

    def _end(self) -> Response:
        if self._shutdown is None:
            raise PermissionDeniedError(
                "POST /shutdown is off: start the emulator with --allow-shutdown, or send SIGTERM."
            )
        self._shutdown()
        return Response(body=b"Shutting down.\n", kind=_PLAIN)
