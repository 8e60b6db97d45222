"""The state of a rule: ok → pending → firing → resolved, as a pure machine.

It goes by what the last windows in a row say, not by counting looks: the same windows again change
nothing, whoever looks at them, and a late label corrects the window that it is for.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from functions.monitoring.model.windows.measures import Point

Status = Literal["ok", "pending", "firing", "resolved"]


class RuleState(msgspec.Struct, frozen=True, kw_only=True):
    """How a rule stands.

    Attributes:
        status: `pending`: out of order, not yet for long enough; `resolved`: in order since it
            fired last.
        since: when it came to that.
        seen: when the last window ends that was looked at.
        value: of that window.
        run: how many windows in a row are out of order.
        alert: the one that is open; empty for none.
        is_told: somebody was told of that alert, or there was nobody to tell.
        told_at: when a notice of the rule was written last.
    """

    status: Status = "ok"
    since: dt.datetime | None = None
    seen: dt.datetime | None = None
    value: float | None = None
    run: int = 0
    alert: str = ""
    is_told: bool = False
    told_at: dt.datetime | None = None

    @property
    def is_firing(self) -> bool:
        """Whether its alert is open."""
        return self.status == "firing"


class Verdict(NamedTuple):
    """What a window says: its point, and whether it is out of order."""

    point: Point
    is_broken: bool


class Turn(NamedTuple):
    """A change of status, and the window that made it."""

    before: Status
    after: Status
    by: Verdict
    run: int


def advance(
    state: RuleState, verdicts: Sequence[Verdict], need: int, clear: int, now: dt.datetime
) -> tuple[RuleState, list[Turn]]:
    """Return the state after some windows, and its turns on the way there.

    Args:
        state: before.
        verdicts: of the last windows, in order, those that were looked at before among them.
        need: how many in a row make it fire.
        clear: how many in a row end that.
        now: the time.
    """
    if not verdicts:
        return state, []
    # What a new rule finds of the past is how things are now, and no history.
    first = state.seen or verdicts[-1].point.end
    turns: list[Turn] = []
    run = calm = 0
    for one in verdicts:
        run, calm = (run + 1, 0) if one.is_broken else (0, calm + 1)
        if one.point.end < first:
            continue
        after = _next(state.status, run >= need, run > 0, calm >= clear)
        if after != state.status:
            turns.append(Turn(state.status, after, one, run))
            state = replace(state, status=after, since=now)
        state = replace(state, seen=one.point.end, value=one.point.value, run=run)
    return state, turns


def _next(status: Status, enough: bool, broken: bool, calm: bool) -> Status:  # noqa: FBT001 - what the windows say
    if status == "firing":
        return "resolved" if calm else "firing"
    if enough:
        return "firing"
    if broken:
        return "pending"
    return "resolved" if status == "resolved" else "ok"
