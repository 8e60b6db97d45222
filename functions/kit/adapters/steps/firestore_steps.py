"""Steps in Firestore: `steps/{function}/due/{step}`, beside the documents that they follow from.

`write` and `drop` put a step's beginning and end into a transaction or batch of another store, as
do `turn` and `restore` for all that are due; `read` and `check` let a step's effects in only while
the lease holds.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import ATTEMPTS, PATIENCE, client, plain
from functions.kit.adapters.stores.google_clients import exceptions, firestore
from functions.kit.contract import steps
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Clock
from functions.kit.contract.stepped import Due, turned
from functions.kit.contract.steps import DueStep, Lease, Step, Superseded

STEPS = "steps"
DUE = "due"


class FirestoreSteps:
    """The StepStore of one function whose steps are documents.

    Args:
        function: whose steps.
        clock: tells when a step became due.
    """

    def __init__(self, function: str, clock: Clock) -> None:
        self._function = function
        self._clock = clock

    def write(self, writer: Any, begun: Iterable[Step], look_at: dt.datetime | None = None) -> None:
        """Let steps become due with the commit of `writer`, a transaction or a batch.

        With `look_at`, they wait for that time: nobody is to be told of them before.
        """
        now = self._clock.now()
        for step in begun:
            found = steps.due(step, now)
            if look_at is not None:
                found = msgspec.structs.replace(found, look_at=look_at)
            writer.set(self.reference(step), msgspec.structs.asdict(found))

    def drop(self, writer: Any, ended: Iterable[Step]) -> None:
        """Let steps end with the commit of `writer`."""
        for step in ended:
            writer.delete(self.reference(step))

    def turn(self, writer: Any, was: Sequence[Due], now: Sequence[Due]) -> None:
        """Let those end that are not due any more, and those begin that were not due before."""
        ended, begun = turned(was, now)
        self.drop(writer, ended)
        for one in begun:
            self.write(writer, [one.step], one.at)

    def restore(self, transaction: Any, due: Sequence[Due]) -> None:
        """Write those that are due and not kept."""
        kept = self.find([one.step for one in due], transaction)
        self.turn(transaction, [], [one for one, found in zip(due, kept, strict=True) if not found])

    def read(self, transaction: Any, reference: Any, lease: Lease | None) -> Any:
        """Return a document as a transaction reads it, at one go with what a lease is for.

        Raises:
            Superseded: the lease is given, and its step is not ours any more.
        """
        references = [reference] if lease is None else [reference, self.reference(lease.step)]
        found = client().get_all(references, transaction=transaction, **PATIENCE)
        by_path = {one.reference.path: one for one in found}
        if lease is not None:
            self.check(by_path[references[1].path], lease)
        return by_path[reference.path]

    def check(self, found: Any, lease: Lease) -> None:
        """Raise Superseded unless the step's document, read in a transaction, is under `lease`."""
        if not found.exists or found.get("holder") != lease.holder:
            raise Superseded(lease.step.path)

    def reference(self, step: Step) -> Any:
        """Return where a step's document is."""
        return self._due().document(step.id)

    @translated()
    def find(self, steps: Sequence[Step], transaction: Any = None) -> list[DueStep | None]:
        """See StepStore; in a transaction, where one is given."""
        references = [self.reference(step) for step in steps]
        read = client().get_all(references, transaction=transaction, **PATIENCE)
        found = {one.id: _read(one) for one in read}
        return [found[step.id] for step in steps]

    @translated()
    def change(self, step: Step, change: Callable[[DueStep], DueStep | None]) -> DueStep | None:
        """See StepStore; a read, and a write on the condition that nobody wrote in between."""
        reference = self.reference(step)
        for _ in range(ATTEMPTS):
            snapshot = reference.get(**PATIENCE)
            before = _read(snapshot)
            after = before and change(before)
            if after is None:
                return None
            option = client().write_option(last_update_time=snapshot.update_time)
            try:
                reference.update(msgspec.structs.asdict(after), option=option, **PATIENCE)
            except (exceptions.FailedPrecondition, exceptions.NotFound):
                continue
            return after
        raise Away(f"Others keep changing the step {step.path}.")

    @translated()
    def overdue(self, now: dt.datetime, most: int) -> list[Step]:
        """See StepStore."""
        query = self._due().where(filter=firestore.FieldFilter("look_at", "<=", now))
        query = query.order_by("look_at").select(["path"]).limit(most)
        return [Step(self._function, one.get("path")) for one in query.stream(**PATIENCE)]

    @translated()
    def next_after(self, now: dt.datetime) -> dt.datetime | None:
        """See StepStore."""
        query = self._due().where(filter=firestore.FieldFilter("look_at", ">", now))
        query = query.order_by("look_at").select(["look_at"]).limit(1)
        found = [plain(one.get("look_at")) for one in query.stream(**PATIENCE)]
        return found[0] if found else None

    @translated()
    def begin_look(self, now: dt.datetime, every: dt.timedelta) -> bool:
        """See StepStore."""
        reference = client().collection(STEPS).document(self._function)
        last = reference.get(**PATIENCE)
        if last.exists and not steps.may_look(plain(last.get("looked_at")), now, every):
            return False
        fields = {"looked_at": now}
        try:
            if last.exists:
                option = client().write_option(last_update_time=last.update_time)
                reference.update(fields, option=option, **PATIENCE)
            else:
                reference.create(fields, **PATIENCE)
        except (
            exceptions.FailedPrecondition,
            exceptions.AlreadyExists,
            exceptions.NotFound,
        ):
            return False  # somebody else was quicker
        return True

    def _due(self) -> Any:
        return client().collection(STEPS).document(self._function).collection(DUE)


def _read(snapshot: Any) -> DueStep | None:
    return msgspec.convert(plain(snapshot.to_dict()), DueStep) if snapshot.exists else None
