"""What fields of bodies may hold, and what calls say in their headers."""

from typing import Annotated

import msgspec
from flask import Request

from functions.accounts.model import passwords
from functions.accounts.service import requests
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.requests.idempotency import HEADER

Email = Annotated[str, msgspec.Meta(max_length=254)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Secret = Annotated[str, msgspec.Meta(max_length=passwords.LONGEST)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class OneTime(msgspec.Struct, forbid_unknown_fields=True):
    """What a link holds: a token that is good once."""

    token: Token


class Named(msgspec.Struct, forbid_unknown_fields=True):
    """What something is to be called."""

    name: Name


def repeated(request: Request, caller: Caller, asked: msgspec.Struct) -> requests.Request | None:
    """Return the request that an `Idempotency-Key` names; None without one; raises Unreadable."""
    route = f"{request.method} {request.path}"
    return requests.request_of(caller, request.headers.get(HEADER), route, asked)
