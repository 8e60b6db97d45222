"""Watches in memory, for tests without Firestore."""

import datetime as dt
from collections.abc import Callable

from functions.kit.adapters.steps.memory_stepped import MemoryStepped
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.deciding import Decision, unchanged
from functions.monitoring.model.alerts.due import ALERT, NOTICE, WATCH
from functions.monitoring.model.alerts.watch import Watch


class MemoryWatches:
    """The Watches of one process.

    Args:
        steps: where the steps that are due are kept.

    Attributes:
        alerts: the store of alerts.
        notices: the store of notices.
    """

    def __init__(self, steps: MemorySteps) -> None:
        self._lock = steps.lock
        self._watches = MemoryStepped(WATCH, steps)
        self.alerts = MemoryStepped(ALERT, steps)
        self.notices = MemoryStepped(NOTICE, steps)

    def find(self, model: Place) -> Watch | None:
        """See Watches."""
        return self._watches.find(model)

    def change(self, model: Place, decide: Callable[[Watch | None], Decision | None]) -> Decision:
        """See Watches."""
        with self._lock:
            before = self.find(model)
            decision = decide(before)
            if decision is None:
                return unchanged(before, model)
            found = [self.alerts.find(Place(model.workspace, one)) for one in decision.edits]
            pairs = [(one, decision.edited(one)) for one in found if one is not None]
            if decision.watch != before:
                self._watches.write(decision.watch, before)
            for was, alert in pairs:
                self.alerts.write(alert, was)
            for alert in decision.opened.values():
                self.alerts.write(alert)
            for notice in decision.notices:
                self.notices.write(notice)
            decision.written = [*decision.opened.values(), *(alert for _, alert in pairs)]
            return decision

    def changed_since(self, workspace: str, since: dt.datetime, most: int) -> list[Alert]:
        """See Watches."""
        found = [one for one in self.alerts.all(workspace) if one.changed_at > since]
        return sorted(found, key=lambda one: one.changed_at)[:most]
