"""What caches may do with answers, which depend on who asks."""

from flask import Request, Response

from functions.kit.http.requests.auth import WORKSPACE

_CONTROL = "private, no-cache"
_VARY = f"Authorization, X-Api-Key, {WORKSPACE}"


def keep_apart(request: Request, response: Response) -> None:
    """Let no cache give one caller's answer to another; other methods' answers none keeps.

    What lies between knows by itself that `Authorization` makes an answer private; of `X-Api-Key`,
    and of errors, which may be kept as well, it has to be told.
    """
    if request.method in {"GET", "HEAD"}:
        response.headers.setdefault("Cache-Control", _CONTROL)
        own = response.headers.get("Vary")
        response.headers["Vary"] = f"{own}, {_VARY}" if own else _VARY
