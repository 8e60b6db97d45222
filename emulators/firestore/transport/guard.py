"""Who may call over HTTP: no credential is asked for, so names and origins decide.

Web apps on this machine may (the emulator is for them), and so may pages of the origins that a
setting lists: for the calls that the official web SDKs make. Nothing else is any page's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulators.firestore.model.errors import PermissionDeniedError
from emulators.firestore.transport.http import admin, rest
from emulators.firestore.transport.pages import browse
from emulators.kit.door import from_other_page, is_loopback_origin

if TYPE_CHECKING:
    from emulators.firestore.transport.http.messages import Request
    from emulators.kit.door import Door

HOSTS_VARIABLE = "FIRESTORE_ALLOWED_HOSTS"
ORIGINS_VARIABLE = "FIRESTORE_ALLOWED_ORIGINS"
# The calls, and what test kits do to a project; not what reads and writes folders.
_SHARED = re.compile(rf"{rest.PREFIX}.*|{admin.PREFIX}/projects/.*", re.DOTALL)
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_PREFLIGHT_SECONDS = "600"


class Guard:
    """Lets a request in, or not.

    Args:
        door: The names that the emulator goes by, and the origins besides loopback's.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def admit(self, request: Request) -> dict[str, str]:
        """Return the CORS headers that the answer needs; none for a page of our own.

        Raises:
            PermissionDeniedError: The request is meant for another host, or a page of another
                origin makes it.
        """
        fields = request.headers
        host, origin = fields.get("host", ""), fields.get("origin", "")
        if host and not self._door.knows(host):  # no browser sends a request without one
            raise PermissionDeniedError(
                f'The emulator is not "{host}": use localhost, or name it in {HOSTS_VARIABLE}.'
            )
        if not from_other_page(host, origin, fields.get("sec-fetch-site", "")):
            return {}
        if _SHARED.fullmatch(request.path) and self._is_welcome(origin):
            return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        if _is_link(request):
            return {}
        raise PermissionDeniedError(
            f'Pages of the origin "{origin or "unknown"}" may not use this: '
            f"name it in {ORIGINS_VARIABLE} to let it make calls."
        )

    def _is_welcome(self, origin: str) -> bool:
        return is_loopback_origin(origin) or self._door.admits(origin)


def is_preflight(request: Request) -> bool:
    """Tell whether a browser asks what a page may send."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def preflight_headers(request: Request) -> dict[str, str]:
    """Return what the answer to a preflight says besides the origin."""
    headers = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
    }
    if wanted := request.headers.get("access-control-request-headers"):
        headers["Access-Control-Allow-Headers"] = wanted
    if "access-control-request-private-network" in request.headers:
        headers["Access-Control-Allow-Private-Network"] = "true"
    return headers


def _is_link(request: Request) -> bool:
    """Tell whether somebody follows a link to a page: it is shown, and nothing is changed."""
    is_page = request.path == "/" or request.path.startswith(browse.PREFIX)
    return (
        is_page and request.method == "GET" and request.headers.get("sec-fetch-mode") == "navigate"
    )
