"""Requests that make something, sent again: a note says what the first one made."""

import hashlib
from typing import Any, NamedTuple

import msgspec

from functions.accounts.model.documents import REQUESTS
from functions.accounts.service.ports import Transaction
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.requests import idempotency


class Request(NamedTuple):
    """A request that has a name of its own: where its note is, and what it asked."""

    id: str
    asked: str


def request_of(
    caller: Caller, key: str | None, route: str, asked: msgspec.Struct
) -> Request | None:
    """Return the request that a key names; None without one; raises Unreadable.

    A password is not among what is compared: the note would be a quick way to guess it.
    """
    if key is None:
        return None
    told: dict[str, Any] = msgspec.to_builtins(asked)
    told.pop("password", None)
    text = msgspec.json.encode([route, told], order="sorted")
    made = idempotency.id_of(caller.workspace, caller.account, key)
    return Request(made, hashlib.sha256(text).hexdigest())


def made_by(transaction: Transaction, request: Request | None) -> str | None:
    """Return what a request made when it came first; raises Conflict when it asked for another."""
    found = transaction.get(f"{REQUESTS}/{request.id}") if request else None
    if request is None or found is None:
        return None
    if found["asked"] != request.asked:
        raise idempotency.other_request()
    return str(found["made"])


def note(transaction: Transaction, request: Request | None, made: str) -> None:
    """Write what a request has made."""
    if request is not None:
        transaction.set(f"{REQUESTS}/{request.id}", {"asked": request.asked, "made": made})
