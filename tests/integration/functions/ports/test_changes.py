"""The log of changes: the double in memory and Firestore keep the same promises."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

import pytest

from functions.datasets.adapters.firestore.changes import ChangeLog as FirestoreChanges
from functions.datasets.adapters.firestore.datasets import Store
from functions.datasets.adapters.firestore.records import RecordStore as FirestoreRecords
from functions.datasets.adapters.memory.changes import MemoryChanges
from functions.datasets.adapters.memory.datasets import MemoryDatabase, MemoryDatasets
from functions.datasets.adapters.memory.records import MemoryRecords
from functions.datasets.model.changing import changes
from functions.datasets.model.changing.changes import (
    Edit,
    LoggedChange,
    Part,
    SchemaState,
    parts_of,
)
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.ports import DatasetStore, RecordStore
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.manual_clock import START
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.records.columns import Column
from tests.support.in_memory.datasets import dataset


class Stores(NamedTuple):
    datasets: DatasetStore
    records: RecordStore
    log: ChangeLog

    def write(self, place: Place, *parts: Part) -> None:
        def work(change: object) -> None:
            for part in parts:
                change.log(part)  # type: ignore[attr-defined] # a Change

        self.datasets.change(place, work)

    def parts(self, place: Place, after: int = 0, upto: int = 99) -> list[Part]:
        return list(self.log.parts(place, after, upto))


@pytest.fixture(params=["memory", "firestore"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        database = MemoryDatabase(MemorySteps("datasets", SystemClock()))
        return Stores(MemoryDatasets(database), MemoryRecords(database), MemoryChanges(database))
    request.getfixturevalue("emulators")
    steps = FirestoreSteps("datasets", SystemClock())
    return Stores(Store(steps), FirestoreRecords(steps), FirestoreChanges())


@pytest.fixture(params=[MAIN, "w-of-changes"])
def place(request: pytest.FixtureRequest, stores: Stores) -> Place:
    place = Place(request.param, f"c{uuid4().hex[:12]}")
    stores.datasets.create(dataset(place))
    return place


def head(revision: int, **fields: object) -> LoggedChange:
    usual: dict[str, object] = {"at": START, "by": "ann", "kind": "update", "summary": "One"}
    return LoggedChange(revision=revision, **usual | fields)  # type: ignore[arg-type] # a test's own fields


def one(revision: int, *edits: Edit) -> Part:
    [part] = parts_of(head(revision, records=len(edits)), edits)
    return part


VALUES = {"f": 1.0, "i": 2**62, "b": True, "t": "ä\n", "m": None, "d": START}


def test_parts_come_back_as_they_were_oldest_first(stores: Stores, place: Place) -> None:
    schemas = tuple(SchemaState(name, [Column("n", "number", True, 0.0)]) for name in "ab")
    written = [
        one(2, Edit("000000001", 2, VALUES, None)),
        one(3, Edit("000000002", 1, None, VALUES), Edit("000000004", 2, {"n": 1}, {"n": 2})),
        Part(change=head(4, kind="import", records=5), rows=(5, 9)),
        Part(change=head(5, kind="schema"), schema=(schemas[0], schemas[1])),
        Part(change=head(10, undoes=3)),
    ]
    stores.write(place, *reversed(written))
    assert stores.parts(place) == written
    read = stores.parts(place)[0].edits[0].before
    assert isinstance(read, dict)
    assert [type(value) for value in read.values()] == [type(value) for value in VALUES.values()]
    assert stores.parts(place, 2, 4) == written[1:3]
    assert [stores.log.part(place, part.id) for part in written] == written


def test_many_parts_of_one_change_keep_their_order(
    stores: Stores, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "PART_RECORDS", 1)
    edits = [Edit(f"{row:09d}", 2, {"n": row}, None) for row in range(25)]
    parts = parts_of(head(2), edits)
    stores.write(place, *parts)
    assert stores.parts(place) == parts
    assert [part.number for part in parts] == list(range(25))


def test_an_edit_too_large_for_a_document_is_in_two_halves(stores: Stores, place: Place) -> None:
    large = Edit("000000001", 2, {"t": "ä" * 450_000}, {"t": "b" * 900_000})
    small = Edit("000000002", 2, {"t": "a"}, {"t": "b"})
    parts = parts_of(head(2), [small, large, small])
    assert len(parts) > 1
    stores.write(place, *parts)
    read = stores.parts(place)
    assert read == parts
    assert list(changes.whole(read)) == [small, large, small]


def test_changes_are_listed_once_each_newest_first(stores: Stores, place: Place) -> None:
    def listed(limit: int, before: int | None = None) -> list[int]:
        return [change.revision for change in stores.log.page(place, limit, before)]

    stores.write(place, *(one(revision) for revision in (2, 3, 4)))
    stores.write(place, Part(change=head(5), number=1))
    assert listed(9) == [4, 3, 2]
    assert (listed(2), listed(2, 3), listed(2, 2)) == ([4, 3], [2], [])
    assert stores.log.page(place, 1, None) == [one(4).change]
    assert stores.log.change(place, 3) == one(3).change
    assert stores.log.change(place, 7) is None


def test_a_record_s_parts_are_found(stores: Stores, place: Place) -> None:
    def of(record: str) -> Sequence[str]:
        return stores.log.of_record(place, record)

    rows = Part(change=head(2, kind="import"), rows=(3, 5))
    edits = [Edit(record, 2, {"n": 1}, {"n": 2}) for record in ("000000004", "000000001")]
    stores.write(place, rows, one(3, *edits), one(7, edits[0]))
    assert of("000000004") == [rows.id, one(3).id, one(7).id]
    assert of("000000001") == [one(3).id]
    assert [of(record) for record in ("000000002", "000000006", "none")] == [[], [], []]
    assert [of(record) for record in ("000000003", "000000005")] == [[rows.id], [rows.id]]


def test_a_batch_writes_its_part_of_the_log(stores: Stores, place: Place) -> None:
    version = stores.datasets.find(place).version
    part = one(2, Edit("000000001", 2, None, {"n": 1}))
    stores.records.import_batch(place, [], {"revision": 2}, version, [part])
    assert stores.parts(place) == [part]


def test_the_log_goes_with_the_dataset(stores: Stores, place: Place) -> None:
    stores.write(place, one(2), one(3))
    version = stores.datasets.find(place).version
    later = START + dt.timedelta(seconds=1)
    count, _ = stores.records.remove_batch(place, later, version)
    assert (count, stores.parts(place)) == (2, [])


def test_the_log_of_what_is_not_there_is_empty(stores: Stores, place: Place) -> None:
    beside = Place(place.workspace, "nobody-of-this-name")
    assert (stores.parts(beside), stores.log.page(beside, 5, None)) == ([], [])
    assert stores.log.of_record(beside, "000000001") == []
