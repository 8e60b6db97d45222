"""Alerts and notices as callers see them, and what they send."""

import datetime as dt
from typing import Any

import msgspec

from functions.kit.contract.requests.pages import PageQuery
from functions.monitoring.model.alerts.acts import Act, ActRun, ActState
from functions.monitoring.model.alerts.alert import Alert, AlertState, Event
from functions.monitoring.model.alerts.notices import Line, Notice, NoticeState
from functions.monitoring.model.alerts.rules import Severity


class ActView(msgspec.Struct, frozen=True, kw_only=True):
    """One act of an alert, and what came of it.

    Attributes:
        number: of the act, as in `/alerts/{alert}/acts/{act}/undo`.
        cause: why, in words.
        before: what it found: what an undo goes back to.
        after: what it made of that.
        said: what came of it, in words.
    """

    number: int
    act: Act
    cause: str
    state: ActState
    before: dict[str, Any]
    after: dict[str, Any]
    said: str
    ended_at: dt.datetime | None
    undone_by: str


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """An alert: one time that a rule fired.

    Attributes:
        rule: the id of the rule.
        name: of the rule, as it was then.
        looks_for: what it looks for, in words.
        value: of the window that made it fire.
        window: when that began and ended.
        started_at: when the first of the windows in a row began.
        why_resolved: empty where the windows are in order again.
        notices: the ids of those that were written of it.
        events: what happened to it, in order.
    """

    id: str
    model: str
    rule: str
    name: str
    measure: str
    looks_for: str
    severity: Severity
    state: AlertState
    value: float | None
    window: tuple[dt.datetime, dt.datetime]
    started_at: dt.datetime
    fired_at: dt.datetime
    resolved_at: dt.datetime | None
    why_resolved: str
    acknowledged_at: dt.datetime | None
    acknowledged_by: str
    notices: list[str]
    acts: list[ActView]
    events: list[Event]
    changed_at: dt.datetime


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel is told, and whether it took it.

    Attributes:
        lines: what it says, of each alert.
        tries: how often it was handed over, or that was tried.
        at: when it is tried next; null for now, or never again.
        problem: why it was not taken, the last time; or by whom of several.
    """

    id: str
    model: str
    channel: str
    lines: list[Line]
    state: NoticeState
    tries: int
    at: dt.datetime | None
    problem: str
    created_at: dt.datetime
    ended_at: dt.datetime | None


class Tested(msgspec.Struct, frozen=True):
    """The notices of a test: `GET /notices/{id}` says whether they were taken."""

    notices: list[NoticeView]


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when nobody hears of an alert's rule, and nothing is done; null ends that."""

    until: dt.datetime | None


class AlertsQuery(PageQuery):
    """Which alerts are meant; what is not given does not matter.

    Attributes:
        count: whether to count all that are meant, too.
        since: those alone that changed after that time, in the order of it; neither `cursor` nor
            `count` counts then.
    """

    model: str | None = None
    state: AlertState | None = None
    severity: Severity | None = None
    count: bool = False
    since: dt.datetime | None = None


class EventsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which alerts are followed, and since when; without, from now on."""

    model: str | None = None
    since: dt.datetime | None = None


def view(alert: Alert) -> AlertView:
    """Return what is shown of an alert."""
    fields = {name: getattr(alert, name) for name in AlertView.__struct_fields__}
    acts = [_act(number, one) for number, one in enumerate(alert.acts)]
    return AlertView(**{**fields, "acts": acts})


def notice_view(notice: Notice) -> NoticeView:
    """Return what is shown of a notice."""
    return NoticeView(**{name: getattr(notice, name) for name in NoticeView.__struct_fields__})


def _act(number: int, run: ActRun) -> ActView:
    names = (name for name in ActView.__struct_fields__ if name != "number")
    return ActView(number=number, **{name: getattr(run, name) for name in names})
