"""Datasets and their records: the doubles in memory and Firestore keep the same promises."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from functions.datasets.adapters.firestore_datasets import Store
from functions.datasets.adapters.firestore_records import RecordStore as FirestoreRecords
from functions.datasets.adapters.memory_datasets import MemoryDatabase, MemoryDatasets
from functions.datasets.adapters.memory_records import MemoryRecords
from functions.datasets.model import limits
from functions.datasets.model.dataset import Record, Snapshot
from functions.datasets.model.due import step_in
from functions.datasets.model.filters import Condition
from functions.datasets.service.ports import Change, DatasetStore, Overtaken, RecordStore, Seen
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.manual_clock import START
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.columns import Column
from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.contract.ports import StepStore
from tests.support.datasets import dataset

NOBODY = "nobody-of-this-name"


class Stores(NamedTuple):
    datasets: DatasetStore
    records: RecordStore
    steps: StepStore

    def fill(self, dataset_id: str, *rows: dict[str, Any], **fields: Any) -> Any:
        """Make a dataset with some records; return its version."""
        self.datasets.create(dataset(dataset_id, **fields))
        writes = self.records.to_writes(dataset_id, enumerate(rows, 1))
        seen = self.datasets.find(dataset_id)
        return self.records.import_batch(dataset_id, writes, {"rows_done": len(rows)}, seen.version)

    def values(self, dataset_id: str, **options: Any) -> list[dict[str, Any]]:
        return [record.values for record in self.records.read(dataset_id, **options)]


@pytest.fixture(params=["memory", "firestore"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        database = MemoryDatabase(MemorySteps("datasets", SystemClock()))
        return Stores(MemoryDatasets(database), MemoryRecords(database), database.steps)
    request.getfixturevalue("emulators")
    steps = FirestoreSteps("datasets", SystemClock())
    return Stores(Store(steps), FirestoreRecords(steps), steps)


@pytest.fixture
def name() -> str:
    """An id that no other test uses."""
    return f"p{uuid4().hex[:12]}"


def snapshot(name: str, revision: int = 1) -> Snapshot:
    columns = [Column("n", "integer")]
    return Snapshot(name, revision, f"snapshots/{name}/{revision}.parquet", 2, columns, "s")


# Datasets


def test_a_dataset_is_found_as_it_was_made(stores: Stores, name: str) -> None:
    made = dataset(name, failure="no disk", recast=["n"], columns=[Column("n", "number", True, 0)])
    assert stores.datasets.create(made) is None
    assert stores.datasets.find(name).dataset == made
    assert stores.datasets.find_shown(name).dataset == made


def test_of_two_of_one_id_the_first_stays(stores: Stores, name: str) -> None:
    first = dataset(name, sha256="first")
    stores.datasets.create(first)
    assert stores.datasets.create(dataset(name, sha256="second")) == first
    assert stores.datasets.find(name).dataset == first


@pytest.mark.parametrize("odd", [NOBODY, "__a__", "..", "x" * 2000])
def test_what_is_not_there_is_named(stores: Stores, odd: str) -> None:
    for call in (
        lambda: stores.datasets.find(odd),
        lambda: stores.datasets.find_shown(odd),
        lambda: stores.datasets.change(odd, lambda change: change.dataset),
    ):
        with pytest.raises(NotFound, match="There is no dataset"):
            call()


def test_a_change_is_written_whole(stores: Stores, name: str) -> None:
    stores.fill(name, {"n": 1}, {"n": 2})

    def work(change: Change) -> str:
        change.dataset.revision += 1
        change.put(Record("000000003", 1, {"n": 3}))
        change.remove("000000001")
        change.put_snapshot(snapshot(name))
        return change.dataset.name

    assert stores.datasets.change(name, work) == name
    assert stores.datasets.find(name).dataset.revision == 2
    assert stores.values(name) == [{"n": 2}, {"n": 3}]
    assert stores.datasets.find_snapshot(name, 1) == snapshot(name)


def test_a_change_that_fails_writes_nothing(stores: Stores, name: str) -> None:
    stores.fill(name, {"n": 1})
    before = stores.datasets.find(name)

    def work(change: Change) -> None:
        change.dataset.revision += 1
        change.remove("000000001")
        raise Conflict("not now")

    with pytest.raises(Conflict, match="not now"):
        stores.datasets.change(name, work)
    after = stores.datasets.find(name)
    assert (after.dataset, after.version) == (before.dataset, before.version)
    assert stores.values(name) == [{"n": 1}]


def test_a_change_sees_what_is_stored(stores: Stores, name: str) -> None:
    stores.fill(name, {"n": 1})
    read = stores.datasets.change(name, lambda change: change.record("000000001"))
    assert read == Record("000000001", 1, {"n": 1})
    assert stores.datasets.change(name, lambda change: change.snapshot(1)) is None
    for odd in ("000000002", "__a__"):
        with pytest.raises(NotFound, match="There is no record"):
            stores.datasets.change(name, lambda change, odd=odd: change.record(odd))  # type: ignore[misc] # bound early


def test_changes_at_once_are_all_counted(stores: Stores, name: str) -> None:
    stores.datasets.create(dataset(name, last_row=0))

    def count(change: Change) -> None:
        change.dataset.last_row += 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: stores.datasets.change(name, count), range(12)))
    assert stores.datasets.find(name).dataset.last_row == 12


def test_one_that_is_being_deleted_is_there_for_steps_alone(stores: Stores, name: str) -> None:
    stores.datasets.create(dataset(name, state="deleting"))
    assert stores.datasets.find(name).dataset.state == "deleting"
    assert name not in [one.id for one in stores.datasets.page(1000, None)]
    with pytest.raises(NotFound):
        stores.datasets.find_shown(name)
    with pytest.raises(NotFound):
        stores.datasets.change(name, lambda change: change.dataset)


def test_pages_are_in_the_order_of_ids(stores: Stores, name: str) -> None:
    for letter in "cab":
        stores.datasets.create(dataset(f"{name}{letter}"))
    found = stores.datasets.page(2, f"{name}")
    assert [one.id for one in found] == [f"{name}a", f"{name}b"]
    assert stores.datasets.page(1, f"{name}b")[0].id == f"{name}c"


def test_files_are_known_by_the_datasets_that_name_them(stores: Stores, name: str) -> None:
    stores.datasets.create(dataset(name))
    assert stores.datasets.naming([f"imports/{name}.csv", "imports/other.csv"]) == {
        f"imports/{name}.csv"
    }
    assert stores.datasets.naming([]) == set()


def test_snapshots_are_known_by_revision(stores: Stores, name: str) -> None:
    stores.datasets.create(dataset(name))
    for revision in (1, 2):
        made = snapshot(name, revision)
        stores.datasets.change(name, lambda change, made=made: change.put_snapshot(made))  # type: ignore[misc] # bound early
    assert stores.datasets.find_snapshot(name, 2) == snapshot(name, 2)
    assert stores.datasets.find_snapshot(name, 3) is None
    assert sorted(stores.datasets.snapshot_paths(name)) == [
        f"snapshots/{name}/1.parquet",
        f"snapshots/{name}/2.parquet",
    ]
    assert stores.datasets.snapshot_paths(NOBODY) == []


def test_a_removal_is_of_the_version_that_was_seen(stores: Stores, name: str) -> None:
    stores.datasets.create(dataset(name))
    old = stores.datasets.find(name)
    stores.datasets.change(name, lambda change: change.put_snapshot(snapshot(name)))
    stores.datasets.change(name, lambda change: setattr(change.dataset, "revision", 9))
    with pytest.raises(Overtaken):
        stores.datasets.remove(name, old.version)
    stores.datasets.remove(name, stores.datasets.find(name).version)
    with pytest.raises(NotFound):
        stores.datasets.find(name)
    assert stores.datasets.snapshot_paths(name) == []
    with pytest.raises(Overtaken):
        stores.datasets.remove(name, old.version)


# Records


def test_records_are_read_in_the_order_of_their_ids(stores: Stores, name: str) -> None:
    stores.fill(name, *({"n": row} for row in range(7)))
    assert [one["n"] for one in stores.values(name, page=3)] == list(range(7))
    assert [one["n"] for one in stores.values(name, after="000000005", page=1)] == [5, 6]
    assert stores.values(NOBODY) == []


def test_values_come_back_as_they_were(stores: Stores, name: str) -> None:
    row = {"f": 1.5, "i": 2**62, "b": True, "t": "ä\n", "d": START, "m": None}
    stores.fill(name, row)
    assert stores.values(name) == [row]
    assert stores.records.get(name, "000000001") == Record("000000001", 1, row)


def test_a_record_that_is_not_there(stores: Stores, name: str) -> None:
    stores.fill(name, {"n": 1})
    assert stores.records.get(name, "000000002") is None
    assert stores.records.get(NOBODY, "000000001") is None
    with pytest.raises(NotFound, match="There is no record"):
        stores.records.get(name, "__a__")


def equals(column: str, value: Any) -> list[Condition]:
    return [Condition(Column(column, "text"), "==", value)]


def test_equality_is_of_value_and_kind(stores: Stores, name: str) -> None:
    rows: list[Any] = [1, 1.0, True, "1", None, 2]
    stores.fill(name, *({"x": value, "place": place} for place, value in enumerate(rows)))

    def found(value: Any) -> list[int]:
        return [one["place"] for one in stores.values(name, equal=equals("x", value))]

    assert [found(value) for value in (1, True, "1", None, 3)] == [[0, 1], [2], [3], [4], []]
    both = [*equals("x", 1), *equals("place", 1)]
    assert [one["place"] for one in stores.values(name, equal=both)] == [1]
    assert stores.values(name, equal=equals("y", None)) == []


def test_a_reader_sees_one_moment(stores: Stores, name: str) -> None:
    stores.fill(name, *({"n": row} for row in range(4)))
    seen = stores.datasets.find(name)
    reading = stores.records.read(name, moment=seen.moment, page=1)
    first = next(reading)
    stores.datasets.change(name, lambda change: change.remove("000000003"))
    stores.datasets.change(name, lambda change: change.put(Record("000000004", 2, {"n": -1})))
    assert [record.values["n"] for record in (first, *reading)] == [0, 1, 2, 3]
    assert [one["n"] for one in stores.values(name)] == [0, 1, -1]


def test_an_import_goes_on_from_what_it_saw(stores: Stores, name: str) -> None:
    version = stores.fill(name, {"n": 1})
    more = stores.records.to_writes(name, [(2, {"n": 2})])
    newer = stores.records.import_batch(name, more, {"rows_done": 2, "offset": 9}, version)
    with pytest.raises(Overtaken):
        stores.records.import_batch(name, [], {"rows_done": 7}, version)
    seen: Seen = stores.datasets.find(name)
    assert (seen.dataset.rows_done, seen.dataset.offset, seen.version) == (2, 9, newer)
    with pytest.raises(Overtaken):
        stores.records.import_batch(NOBODY, [], {"rows_done": 7}, version)
    assert stores.values(name) == [{"n": 1}, {"n": 2}]


def test_records_are_removed_in_batches(stores: Stores, name: str) -> None:
    version = stores.fill(name, *({"n": row} for row in range(limits.BATCH)))
    more = stores.records.to_writes(name, [(1000, {"n": 1000})])
    version = stores.records.import_batch(name, more, {"rows_done": 500}, version)
    now = START + dt.timedelta(seconds=1)
    count, newer = stores.records.remove_batch(name, now, version)
    with pytest.raises(Overtaken):
        stores.records.remove_batch(name, now, version)
    rest, last = stores.records.remove_batch(name, now + dt.timedelta(seconds=1), newer)
    assert (count, rest, stores.records.remove_batch(name, now, last)[0]) == (limits.BATCH, 1, 0)
    assert stores.values(name) == []


def test_a_write_that_changes_nothing_of_the_dataset_leaves_its_version(
    stores: Stores, name: str
) -> None:
    version = stores.fill(name, {"n": 1})
    more = stores.records.to_writes(name, [(2, {"n": 2})])
    assert stores.records.import_batch(name, more, {"rows_done": 1}, version) == version
    stores.datasets.change(name, lambda change: change.remove("000000001"))
    assert stores.datasets.find(name).version == version
    assert stores.values(name) == [{"n": 2}]


def due(stores: Stores, name: str) -> list[str]:
    """Return the states of a dataset whose step is due."""
    return [
        state
        for state in ("importing", "deleting")
        if stores.steps.find([step_in(name, state)]) != [None]
    ]


def become(state: Any) -> Any:
    def work(change: Change) -> None:
        change.dataset.state = state

    return work


def test_the_step_that_is_due_is_written_and_dropped_with_the_state(
    stores: Stores, name: str
) -> None:
    version = stores.fill(name, {"n": 1}, {"n": 2}, state="importing")
    assert due(stores, name) == ["importing"]
    stores.records.import_batch(name, [], {"state": "ready"}, version)
    assert due(stores, name) == []
    stores.datasets.change(name, become("importing"))
    assert due(stores, name) == ["importing"]
    stores.datasets.change(name, become("failed"))
    assert due(stores, name) == []
    stores.datasets.change(name, become("importing"))
    stores.datasets.change(name, become("deleting"))
    assert due(stores, name) == ["deleting"]
    stores.datasets.remove(name, stores.datasets.find(name).version)
    assert due(stores, name) == []


def test_a_step_that_is_not_kept_is_restored(stores: Stores, name: str) -> None:
    stores.fill(name, state="importing")
    forget(stores.steps, name)
    assert due(stores, name) == []
    assert stores.datasets.restore_steps(name).id == name
    assert due(stores, name) == ["importing"]
    stores.datasets.change(name, become("ready"))
    assert stores.datasets.restore_steps(name).state == "ready"
    assert due(stores, name) == []
    with pytest.raises(NotFound):
        stores.datasets.restore_steps(f"{name}-other")


def forget(steps: StepStore, name: str) -> None:
    """Remove the import's step as no part of ours does."""
    step = step_in(name, "importing")
    if isinstance(steps, MemorySteps):
        steps.drop([step])
    if isinstance(steps, FirestoreSteps):
        steps.reference(step).delete()
