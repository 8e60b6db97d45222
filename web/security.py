"""What the browser is told to refuse, and what we refuse from it."""

from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
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


def forged(request: Request) -> bool:
    """Whether another site made the browser send this change.

    `Sec-Fetch-Site` decides; a browser too old for it sends `Origin`; a request with neither does
    not come from a browser, and so carries nobody's rights but its sender's.
    """
    if request.method in SAFE_METHODS:
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def add(app: Flask) -> None:
    """Guard every request and answer of `app`."""
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
