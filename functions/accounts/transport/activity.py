"""Activity in, from replicas; and out, for whoever may see it."""

import datetime as dt
import re
from typing import Annotated, Literal

import msgspec

from functions.accounts.model.activity import (
    ActivityLine,
    Filters,
    Key,
    shown,
)
from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.search import Search
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.requests.pages import Page, PageQuery, cursor_after, unknown_cursor
from functions.kit.contract.telemetry.activity import PATH, Batch
from functions.kit.contract.telemetry.hourly import microseconds
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import check_right
from functions.kit.service.latecomers import Latecomers

_CURSOR = re.compile(r"(\d{1,16})\.([0-9a-f]{1,32})\.(\d{1,6})", re.ASCII)
Of = Literal["own", "workspace", "system"]


class ActivityQuery(PageQuery):
    """Which lines are meant; what is not given does not matter.

    Attributes:
        of: whose: the caller's own; the workspace's ("manage"), which is usual for who may see
            them; or all, also of who is not known ("operate").
        caller: a name.
        account: an id.
        key: its id, or its last four letters.
        function: a name.
        status: a number, or "4xx" for all of a kind.
        call: an id.
        since: the first time that counts; `from` in the query.
        until: the first time that does not count any more; `to` in the query.
    """

    of: Of | None = None
    caller: str | None = None
    account: str | None = None
    key: str | None = None
    function: str | None = None
    status: Annotated[str, msgspec.Meta(pattern="^[0-9]([0-9]{2}|xx)$")] | None = None
    call: str | None = None
    since: dt.datetime | None = msgspec.field(default=None, name="from")
    until: dt.datetime | None = msgspec.field(default=None, name="to")


def add(api: Api, ingestion: Ingestion, latecomers: Latecomers[Batch], search: Search) -> None:
    """Register the routes."""

    @api.route("POST", PATH, access="step", hidden=True, noted=False)
    def tell(body: Batch, caller: Caller) -> None:
        """Keep a batch of lines."""
        ingestion.take(body, caller.name)
        latecomers.look()

    @api.route("GET", PATH)
    def activity(query: ActivityQuery, caller: Caller) -> Page[ActivityLine]:
        """List requests, the newest first: the caller's own, the workspace's, or all.

        A page may be short before the end: a search ends it after two seconds. The last one has no
        `next`.
        """
        latecomers.look()
        found = search.page(filters_of(query, caller), _before(query), query.limit)
        following = cursor_after(_text(found.before)) if found.before else None
        return Page([shown(line) for line in found.lines], following)


def filters_of(query: ActivityQuery, caller: Caller) -> Filters:
    """Return what a caller may see of what is asked for; raises Problem (403)."""
    of = query.of or ("workspace" if caller.may("manage") else "own")
    if of != "own":
        check_right(caller, "operate" if of == "system" else "manage")
    return Filters(
        workspace=None if of == "system" else caller.workspace,
        owner=caller.account if of == "own" else None,
        caller=query.caller,
        account=query.account,
        key=query.key,
        function=query.function,
        status=query.status,
        call=query.call,
        since=None if query.since is None else microseconds(query.since),
        until=None if query.until is None else microseconds(query.until),
    )


def _text(key: Key) -> str:
    return f"{key.at}.{key.batch or '0'}.{key.number}"


def _before(query: ActivityQuery) -> Key | None:
    if query.after is None:
        return None
    found = _CURSOR.fullmatch(query.after)
    if found is None:
        raise unknown_cursor()
    at, batch, index = found.groups()
    return Key(int(at), batch, int(index))
