"""The routes of API keys."""

import datetime as dt
from typing import Literal

import msgspec

from functions.accounts.model.keys import KeyRequest, NewKey, Only, RotateRequest
from functions.accounts.service.keys import Keys
from functions.kit.contract.access.accounts import ApiKey
from functions.kit.contract.access.identity import Caller, Scope
from functions.kit.contract.requests.idempotency import HEADER
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.contract.requests.pages import Page
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import check_right
from functions.kit.http.requests.idempotency import Repeatable
from functions.kit.http.routing.routes import Reply

MAKING = (409, 410, 507)


class KeyQuery(ListQuery):
    """Which keys: the caller's own, or all of the workspace, for who manages it."""

    of: Literal["own", "all"] = "own"


class KeyView(msgspec.Struct, kw_only=True):
    """A key, without what opens anything."""

    id: str
    name: str
    account: str
    workspace: str
    scopes: list[Scope]
    only: Only | None
    last_four: str
    created_at: dt.datetime
    ends_at: dt.datetime | None
    last_used_at: dt.datetime | None


class NewKeyView(KeyView):
    """A key as it is told once: `key` is what to send."""

    key: str


def add(api: Api, keys: Keys) -> None:
    """Register the routes."""

    @api.route("GET", "/keys", needs="self")
    def list_keys(query: KeyQuery, caller: Caller) -> Page[KeyView]:
        """List the caller's own keys in the workspace, newest first, or (`of=all`) everybody's."""
        if query.of == "all":
            check_right(caller, "manage")
        return keys.page(caller, query, whole=query.of == "all").each(view)

    @api.route("POST", "/keys", needs="self", status=201, problems=MAKING)
    def make_key(body: KeyRequest, request: Repeatable, caller: Caller) -> Reply[NewKeyView]:
        """Make a key and show it, once; repeated with its `Idempotency-Key`, the same again."""
        if body.account is not None and body.account != caller.account:
            check_right(caller, "operate")
        return _made(keys.make(caller, body, request.headers.get(HEADER)))

    @api.route("GET", "/keys/{key}", needs="self")
    def get_key(key: str, caller: Caller) -> KeyView:
        """Show a key of the caller's, or of the workspace for who manages it."""
        return view(keys.key(caller, key))

    @api.route("DELETE", "/keys/{key}", needs="self", problems=(507,))
    def revoke_key(key: str, caller: Caller) -> None:
        """Let a key not count any more: each function refuses it within a second."""
        keys.revoke(caller, key)

    @api.route("POST", "/keys/{key}/rotate", needs="self", status=201, problems=MAKING)
    def rotate_key(
        key: str, body: RotateRequest, request: Repeatable, caller: Caller
    ) -> Reply[NewKeyView]:
        """Make a key in the place of another, which counts on for a while: a day if unsaid."""
        repeat = request.headers.get(HEADER)
        return _made(keys.rotate(caller, key, body.overlap_seconds, repeat))


def view(key: ApiKey) -> KeyView:
    """Return a key as lists show it."""
    only = None if key.only is None else Only(*key.only)
    shown = {name: getattr(key, name) for name in KeyView.__struct_fields__}
    return KeyView(**shown | {"only": only})


def _made(new: NewKey) -> Reply[NewKeyView]:
    shown = msgspec.structs.asdict(view(new.kept))
    location = {"Location": f"keys/{new.kept.id}", "Cache-Control": "no-store"}
    return Reply(NewKeyView(**shown, key=new.text), 201, location)
