"""Lines of activity as they are kept, shown, and asked for."""

import datetime as dt
from typing import NamedTuple

import msgspec

from functions.kit.contract.telemetry.activity import Batch, Line, Shown
from functions.kit.contract.telemetry.hourly import moment

SYSTEM = "_"
"""Stands for a workspace in names of files of what belongs to none; no workspace is called so."""


class Key(NamedTuple):
    """What lines are ordered by; no two lines have the same one.

    A line that is told or stored twice has one key, and is one line.
    """

    at: int
    batch: str
    number: int


class Kept(msgspec.Struct, frozen=True):
    """A line as it is kept: `Line`, the function, and which line it is of which batch."""

    at: int
    batch: str
    index: int
    function: str
    method: str
    route: str
    path: str
    status: int
    elapsed: int
    caller: str
    account: str
    kind: Shown
    key: str
    last_four: str
    workspace: str
    call: str
    rows: int | None
    reason: str = ""

    @property
    def order(self) -> Key:
        """What it is ordered by."""
        return Key(self.at, self.batch, self.index)


class ActivityLine(msgspec.Struct, kw_only=True):
    """One request, or as many as `rows` says that could not be told of (kind "lost").

    Attributes:
        at: when its first byte was there.
        function: whose request it was.
        method: of HTTP.
        route: the template that its path matched; "unknown" where none did.
        path: without the query.
        status: of the answer.
        elapsed_ms: milliseconds from its first byte to the answer's last.
        caller: the name of who called; "anyone" where that is not known.
        account: the id of the account that called.
        kind: what was shown: "key", "session", "step", or "anyone" for nothing known.
        key: the key's id.
        last_four: the key's last letters.
        workspace: whose things were meant; empty for the system's own.
        call: the call's id.
        rows: rows predicted, where there were any.
        reason: why it was refused or failed, as its answer said; empty where it was not.
    """

    at: dt.datetime
    function: str
    method: str
    route: str
    path: str
    status: int
    elapsed_ms: float
    caller: str
    account: str
    kind: Shown
    key: str
    last_four: str
    workspace: str
    call: str
    rows: int | None
    reason: str = ""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are meant: those for which all that is given holds.

    Attributes:
        workspace: None for all, and for what belongs to none.
        owner: the account whose lines alone are meant, whatever else is asked for.
        caller: a name.
        account: an id.
        key: its id or its last four letters.
        function: a name.
        status: "404", or "4xx" for all of a kind.
        call: an id.
        since: microseconds since 1970, the first that counts.
        until: the first that does not count any more.
    """

    workspace: str | None = None
    owner: str | None = None
    caller: str | None = None
    account: str | None = None
    key: str | None = None
    function: str | None = None
    status: str | None = None
    call: str | None = None
    since: int | None = None
    until: int | None = None

    @property
    def exact(self) -> list[tuple[str, str]]:
        """The fields that must be equal to something, and to what."""
        names = ("caller", "account", "function", "call")
        given = [(name, getattr(self, name)) for name in names] + [("account", self.owner)]
        return [(name, value) for name, value in given if value is not None]

    @property
    def statuses(self) -> tuple[int, int] | None:
        """The first status that is meant, and the last."""
        if self.status is None:
            return None
        return int(self.status.replace("x", "0")), int(self.status.replace("x", "9"))


def kept(batch: Batch, function: str) -> list[Kept]:
    """Return the lines of a function's batch as they are kept; what was lost is one of them."""
    lines = [*batch.lines, *([_lost(batch, function)] if batch.lost else [])]
    return [_kept(batch.id, index, function, line) for index, line in enumerate(lines)]


def shown(line: Kept) -> ActivityLine:
    """Return a line as callers see it."""
    fields = {name: getattr(line, name) for name in _SAME}
    return ActivityLine(at=moment(line.at), elapsed_ms=line.elapsed / 1000, **fields)


def _kept(batch: str, index: int, function: str, line: Line) -> Kept:
    at, *rest = msgspec.structs.astuple(line)
    return Kept(at, batch, index, function, *rest)


def _lost(batch: Batch, function: str) -> Line:
    at = max(line.at for line in batch.lines)
    return Line(at, "", "", "", 0, 0, function, "", "lost", "", "", "", "", batch.lost)


_SAME = set(ActivityLine.__struct_fields__) - {"at", "elapsed_ms"}
