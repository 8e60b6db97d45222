"""The header `Idempotency-Key` of a POST that makes something."""

from typing import Annotated

from flask import Request

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.requests.idempotency import HEADER, id_of
from functions.kit.http.requests.plain import Asked
from functions.kit.http.routing.routes import Header

FIELD = "HTTP_IDEMPOTENCY_KEY"
"""The header, by its name in WSGI."""
Repeatable = Annotated[Request, Header(HEADER)]
"""The request of a handler that reads the header: its API description says so."""


def request_id(request: Asked, caller: Caller) -> str | None:
    """Return the id of what a request makes, see `idempotency.id_of`; None without the header.

    Raises:
        Unreadable: when the key is unusable.
    """
    key = request.environ.get(FIELD)
    return None if key is None else id_of(caller.workspace, caller.account or caller.name, key)
