"""Watches in Firestore: `watches/{model}`, and with them alerts and notices."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.deciding import Decision, unchanged
from functions.monitoring.model.alerts.due import ALERT, NOTICE, WATCH
from functions.monitoring.model.alerts.watch import Watch

CHANGED_AT = "changed_at"


class FirestoreWatches:
    """The Watches that are documents.

    Args:
        steps: where the steps that are due are kept.

    Attributes:
        alerts: the store of alerts.
        notices: the store of notices.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._watches = SteppedDocuments(WATCH, steps)
        self.alerts = SteppedDocuments(ALERT, steps)
        self.notices = SteppedDocuments(NOTICE, steps)

    def find(self, model: Place) -> Watch | None:
        """See Watches."""
        return self._watches.find(model)

    def change(self, model: Place, decide: Callable[[Watch | None], Decision | None]) -> Decision:
        """See Watches."""

        def work(transaction: Any) -> Decision:
            before = next(iter(self._watches.read_all([model], transaction)), None)
            decision = decide(before)
            if decision is None:
                return unchanged(before, model)
            places = [Place(model.workspace, ident) for ident in decision.edits]
            pairs = [
                (one, decision.edited(one)) for one in self.alerts.read_all(places, transaction)
            ]
            if decision.watch != before:
                self._watches.write(transaction, decision.watch, before)
            for was, alert in pairs:
                self.alerts.write(transaction, alert, was)
            for alert in decision.opened.values():
                self.alerts.write(transaction, alert)
            for notice in decision.notices:
                self.notices.write(transaction, notice)
            decision.written = [*decision.opened.values(), *(alert for _, alert in pairs)]
            return decision

        return firestore.transact(work)

    def changed_since(self, workspace: str, since: dt.datetime, most: int) -> list[Alert]:
        """See Watches."""
        return self.alerts.after(workspace, CHANGED_AT, since, most)
