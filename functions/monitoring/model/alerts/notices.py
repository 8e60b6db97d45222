"""Notices: what a channel is told of a model's alerts, once; sent until it is taken or given up."""

import datetime as dt
from typing import Literal

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.monitoring.model.alerts.rules import SEVERITIES, Severity

NoticeState = Literal["due", "sent", "failed"]
Change = Literal["firing", "resolved", "test"]
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=5), dt.timedelta(hours=1)
GIVE_UP = dt.timedelta(days=1)
"""For how long a notice is tried."""
KEPT = dt.timedelta(days=30)
"""For how long it is kept after that."""
_MOST_DOUBLINGS = 12
_LONGEST_REASON = 500


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice says of one alert."""

    alert: str
    rule: str
    name: str
    measure: str
    looks_for: str
    severity: Severity
    change: Change
    value: float | None
    at: dt.datetime


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice.

    Attributes:
        id: in its workspace.
        channel: the id of the one that is told.
        lines: what it says: of all alerts of the model that one evaluation turned.
        tries: how often it was handed over, or that was tried.
        at: when it is tried next; None for now.
        problem: why it was not taken, the last time; or by whom of several.
    """

    id: str
    workspace: str = MAIN
    model: str
    channel: str
    lines: list[Line]
    state: NoticeState = "due"
    tries: int = 0
    at: dt.datetime | None = None
    problem: str = ""
    created_at: dt.datetime
    ended_at: dt.datetime | None = None

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    @property
    def severity(self) -> Severity:
        """The worst of its alerts'."""
        return max((one.severity for one in self.lines), key=SEVERITIES.index)

    @property
    def forgotten_at(self) -> dt.datetime | None:
        """When nothing is known of it any more; None until it has ended."""
        return None if self.ended_at is None else self.ended_at + KEPT


def begun(notice: Notice) -> Notice:
    """Note that it is about to be handed over."""
    return notice if notice.state != "due" else replace(notice, tries=notice.tries + 1)


def sent(notice: Notice, now: dt.datetime, problem: str = "") -> Notice:
    """Note that the channel took it; `problem`: not for all whom it was for."""
    if notice.state != "due":
        return notice
    done = replace(notice, state="sent", at=None, ended_at=now)
    return replace(done, problem=problem[:_LONGEST_REASON])


def not_sent(notice: Notice, why: str, now: dt.datetime, *, for_good: bool, wait: float) -> Notice:
    """Note that it was not taken: it is tried again after ever longer, unless `for_good`.

    `wait` is for how many seconds the channel asked to be left alone.
    """
    if notice.state != "due":
        return notice
    tried = replace(notice, problem=why[:_LONGEST_REASON])
    doublings = min(max(notice.tries - 1, 0), _MOST_DOUBLINGS)
    pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
    again = now + max(pause, min(dt.timedelta(seconds=wait), LONGEST_PAUSE))
    if for_good or again > notice.created_at + GIVE_UP:
        return replace(tried, state="failed", at=None, ended_at=now)
    return replace(tried, at=again)
