"""Counts beside predictions, in Firestore and in memory.

`monitors/{version}/counts/{minute}:{sender}:{uid}`: each is written by what one replica tells of a
minute, twelve times at most, so no document is written by all of them, or grows with their number.
Those of an earlier release are `{uid}-{hour}`; they are read until they are old.
"""

import hashlib
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access import workspaces
from functions.kit.contract.telemetry.predictions import Counts, sender_of
from functions.monitoring.model.windows.hour_counts import HourCounts
from functions.monitoring.model.windows.monitor import MONITORS, place_of
from functions.monitoring.model.windows.window import LENGTHS, Monitored

COUNTS = "counts"
HOUR, MINUTE, BODY = "hour", "minute", "body"
"""The fields: since 1970, and what came as JSON, into which nobody looks."""
_Key = tuple[Monitored, str, int]
_MOST_NAMED, _MOST_REMOVED = 30, 400
"""Values that a query may name, and documents that are removed at once."""


class FirestoreCounts:
    """The CallCounts that are documents."""

    def add(self, of: Monitored, uid: str, minute: int, event: str, counts: Counts) -> None:
        """See CallCounts."""
        place = _collection(of).document(f"{minute}:{_sender(event)}:{uid}")

        def work(transaction: Any) -> None:
            found = place.get(transaction=transaction, **PATIENCE)
            before = _read(found) if found.exists else HourCounts()
            after = before.plus(minute, event, counts)
            if after is not before:
                body = msgspec.json.encode(after).decode()
                hour = minute // LENGTHS["hour"]
                transaction.set(place, {HOUR: hour, MINUTE: minute, BODY: body})

        firestore.transact(work)

    @translated()
    def minutes(self, of: Monitored, uid: str, minutes: Collection[int]) -> dict[int, Counts]:
        """See CallCounts."""
        return _of_minutes(map(_read, _of_uid(of, uid, minutes)), minutes)

    @translated()
    def drop(self, of: Monitored, before: int) -> None:
        """See CallCounts."""
        until = google_firestore.FieldFilter(HOUR, "<", before // LENGTHS["hour"])
        _remove(_collection(of).where(filter=until).select([]).stream(**PATIENCE))

    @translated()
    def drop_others(self, of: Monitored, uid: str) -> None:
        """See CallCounts."""
        found = _collection(of).select([]).stream(**PATIENCE)
        _remove(one for one in found if _uid(one.id) != uid)


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


def _of_uid(of: Monitored, uid: str, minutes: Collection[int]) -> Iterator[Any]:
    """Yield the documents that may have counts of some minutes of a model."""
    hours = sorted({one // LENGTHS["hour"] for one in minutes})
    if not hours:
        return
    collection = _collection(of)
    older = [collection.document(f"{uid}-{hour}") for hour in hours]
    yield from (one for one in firestore.client().get_all(older, **PATIENCE) if one.exists)
    for some in _parts(sorted(minutes), _MOST_NAMED):
        of_these = google_firestore.FieldFilter(MINUTE, "in", some)
        found = collection.where(filter=of_these).stream(**PATIENCE)
        yield from (one for one in found if _uid(one.id) == uid)


def _remove(found: Iterable[Any]) -> None:
    for some in _parts(found, _MOST_REMOVED):
        batch = firestore.client().batch()
        for one in some:
            batch.delete(one.reference)
        batch.commit(**PATIENCE)


def _parts(found: Iterable[Any], most: int) -> Iterator[list[Any]]:
    rest = iter(found)
    while some := list(itertools.islice(rest, most)):
        yield some


def _sender(event: str) -> str:
    """Return who told an event, as a part of a document's name: an id may be anything."""
    return hashlib.sha256(sender_of(event).encode()).hexdigest()[:16]


def _uid(name: str) -> str:
    """Return whose a document is."""
    return name.split(":", 2)[2] if ":" in name else name.rpartition("-")[0]


def _of_minutes(found: Iterable[HourCounts], minutes: Collection[int]) -> dict[int, Counts]:
    wanted, total = {*minutes}, dict[int, Counts]()
    for one in found:
        for key, counts in one.minutes.items():
            if (minute := int(key)) in wanted:
                total[minute] = total.get(minute, Counts()).plus(counts)
    return total


def _collection(of: Monitored) -> Any:
    place = place_of(of)
    monitors = firestore.client().collection(workspaces.path(place.workspace, MONITORS))
    return monitors.document(place.name).collection(COUNTS)


def _read(found: Any) -> HourCounts:
    return msgspec.json.decode(found.get(BODY), type=HourCounts)
