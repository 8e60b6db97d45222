"""Watches in Firestore: `watches/{model}`, and with them alerts and notices."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.stepped import Kind
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.deciding import Decision, unchanged
from functions.monitoring.model.alerts.due import ALERT, NOTICE, WATCH, WATCHES, due_of_watch
from functions.monitoring.model.alerts.watch import Watch

CHANGED_AT = "changed_at"


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A watch as it is stored: `body` is the whole of it as JSON.

    Nobody looks into that, and Firestore's client takes ten times as long for as many fields.
    """

    workspace: str
    model: str
    body: str
    next_at: dt.datetime | None
    created_at: dt.datetime

    @property
    def id(self) -> str:
        """See Stepped."""
        return self.model

    @property
    def place(self) -> Place:
        """See Stepped."""
        return Place(self.workspace, self.model)

    @property
    def watch(self) -> Watch:
        """The watch."""
        return msgspec.json.decode(self.body, type=Watch)


_STORED: Kind[_Stored] = Kind(
    noun=WATCH.noun,
    collection=WATCHES,
    type=_Stored,
    due=lambda stored: due_of_watch(stored.watch),
    list_of=lambda _: (),
    open_of=lambda _: "",
)


class FirestoreWatches:
    """The Watches that are documents.

    Args:
        steps: where the steps that are due are kept.

    Attributes:
        alerts: the store of alerts.
        notices: the store of notices.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._watches = SteppedDocuments(_STORED, steps)
        self.alerts = SteppedDocuments(ALERT, steps)
        self.notices = SteppedDocuments(NOTICE, steps)

    def find(self, model: Place) -> Watch | None:
        """See Watches."""
        found = self._watches.find(model)
        return None if found is None else found.watch

    def change(self, model: Place, decide: Callable[[Watch | None], Decision | None]) -> Decision:
        """See Watches."""

        def work(transaction: Any) -> Decision:
            stored = next(iter(self._watches.read_all([model], transaction)), None)
            before = None if stored is None else stored.watch
            decision = decide(before)
            if decision is None:
                return unchanged(before, model)
            places = [Place(model.workspace, ident) for ident in decision.edits]
            pairs = [
                (one, decision.edited(one)) for one in self.alerts.read_all(places, transaction)
            ]
            if decision.watch != before:
                self._watches.write(transaction, _stored(decision.watch), stored)
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


def _stored(watch: Watch) -> _Stored:
    return _Stored(
        workspace=watch.workspace,
        model=watch.model,
        body=msgspec.json.encode(watch).decode(),
        next_at=watch.next_at,
        created_at=watch.created_at,
    )
