"""What the browser is told to refuse, and what we refuse from it."""

import re
from collections.abc import Iterable
from ipaddress import ip_address

from flask import Flask, Request, Response, abort, request
from werkzeug.exceptions import HTTPException

SAFE_METHODS = frozenset({"GET", "HEAD"})
OWN_SITES = frozenset({"same-origin", "none"})
HOST = re.compile(
    r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::\d{0,5})?"
)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Misdirected(HTTPException):
    """The request is meant for a host that this server is not."""

    code = 421
    name = "Misdirected Request"


def forged(request: Request) -> bool:
    """Tell whether a page of another origin made the browser send this; a followed link is not.

    `Sec-Fetch-Site` and `Origin` decide, which browsers let no page set; a request with neither
    does not come from a browser, and so carries nobody's rights but its sender's.
    """
    fields = request.headers
    site, origin = fields.get("Sec-Fetch-Site", "none"), fields.get("Origin")
    if site in OWN_SITES:
        return origin is not None and origin.partition("://")[2] != request.host
    # Browsers say the mode wherever they say the site.
    follows_link = fields.get("Sec-Fetch-Mode", "navigate") == "navigate"
    return not (follows_link and origin is None and request.method in SAFE_METHODS)


def is_ours(host: str, hosts: Iterable[str]) -> bool:
    """Tell whether a `Host` is a name of this machine's own, or one of `hosts`.

    A name that a hostile page makes point here (DNS rebinding) is neither.
    """
    found = HOST.fullmatch(host.lower())
    name = (found["six"] or found["name"]) if found else ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback or name in hosts
    except ValueError:
        return name in hosts


def add(app: Flask, hosts: Iterable[str]) -> None:
    """Guard every request and answer of `app`; `hosts` are names that it has besides loopback."""
    known = frozenset(host.lower().strip("[]") for host in hosts)

    def refuse_misdirected() -> None:
        host = request.headers.get("Host", "localhost")  # no browser leaves it out
        if not is_ours(host, known):
            raise Misdirected(f"These pages are not at {host!r}.")

    app.before_request(refuse_misdirected)
    app.before_request(_refuse_forged)
    app.after_request(_harden)


def _refuse_forged() -> None:
    if forged(request):
        abort(403, "Another site sent this request. Open the page here and try again.")


def _harden(response: Response) -> Response:
    response.headers.extend({k: v for k, v in HEADERS.items() if k not in response.headers})
    response.vary.add("HX-Request")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
