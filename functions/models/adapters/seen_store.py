"""What replicas told, in Firestore: a document below the model for each version."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.contract.access.workspaces import Place
from functions.models.adapters.documents import SERVING, model_reference, read_in, read_model
from functions.models.model.standing import Seen


class FirestoreSeen:
    """The SeenStore whose versions' notes are documents."""

    def seen(self, place: Place, versions: Sequence[int]) -> dict[int, Seen]:
        """See SeenStore."""
        references = [_reference(place, version) for version in versions]
        if not references:
            return {}
        found = firestore.client().get_all(references, **PATIENCE)
        return {int(one.id): _read(one) for one in found if one.exists}

    def note(self, place: Place, version: int, change: Callable[[Seen], Seen]) -> None:
        """See SeenStore."""

        def work(transaction: Any) -> None:
            model = read_in(transaction, model_reference(place))
            document = _reference(place, version)
            known = read_in(transaction, document)
            if not model.exists or not read_model(place, model).has(version):
                return
            seen = change(_read(known) if known.exists else Seen())
            transaction.set(document, {"version": version, **msgspec.to_builtins(seen)})

        firestore.transact(work)


def _reference(place: Place, version: int) -> Any:
    return model_reference(place).collection(SERVING).document(str(version))


def _read(snapshot: Any) -> Seen:
    return msgspec.convert(snapshot.to_dict(), Seen)
