"""What people do with alerts: look, silence, take in hand."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Flaw, not_found, refused
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.pages import Page, cursor_after
from functions.kit.contract.steps import Lease
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.model.alerts import alert as alerts
from functions.monitoring.model.alerts.alert import Alert, AlertState
from functions.monitoring.model.alerts.deciding import Decision
from functions.monitoring.model.alerts.due import (
    EVERY,
    OF_MODEL,
    OF_SEVERITY,
    OPEN,
    due_of_alert,
    forget_alert_step,
)
from functions.monitoring.model.alerts.moments import in_utc
from functions.monitoring.model.alerts.rules import Severity
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.service.alerts.ports import AlertStore, Watches

MOST_CHANGED = 1_000
PART, MOST_PARTS = 200, 10
"""Alerts that are read at a time for a page, and how often: a page of few may be short."""


class Wanted(NamedTuple):
    """Which alerts are meant; None for any."""

    model: str | None = None
    state: AlertState | None = None
    severity: Severity | None = None

    def has(self, alert: Alert, caller: Caller) -> bool:
        """Tell whether an alert is meant, and the caller's to see."""
        pairs = zip(self, (alert.model, alert.state, alert.severity), strict=True)
        return all(one in {None, of} for one, of in pairs) and caller.sees("model", alert.model)

    def of(self, caller: Caller) -> "Wanted | None":
        """Return what of these a caller may see; None for nothing."""
        if caller.only is None:
            return self
        kind, name = caller.only
        return self._replace(model=name) if kind == "model" and self.model in {None, name} else None

    @property
    def values(self) -> dict[str, str]:
        """The fields by which they are counted."""
        return {name: str(one) for name, one in self._asdict().items() if one is not None}

    @property
    def narrowest(self) -> tuple[str, Sequence[str]]:
        """The list with the fewest others beside them: its name, and which part of it."""
        if self.state == "firing":
            return OPEN, EVERY
        if self.model is not None:
            return OF_MODEL, (self.model,)
        if self.severity is not None:
            return OF_SEVERITY, (self.severity,)
        return "", EVERY

    @property
    def is_one_list(self) -> bool:
        """Whether that list has no others."""
        return len(self.values) <= 1 and self.state != "resolved"


class AlertService:
    """Shows alerts, and takes what people say of them.

    Args:
        store: the alerts.
        watches: the rules.
        runner: takes steps.
        lookout: looks after the acts of what is read.
        clock: tells the time.
    """

    def __init__(
        self,
        store: AlertStore,
        watches: Watches,
        runner: StepRunner,
        lookout: Lookout,
        clock: Clock,
    ) -> None:
        self._store = store
        self._watches = watches
        self._runner = runner
        self._lookout = lookout
        self._clock = clock

    def page(
        self,
        caller: Caller,
        wanted: Wanted,
        limit: int,
        after: str | None,
        *,
        count: bool = False,
    ) -> Page[Alert]:
        """Return alerts, newest first; a page may be short before the end.

        `count`: and how many there are in all, of which no more is read.
        """
        meant = wanted.of(caller)
        if meant is None:
            return Page([], count=0 if count else UNSET)
        page = self._page(caller, meant, limit, after)
        if count:
            page.count = self._store.count(caller.workspace, meant.values)
        return page

    def _page(self, caller: Caller, meant: Wanted, limit: int, after: str | None) -> Page[Alert]:
        by, of = meant.narrowest
        size = limit if meant.is_one_list else PART
        found: list[Alert] = []
        for _ in range(MOST_PARTS):
            part = self._store.page(caller.workspace, of, size, after, by)
            for one in part:
                after = one.id
                if meant.has(one, caller):
                    found.append(one)
                if len(found) == limit:
                    return Page(found, cursor_after(after))
            if len(part) < size:
                return Page(found)
        return Page(found, None if after is None else cursor_after(after))

    def changed(self, caller: Caller, wanted: Wanted, since: dt.datetime, most: int) -> list[Alert]:
        """Return the alerts that changed after a time, in the order of that.

        Those of one moment come together, so that the last one's time leads on; so there may be
        fewer than `most`, or as many more as there are of one moment.
        """
        meant: list[Alert] = []
        for _ in range(MOST_PARTS):
            part, is_last = self._changed(caller.workspace, since)
            meant += [one for one in part if wanted.has(one, caller)]
            if is_last or len(meant) > most:
                break
            since = part[-1].changed_at
        if len(meant) <= most:
            return meant
        cut = meant[most].changed_at
        return [one for one in meant[:most] if one.changed_at < cut] or [
            one for one in meant if one.changed_at == cut
        ]

    def _changed(self, workspace: str, since: dt.datetime) -> tuple[list[Alert], bool]:
        """Return those that changed next, of each moment all, and whether there are no others."""
        found = self._watches.changed_since(workspace, since, MOST_CHANGED)
        if len(found) < MOST_CHANGED:
            return found, True
        last = found[-1].changed_at
        return [one for one in found if one.changed_at < last] or found, False

    def get(self, caller: Caller, ident: str) -> Alert:
        """Return an alert; who reads it looks after its acts. Raises NotFound."""
        place = Place(caller.workspace, ident)
        found = self._store.find(place)
        if found is None or not caller.sees("model", found.model):
            raise not_found("alert", ident)
        now = self._clock.now()
        due = [one.step for one in due_of_alert(found) if one.at is None or one.at <= now]
        if self._lookout.watch(f"alert {ident}", due):
            self._store.restore_steps(place)
        return found

    def acknowledge(self, caller: Caller, ident: str) -> Alert:
        """Note that the caller has an alert in hand; the first one stays. Raises NotFound."""
        now = self._clock.now()
        return self._edit(caller, ident, lambda one: alerts.acknowledged(one, caller.name, now))

    def silence(self, caller: Caller, ident: str, until: dt.datetime | None) -> Alert:
        """Silence an alert's rule until a time; None ends that.

        Raises:
            NotFound: there is no such alert, or no such rule any more.
            Invalid: the time is over, or is in no time zone.
        """
        now = self._clock.now()
        if until is not None and (in_utc(until) is None or until <= now):
            reason = "Expected a moment to come, with its offset"
            flaw = Flaw(reason, column="until", value=until.isoformat())
            raise refused("The silence was refused", flaw, noun="field")
        alert = self.get(caller, ident)
        what = "no longer silenced" if until is None else f"silenced until {until.isoformat()}"

        def decide(watch: Watch | None) -> Decision:
            if watch is None:
                raise not_found("rule", alert.rule)
            rule = replace(watch.rule(alert.rule), silenced_until=until)
            decision = Decision(watch, now)
            decision.put(replace(rule, revision=rule.revision + 1, by=caller.name, updated_at=now))
            decision.watch = replace(decision.watch, next_at=now)
            return decision

        self._watches.change(Place(caller.workspace, alert.model), decide)
        return self._edit(caller, ident, lambda one: alerts.noted(one, what, now, caller.name))

    def forget(self, place: Place) -> None:
        """Remove an alert that is old."""

        def work(lease: Lease) -> bool:
            at = self._store.load(place).forgotten_at
            if at is not None and at <= self._clock.now():
                self._store.remove(place, lease)
            return False

        self._runner.run(forget_alert_step(place), work)

    def _edit(self, caller: Caller, ident: str, edit: Callable[[Alert], Alert]) -> Alert:
        place = self.get(caller, ident).place
        return self._store.update(place, edit)
