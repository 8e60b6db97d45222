"""Where a reader goes after signing in: back to a page of ours, and nowhere else."""

import re
from urllib.parse import quote, urlsplit

from flask import Request

from web.http.security import SAFE_METHODS

START = "/"
MOST = 2000
# A path of this site in plain ASCII. A second slash, or what browsers take for one, would begin
# another host.
_OURS = re.compile(r"/(?!/|%2f|%5c)[!#-\[\]-~]*", re.IGNORECASE)
_ENTRANCES = ("/sign-in", "/sign-out", "/sign-up", "/password/")


def checked(text: str | None) -> str:
    """Return `text` where it is the address of a page of ours, else the first page."""
    if not text or len(text) > MOST or not _OURS.fullmatch(text):
        return START
    return START if text.startswith(_ENTRANCES) else text


def page_of(request: Request) -> str:
    """Return the page that the reader is on, or was about to see."""
    shown = request.headers.get("HX-Current-URL")
    if shown is None and request.method in SAFE_METHODS:
        query = request.query_string.decode("ascii", "replace")
        return checked(quote(request.path) + (f"?{query}" if query else ""))
    return _of_address(shown or request.headers.get("Referer", ""), request.host)


def _of_address(address: str, host: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:  # half a bracket
        return START
    if parts.netloc != host:
        return START
    return checked(parts.path + (f"?{parts.query}" if parts.query else ""))
