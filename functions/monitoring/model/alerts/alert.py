"""An alert: one time that a rule fired, from its first notice to its end, and what was done."""

import datetime as dt
from typing import Literal

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.monitoring.model.alerts.acts import ActRun
from functions.monitoring.model.alerts.rules import Severity

AlertState = Literal["firing", "resolved"]
MOST_EVENTS = 100
KEPT = dt.timedelta(days=365)
"""For how long an alert is kept after its end."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened to an alert: when, what in words, and by whom (empty: by itself)."""

    at: dt.datetime
    what: str
    by: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert.

    Attributes:
        id: in its workspace; of each time that the rule fires another one.
        rule: the id of the rule, in the model.
        name: of the rule, as it was then.
        looks_for: what the rule looks for, in words.
        value: of the window that made it fire.
        window: when that began and ended.
        started_at: when the first of the windows in a row began.
        fired_at: when it was found.
        why_resolved: empty where the windows are in order again.
        acknowledged_by: who has it in hand.
        notices: the ids of those that were written of it.
        acts: what is done, one after the other.
        events: what happened to it, in order.
        changed_at: when anything of it changed last.
    """

    id: str
    workspace: str = MAIN
    model: str
    rule: str
    name: str
    measure: str
    looks_for: str
    severity: Severity
    state: AlertState = "firing"
    value: float | None
    window: tuple[dt.datetime, dt.datetime]
    started_at: dt.datetime
    fired_at: dt.datetime
    resolved_at: dt.datetime | None = None
    why_resolved: str = ""
    acknowledged_at: dt.datetime | None = None
    acknowledged_by: str = ""
    notices: list[str] = []
    acts: list[ActRun] = []
    events: list[Event] = []
    changed_at: dt.datetime

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    @property
    def created_at(self) -> dt.datetime:
        """When it was made, which lists are ordered by."""
        return self.fired_at

    @property
    def forgotten_at(self) -> dt.datetime | None:
        """When nothing is known of it any more; None while it fires."""
        return None if self.resolved_at is None else self.resolved_at + KEPT


def noted(alert: Alert, what: str, now: dt.datetime, by: str = "") -> Alert:
    """Return an alert with one more event; of many, the first and the newest are kept."""
    events = [*alert.events, Event(now, what, by)]
    if len(events) > MOST_EVENTS:
        events = [events[0], *events[-(MOST_EVENTS - 1) :]]
    return replace(alert, events=events, changed_at=now)


def resolved(alert: Alert, now: dt.datetime, why: str = "") -> Alert:
    """End an alert; one that has ended stays as it is."""
    if alert.state == "resolved":
        return alert
    over = replace(alert, state="resolved", resolved_at=now, why_resolved=why)
    return noted(over, f"resolved{f': {why}' if why else ''}", now)


def told(alert: Alert, acts: list[ActRun], now: dt.datetime, what: str) -> Alert:
    """Note who was told of an alert, and what is to be done about it."""
    return noted(replace(alert, acts=[*alert.acts, *acts]), what, now)


def with_notice(alert: Alert, notice: str) -> Alert:
    """Return an alert that knows a notice of it."""
    if notice in alert.notices:
        return alert
    return replace(alert, notices=[*alert.notices, notice])


def acknowledged(alert: Alert, by: str, now: dt.datetime) -> Alert:
    """Note that somebody has it in hand; the first one stays."""
    if alert.acknowledged_at is not None:
        return alert
    return noted(replace(alert, acknowledged_at=now, acknowledged_by=by), "acknowledged", now, by)


def with_act(alert: Alert, place: int, run: ActRun, now: dt.datetime) -> Alert:
    """Return an alert with one of its acts as it is now; the same one where that is no change."""
    before = alert.acts[place]
    if run == before:
        return alert
    acts = [*alert.acts[:place], run, *alert.acts[place + 1 :]]
    changed = replace(alert, acts=acts, changed_at=now)
    if (run.state, run.said) == (before.state, before.said):
        return changed
    said = f": {run.said}" if run.said else ""
    return noted(changed, f"{msgspec.to_builtins(run.act)['do']} {run.state}{said}", now)
