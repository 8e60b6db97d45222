"""Counts beside predictions: `monitors/{version}/counts/{uid}-{hour}` in Firestore; in memory."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access import workspaces
from functions.kit.contract.telemetry.predictions import Counts
from functions.monitoring.model.windows.hour_counts import HourCounts
from functions.monitoring.model.windows.monitor import MONITORS, place_of
from functions.monitoring.model.windows.window import LENGTHS, Monitored

COUNTS = "counts"
HOUR, BODY = "hour", "body"
"""The fields: the hour since 1970, and what came in it as JSON, into which nobody looks."""
_Key = tuple[Monitored, str, int]


class FirestoreCounts:
    """The CallCounts that are documents."""

    def add(self, of: Monitored, uid: str, minute: int, event: str, counts: Counts) -> None:
        """See CallCounts."""
        hour = minute // LENGTHS["hour"]
        place = _collection(of).document(f"{uid}-{hour}")

        def work(transaction: Any) -> None:
            found = place.get(transaction=transaction, **PATIENCE)
            before = _read(found) if found.exists else HourCounts()
            after = before.plus(minute, event, counts)
            if after is not before:
                body = msgspec.json.encode(after).decode()
                transaction.set(place, {HOUR: hour, BODY: body})

        firestore.transact(work)

    @translated()
    def minutes(self, of: Monitored, uid: str, minutes: Collection[int]) -> dict[int, Counts]:
        """See CallCounts."""
        hours = sorted({one // LENGTHS["hour"] for one in minutes})
        if not hours:
            return {}
        places = [_collection(of).document(f"{uid}-{hour}") for hour in hours]
        found = firestore.client().get_all(places, **PATIENCE)
        return _of_minutes((_read(one) for one in found if one.exists), minutes)

    @translated()
    def drop(self, of: Monitored, before: int) -> None:
        """See CallCounts."""
        until = google_firestore.FieldFilter(HOUR, "<", before // LENGTHS["hour"])
        for one in _collection(of).where(filter=until).select([]).stream(**PATIENCE):
            one.reference.delete(**PATIENCE)

    @translated()
    def drop_others(self, of: Monitored, uid: str) -> None:
        """See CallCounts."""
        for one in _collection(of).select([]).stream(**PATIENCE):
            if one.id.rpartition("-")[0] != uid:
                one.reference.delete(**PATIENCE)


class MemoryCounts:
    """CallCounts of one process, for tests without Firestore."""

    def __init__(self) -> None:
        self._kept: dict[_Key, HourCounts] = {}

    def add(self, of: Monitored, uid: str, minute: int, event: str, counts: Counts) -> None:
        """See CallCounts."""
        key = (of, uid, minute // LENGTHS["hour"])
        self._kept[key] = self._kept.get(key, HourCounts()).plus(minute, event, counts)

    def minutes(self, of: Monitored, uid: str, minutes: Collection[int]) -> dict[int, Counts]:
        """See CallCounts."""
        found = [one for key, one in self._kept.items() if key[:2] == (of, uid)]
        return _of_minutes(found, minutes)

    def drop(self, of: Monitored, before: int) -> None:
        """See CallCounts."""
        until = before // LENGTHS["hour"]
        self._keep(lambda key: key[0] != of or key[2] >= until)

    def drop_others(self, of: Monitored, uid: str) -> None:
        """See CallCounts."""
        self._keep(lambda key: key[0] != of or key[1] == uid)

    def _keep(self, is_kept: Callable[[_Key], bool]) -> None:
        self._kept = {key: one for key, one in self._kept.items() if is_kept(key)}


def _of_minutes(found: Iterable[HourCounts], minutes: Collection[int]) -> dict[int, Counts]:
    wanted = {*minutes}
    each = ((int(key), counts) for one in found for key, counts in one.minutes.items())
    return {minute: counts for minute, counts in each if minute in wanted}


def _collection(of: Monitored) -> Any:
    place = place_of(of)
    monitors = firestore.client().collection(workspaces.path(place.workspace, MONITORS))
    return monitors.document(place.name).collection(COUNTS)


def _read(found: Any) -> HourCounts:
    return msgspec.json.decode(found.get(BODY), type=HourCounts)
