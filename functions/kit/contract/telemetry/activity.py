"""Activity: who asked what of which function, and how it ended. One line a request.

Every function tells `accounts` of its lines in batches; a batch may come twice, and counts once.
"""

from typing import Annotated, Literal

import msgspec

from functions.kit.contract.access.identity import ANYONE, Caller, Kind

ACCOUNTS = "accounts"
"""The function that keeps the lines."""
PATH = "/activity"
UNTOLD = "untold-activity/"
"""Where in the bucket batches wait that could not be told: `untold-activity/{function}/….json`."""
Shown = Kind | Literal["lost"]
MOST_LINES = 2_000
"""Lines in a batch, usually; accounts takes twice as many."""
LONGEST_PATH = 300
LONGEST_WORD = 64
LONGEST_REASON = 300

_END_OF_TIME = 4_102_444_800_000_000  # the year 2100
Microseconds = Annotated[int, msgspec.Meta(ge=0, le=_END_OF_TIME)]


Note = tuple[float, str, str, str, int, float, Caller | None, str, int | None, str]
"""A request as it is noted while somebody waits, so as a bare tuple: when its first byte was there
(Unix seconds), method, route, path, status, seconds to the answer's last byte, who called, call id,
rows predicted, why it was refused."""


class Line(msgspec.Struct, array_like=True):
    """A request, as it travels: a JSON array, for there are thousands a second.

    Attributes:
        at: when its first byte was there, in microseconds since 1970.
        method: of HTTP.
        route: the template that its path matched; "unknown" where none did.
        path: without the query, cut at LONGEST_PATH characters.
        status: of the answer.
        elapsed: microseconds from its first byte to the answer's last.
        caller: the name of who called; "anyone" where that is not known.
        account: the id of the account that called; empty for functions, and where not known.
        kind: what was shown: a key, a session, a step token, or nothing known; "lost" for no
            request, but for as many as `rows` says that could not be told of.
        key: the key's id.
        last_four: the key's last letters.
        workspace: whose things were meant; empty for the system's own.
        call: the call's id (X-Call-Id).
        rows: rows predicted, where there were any.
        reason: why it was refused or failed, as its answer says, cut at LONGEST_REASON characters;
            empty where it was not, and in lines of earlier releases.
    """

    at: Microseconds
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


class Batch(msgspec.Struct):
    """Lines of one replica, told together; of which function, the call's step token says.

    Attributes:
        id: the same whenever the batch is told again.
        lines: in no order.
        lost: how many lines before these could not be told.
    """

    id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    lines: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=2 * MOST_LINES)]
    lost: Annotated[int, msgspec.Meta(ge=0)] = 0


def line_of(note: Note) -> Line:
    """Return the line that a note becomes."""
    at, method, route, path, status, seconds, known, call, rows, reason = note
    caller = known or ANYONE
    return Line(
        int(at * 1e6),
        method,
        route,
        path,
        status,
        int(seconds * 1e6),
        caller.name,
        caller.account,
        caller.kind,
        caller.key,
        caller.last_four,
        caller.workspace,
        call,
        rows,
        reason,
    )
