"""Channels in Firestore: `channels/{id}`; and how often they were tested, `channel_tests/{owner}`.

An owner is an account, whatever the workspace.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name
from functions.monitoring.model.alerts.channels import MOST_CHANNELS, Channel
from functions.monitoring.model.alerts.testing import Lately

CHANNELS, TESTS = "channels", "channel_tests"


class FirestoreChannels:
    """The Channels that are documents."""

    def create(self, channel: Channel) -> bool:
        """See Channels."""

        def work(transaction: Any) -> bool:
            reference = _reference(channel.place)
            if reference.get(transaction=transaction, **PATIENCE).exists:
                return False
            transaction.create(reference, msgspec.structs.asdict(channel))
            return True

        return firestore.transact(work)

    @translated()
    def find(self, place: Place) -> Channel | None:
        """See Channels."""
        found = _reference(place).get(**PATIENCE)
        return _read(found) if found.exists else None

    @translated()
    def all(self, workspace: str) -> list[Channel]:
        """See Channels."""
        query = _collection(workspace).limit(2 * MOST_CHANNELS)
        return [_read(one) for one in query.stream(**PATIENCE)]

    def change(self, place: Place, change: Callable[[Channel], Channel | None]) -> Channel:
        """See Channels."""

        def work(transaction: Any) -> Channel:
            found = _reference(place).get(transaction=transaction, **PATIENCE)
            if not found.exists:
                raise not_found("channel", place.name)
            before = _read(found)
            after = change(before)
            if after is None:
                transaction.delete(_reference(place))
                return before
            transaction.set(_reference(place), msgspec.structs.asdict(after))
            return after

        return firestore.transact(work)

    def count_tests(self, owner: str, change: Callable[[Lately], Lately]) -> None:
        """See Channels."""
        reference = firestore.client().collection(TESTS).document(owner)

        def work(transaction: Any) -> None:
            found = reference.get(transaction=transaction, **PATIENCE)
            plain = firestore.plain(found.to_dict()) if found.exists else {}
            after = change(msgspec.convert(plain, Lately))
            kept = msgspec.to_builtins(after, builtin_types=(dt.datetime,))
            transaction.set(reference, kept)

        firestore.transact(work)


def _collection(workspace: str) -> Any:
    return firestore.client().collection(workspaces.path(workspace, CHANNELS))


def _reference(place: Place) -> Any:
    if not is_name(place.name):  # Firestore would call it an error of ours
        raise not_found("channel", place.name)
    return _collection(place.workspace).document(place.name)


def _read(found: Any) -> Channel:
    return msgspec.convert(firestore.plain(found.to_dict()), Channel)
