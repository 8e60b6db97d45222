"""The queue of jobs in Firestore: one document, changed in transactions alone."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.contract.access.workspaces import Place
from functions.training.model import admission
from functions.training.model.admission import Caps, Entry
from functions.training.model.jobs import ENDED


class Queue:
    """Which jobs run and which wait, as `model/admission.py` has it.

    Args:
        path: of the document.
        caps: how much may run at a time.
    """

    def __init__(self, path: str, caps: Caps) -> None:
        self._path = path
        self._caps = caps

    def read(self, transaction: Any = None) -> list[Entry]:
        """Return what the document lists."""
        found = self._reference().get(transaction=transaction, **PATIENCE)
        entries = found.to_dict()["entries"] if found.exists else []
        return msgspec.convert(entries, list[Entry])

    def places(self) -> dict[Place, int]:
        """Return the place of each job that waits."""
        return admission.waiting(self.read())

    def join(self, transaction: Any, entries: Sequence[Entry], place: Place) -> None:
        """Add a job at the end of what was read; raises Away when too many wait."""
        self._write(transaction, admission.joined(entries, place, self._caps))

    def admit(self, transaction: Any, job: Callable[[Place], Any]) -> list[Entry]:
        """Drop jobs that have ended, admit others for them, and return those; see JobStore.

        Jobs that wait are looked at only when their turn comes.

        Args:
            transaction: nothing was written in it yet.
            job: gives the reference of a job's document.
        """
        stored = self.read(transaction)
        kept = stored
        seen: set[Place] = set()
        while True:
            after = admission.admit(kept, self._caps)
            asked = [one.place for one in after if one.slots and one.place not in seen]
            if not asked:
                break
            seen.update(asked)
            gone = _gone([job(place) for place in asked], asked, transaction)
            kept = admission.without(kept, gone)
        if after != stored:
            self._write(transaction, after)
        return admission.newly(kept, after)

    def _write(self, transaction: Any, entries: Sequence[Entry]) -> None:
        transaction.set(self._reference(), {"entries": msgspec.to_builtins(list(entries))})

    def _reference(self) -> Any:
        return firestore.client().document(self._path)


def _gone(references: list[Any], places: list[Place], transaction: Any) -> set[Place]:
    """Return those of the jobs that have ended or are not there."""
    found = firestore.client().get_all(
        references, field_paths=["state"], transaction=transaction, **PATIENCE
    )
    alive = {one.reference.path for one in found if one.exists and one.get("state") not in ENDED}
    pairs = zip(references, places, strict=True)
    return {place for reference, place in pairs if reference.path not in alive}
