"""The header `Idempotency-Key` of a POST that makes something."""

from flask import Request

from functions.kit.contract.idempotency import HEADER, id_of
from functions.kit.contract.identity import Caller


def request_id(request: Request, caller: Caller) -> str | None:
    """Return the id of what a request makes, see `idempotency.id_of`; None without the header.

    Raises:
        Unreadable: when the key is unusable.
    """
    key = request.headers.get(HEADER)
    return None if key is None else id_of(caller.workspace, caller.account or caller.name, key)
