"""Datasets and their records: the doubles in memory and Firestore keep the same promises."""

import datetime as dt
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from functions.datasets.adapters.firestore.datasets import Store
from functions.datasets.adapters.firestore.imports import ImportStore as FirestoreImports
from functions.datasets.adapters.firestore.records import RecordStore as FirestoreRecords
from functions.datasets.adapters.memory.datasets import MemoryDatabase, MemoryDatasets
from functions.datasets.adapters.memory.imports import MemoryImports
from functions.datasets.adapters.memory.records import MemoryRecords
from functions.datasets.model import limits
from functions.datasets.model.changing.change_views import logged
from functions.datasets.model.changing.changes import Edit, Part
from functions.datasets.model.changing.changing import Changing, Task, to_fields
from functions.datasets.model.dataset import Record, Snapshot, to_document
from functions.datasets.model.due import step_in
from functions.datasets.model.imports.asked import Asked, Source
from functions.datasets.model.imports.imports import Report, StoredImport, step_of
from functions.datasets.model.made import Made
from functions.datasets.model.queries.filters import Condition
from functions.datasets.service.imports.ports import ImportStore
from functions.datasets.service.ports import (
    Change,
    DatasetStore,
    Forgotten,
    Overtaken,
    RecordStore,
    Seen,
)
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.manual_clock import START
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Flaw, NotFound
from functions.kit.contract.ports import StepStore
from functions.kit.contract.records.columns import Column
from tests.support.in_memory.datasets import dataset

OTHER = "w-of-the-ports"


class Stores(NamedTuple):
    datasets: DatasetStore
    records: RecordStore
    steps: StepStore
    imports: ImportStore

    def fill(self, place: Place, *rows: dict[str, Any], **fields: Any) -> Any:
        """Make a dataset with some records; return its version."""
        self.datasets.create(dataset(place, **{"last_row": len(rows), **fields}))
        writes = self.records.to_writes(place, enumerate(rows, 1))
        seen = self.datasets.find(place)
        return self.records.import_batch(place, writes, {"rows_done": len(rows)}, seen.version)

    def values(self, place: Place, **options: Any) -> list[dict[str, Any]]:
        return [record.values for record in self.records.read(place, **options)]


@pytest.fixture(params=["memory", "firestore"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        database = MemoryDatabase(MemorySteps("datasets", SystemClock()))
        stores = MemoryDatasets(database), MemoryRecords(database)
        return Stores(*stores, database.steps, MemoryImports(database))
    request.getfixturevalue("emulators")
    steps = FirestoreSteps("datasets", SystemClock())
    return Stores(Store(steps), FirestoreRecords(steps), steps, FirestoreImports())


@pytest.fixture(params=[MAIN, OTHER])
def place(request: pytest.FixtureRequest) -> Place:
    """An id that no other test uses, in a workspace."""
    return Place(request.param, f"p{uuid4().hex[:12]}")


def beside(place: Place, more: str = "-other") -> Place:
    """Return another place of the same workspace."""
    return Place(place.workspace, place.name + more)


def snapshot(place: Place, revision: int = 1) -> Snapshot:
    columns = [Column("n", "integer")]
    path = f"snapshots/{place.name}/{revision}.parquet"
    return Snapshot(place.name, revision, path, 2, columns, "s")


def test_a_moment_that_is_too_long_ago_is_forgotten(emulators: Any, place: Place) -> None:
    records = FirestoreRecords(FirestoreSteps("datasets", SystemClock()))
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    with pytest.raises(Forgotten):
        list(records.read(place, moment=moment))
    with pytest.raises(Forgotten):
        records.get(place, "000000001", moment)


# Datasets


def test_a_dataset_is_found_as_it_was_made(stores: Stores, place: Place) -> None:
    made = dataset(place, failure="no disk", recast=["n"], columns=[Column("n", "number", True, 0)])
    assert stores.datasets.create(made) is None
    assert stores.datasets.find(place).dataset == made
    assert stores.datasets.find_shown(place).dataset == made


def test_of_two_of_one_id_the_first_stays(stores: Stores, place: Place) -> None:
    first = dataset(place, sha256="first")
    stores.datasets.create(first)
    assert stores.datasets.create(dataset(place, sha256="second")) == first
    assert stores.datasets.find(place).dataset == first


@pytest.mark.parametrize("name", ["nobody-of-this-name", "__a__", "..", "x" * 2000])
@pytest.mark.parametrize("workspace", [MAIN, OTHER])
def test_what_is_not_there_is_named(stores: Stores, workspace: str, name: str) -> None:
    odd = Place(workspace, name)
    for call in (
        lambda: stores.datasets.find(odd),
        lambda: stores.datasets.find_shown(odd),
        lambda: stores.datasets.change(odd, lambda change: change.dataset),
    ):
        with pytest.raises(NotFound, match=rf"^There is no dataset '{name}'\.$"):
            call()


def test_a_change_is_written_whole(stores: Stores, place: Place) -> None:
    stores.fill(place, {"n": 1}, {"n": 2})

    def work(change: Change) -> str:
        change.dataset.revision += 1
        change.put(Record("000000003", 1, {"n": 3}))
        change.remove("000000001")
        change.put_snapshot(snapshot(place))
        return change.dataset.name

    assert stores.datasets.change(place, work) == place.name
    assert stores.datasets.find(place).dataset.revision == 2
    assert stores.values(place) == [{"n": 2}, {"n": 3}]
    assert stores.datasets.find_snapshot(place, 1) == snapshot(place)


def test_a_change_that_fails_writes_nothing(stores: Stores, place: Place) -> None:
    stores.fill(place, {"n": 1})
    before = stores.datasets.find(place)

    def work(change: Change) -> None:
        change.dataset.revision += 1
        change.remove("000000001")
        raise Conflict("not now")

    with pytest.raises(Conflict, match="not now"):
        stores.datasets.change(place, work)
    after = stores.datasets.find(place)
    assert (after.dataset, after.version) == (before.dataset, before.version)
    assert stores.values(place) == [{"n": 1}]


def test_a_change_sees_what_is_stored(stores: Stores, place: Place) -> None:
    stores.fill(place, {"n": 1})
    read = stores.datasets.change(place, lambda change: change.record("000000001"))
    assert read == Record("000000001", 1, {"n": 1})
    assert stores.datasets.change(place, lambda change: change.snapshot(1)) is None
    for odd in ("000000002", "__a__"):
        with pytest.raises(NotFound, match="There is no record"):
            stores.datasets.change(place, lambda change, odd=odd: change.record(odd))  # type: ignore[misc] # bound early


def test_changes_at_once_are_all_counted(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place, last_row=0))

    def count(change: Change) -> None:
        change.dataset.last_row += 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: stores.datasets.change(place, count), range(12)))
    assert stores.datasets.find(place).dataset.last_row == 12


def test_one_that_is_being_deleted_is_there_for_steps_alone(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place, state="deleting"))
    assert stores.datasets.find(place).dataset.state == "deleting"
    assert place.name not in [one.id for one in stores.datasets.page(place.workspace, 1000, None)]
    with pytest.raises(NotFound):
        stores.datasets.find_shown(place)
    with pytest.raises(NotFound):
        stores.datasets.change(place, lambda change: change.dataset)


def test_pages_are_in_the_order_of_ids(stores: Stores, place: Place) -> None:
    for letter in "cab":
        stores.datasets.create(dataset(beside(place, letter)))
    found = stores.datasets.page(place.workspace, 2, place.name)
    assert [one.id for one in found] == [f"{place.name}a", f"{place.name}b"]
    assert stores.datasets.page(place.workspace, 1, f"{place.name}b")[0].id == f"{place.name}c"
    stores.datasets.create(dataset(beside(place, "d"), state="deleting"))
    outlines = stores.datasets.outlines(place.workspace, 2, place.name)
    assert [(one.id, one.name, one.state, one.rows, one.updated_at) for one in outlines] == [
        (one.id, one.name, one.state, one.rows, one.updated_at) for one in found
    ]
    several = [beside(place, letter) for letter in "bxda"]
    assert stores.datasets.several(several) == [found[1], found[0]]


def test_files_are_known_by_the_datasets_that_name_them(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place))
    files = [f"imports/{place.name}.csv", "imports/other.csv"]
    assert stores.datasets.naming(place.workspace, files) == {f"imports/{place.name}.csv"}
    assert stores.datasets.naming(place.workspace, []) == set()


def test_snapshots_are_known_by_revision(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place))
    for revision in (1, 2):
        made = snapshot(place, revision)
        stores.datasets.change(place, lambda change, made=made: change.put_snapshot(made))  # type: ignore[misc] # bound early
    assert stores.datasets.find_snapshot(place, 2) == snapshot(place, 2)
    assert stores.datasets.find_snapshot(place, 3) is None
    assert sorted(stores.datasets.snapshot_paths(place)) == [
        f"snapshots/{place.name}/1.parquet",
        f"snapshots/{place.name}/2.parquet",
    ]
    assert stores.datasets.snapshot_paths(beside(place)) == []


def test_a_removal_is_of_the_version_that_was_seen(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place))
    old = stores.datasets.find(place)
    stores.datasets.change(place, lambda change: change.put_snapshot(snapshot(place)))
    stores.datasets.change(place, lambda change: setattr(change.dataset, "revision", 9))
    with pytest.raises(Overtaken):
        stores.datasets.remove(place, old.version)
    stores.datasets.remove(place, stores.datasets.find(place).version)
    with pytest.raises(NotFound):
        stores.datasets.find(place)
    assert stores.datasets.snapshot_paths(place) == []
    with pytest.raises(Overtaken):
        stores.datasets.remove(place, old.version)


# Records


def test_records_are_read_in_the_order_of_their_ids(stores: Stores, place: Place) -> None:
    stores.fill(place, *({"n": row} for row in range(7)))
    assert [one["n"] for one in stores.values(place, page=3)] == list(range(7))
    assert [one["n"] for one in stores.values(place, after="000000005", page=1)] == [5, 6]
    assert stores.values(beside(place)) == []


def test_values_come_back_as_they_were(stores: Stores, place: Place) -> None:
    row = {"f": 1.5, "i": 2**62, "b": True, "t": "ä\n", "d": START, "m": None}
    stores.fill(place, row)
    assert stores.values(place) == [row]
    assert stores.records.get(place, "000000001") == Record("000000001", 1, row)


def test_a_record_that_is_not_there(stores: Stores, place: Place) -> None:
    stores.fill(place, {"n": 1})
    assert stores.records.get(place, "000000002") is None
    assert stores.records.get(beside(place), "000000001") is None
    with pytest.raises(NotFound, match="There is no record"):
        stores.records.get(place, "__a__")


def equals(column: str, value: Any) -> list[Condition]:
    return [Condition(Column(column, "text"), "==", value)]


def test_equality_is_of_value_and_kind(stores: Stores, place: Place) -> None:
    rows: list[Any] = [1, 1.0, True, "1", None, 2]
    stores.fill(place, *({"x": value, "at": at} for at, value in enumerate(rows)))

    def found(value: Any) -> list[int]:
        return [one["at"] for one in stores.values(place, equal=equals("x", value))]

    assert [found(value) for value in (1, True, "1", None, 3)] == [[0, 1], [2], [3], [4], []]
    both = [*equals("x", 1), *equals("at", 1)]
    assert [one["at"] for one in stores.values(place, equal=both)] == [1]
    assert stores.values(place, equal=equals("y", None)) == []


def test_a_reader_sees_one_moment(stores: Stores, place: Place) -> None:
    stores.fill(place, *({"n": row} for row in range(4)))
    seen = stores.datasets.find(place)
    reading = stores.records.read(place, moment=seen.moment, page=1)
    first = next(reading)
    stores.datasets.change(place, lambda change: change.remove("000000003"))
    stores.datasets.change(place, lambda change: change.put(Record("000000004", 2, {"n": -1})))
    assert [record.values["n"] for record in (first, *reading)] == [0, 1, 2, 3]
    assert [one["n"] for one in stores.values(place)] == [0, 1, -1]


def test_an_import_goes_on_from_what_it_saw(stores: Stores, place: Place) -> None:
    version = stores.fill(place, {"n": 1})
    more = stores.records.to_writes(place, [(2, {"n": 2})])
    newer = stores.records.import_batch(place, more, {"rows_done": 2, "offset": 9}, version)
    with pytest.raises(Overtaken):
        stores.records.import_batch(place, [], {"rows_done": 7}, version)
    seen: Seen = stores.datasets.find(place)
    assert (seen.dataset.rows_done, seen.dataset.offset, seen.version) == (2, 9, newer)
    with pytest.raises(Overtaken):
        stores.records.import_batch(beside(place), [], {"rows_done": 7}, version)
    assert stores.values(place) == [{"n": 1}, {"n": 2}]


def test_records_are_removed_in_batches(stores: Stores, place: Place) -> None:
    version = stores.fill(place, *({"n": row} for row in range(limits.BATCH)))
    more = stores.records.to_writes(place, [(1000, {"n": 1000})])
    version = stores.records.import_batch(place, more, {"rows_done": 500}, version)
    now = START + dt.timedelta(seconds=1)
    count, newer = stores.records.remove_batch(place, now, version)
    with pytest.raises(Overtaken):
        stores.records.remove_batch(place, now, version)
    rest, last = stores.records.remove_batch(place, now + dt.timedelta(seconds=1), newer)
    assert (count, rest, stores.records.remove_batch(place, now, last)[0]) == (limits.BATCH, 1, 0)
    assert stores.values(place) == []


def test_a_write_that_changes_nothing_of_the_dataset_leaves_its_version(
    stores: Stores, place: Place
) -> None:
    version = stores.fill(place, {"n": 1})
    more = stores.records.to_writes(place, [(2, {"n": 2})])
    assert stores.records.import_batch(place, more, {"rows_done": 1}, version) == version
    stores.datasets.change(place, lambda change: change.remove("000000001"))
    assert stores.datasets.find(place).version == version
    assert stores.values(place) == [{"n": 2}]


def test_some_records_are_had_by_their_ids_as_of_a_moment(stores: Stores, place: Place) -> None:
    stores.fill(place, {"n": 1}, {"n": 2}, {"n": 3})
    moment = stores.datasets.find(place).moment
    stores.datasets.change(place, lambda change: change.put(Record("000000002", 2, {"n": 9})))
    for far in ("000000007", "000900000", "none"):
        check_many(stores, place, moment, ["000000003", "000000002", far])
    assert stores.records.many(place, []) == {}


def check_many(stores: Stores, place: Place, moment: Any, ids: list[str]) -> None:
    old, new = (stores.records.many(place, ids, at) for at in (moment, None))
    assert old == {row: Record(row, 1, {"n": int(row)}) for row in ids[:2]}
    assert new["000000002"] == Record("000000002", 2, {"n": 9})
    assert stores.records.get(place, "000000002", moment) == old["000000002"]


def begin(stores: Stores, place: Place) -> None:
    """Begin a change of many records; readers read as of now from here on."""
    moment = stores.datasets.find(place).moment
    task = Task(kind="bulk", filters=["n>1"], values={"d": START})
    changing = Changing(revision=2, by="ann", task=task, moment=moment)
    stores.datasets.change(place, lambda change: setattr(change.dataset, "change", changing))


def test_readers_are_kept_at_the_moment_before_a_change(stores: Stores, place: Place) -> None:
    stores.fill(place, {"n": 1}, {"n": 2})
    begin(stores, place)
    assert stores.steps.find([step_in(place, "changing")]) != [None]
    seen = stores.datasets.find(place)
    changing = seen.dataset.under_way
    assert changing is not None
    assert changing.task.values == {"d": START}
    edits = [Edit("000000001", 2, {"n": 1}, {"n": 7}), Edit("000000002", 1, {"n": 2}, None)]
    part = Part(change=logged(changing, START), number=1, edits=edits)
    changing.advance("000000002", 2, 2)
    fields = {"change": to_fields(changing)}
    version = stores.records.edit_batch(place, edits, fields, seen.version, [part])
    with pytest.raises(Overtaken):
        stores.records.edit_batch(place, [], {"rows": 1}, seen.version)
    assert stores.values(place) == [{"n": 7}]
    again = stores.datasets.find(place)
    assert stores.values(place, moment=again.moment) == [{"n": 1}, {"n": 2}]
    stores.records.edit_batch(place, [], {"change": None, "revision": 2}, version, is_over=True)
    assert stores.steps.find([step_in(place, "changing")]) == [None]
    after = stores.datasets.find(place)
    assert (after.dataset.change, after.dataset.revision) == (None, 2)
    assert stores.values(place, moment=after.moment) == [{"n": 7}]


def due(stores: Stores, place: Place) -> list[str]:
    """Return the states of a dataset whose step is due."""
    return [
        state
        for state in ("importing", "deleting")
        if stores.steps.find([step_in(place, state)]) != [None]
    ]


def become(state: Any) -> Any:
    def work(change: Change) -> None:
        change.dataset.state = state

    return work


def test_the_step_that_is_due_is_written_and_dropped_with_the_state(
    stores: Stores, place: Place
) -> None:
    version = stores.fill(place, {"n": 1}, {"n": 2}, state="importing")
    assert due(stores, place) == ["importing"]
    stores.records.import_batch(place, [], {"state": "ready"}, version)
    assert due(stores, place) == []
    stores.datasets.change(place, become("importing"))
    assert due(stores, place) == ["importing"]
    stores.datasets.change(place, become("failed"))
    assert due(stores, place) == []
    stores.datasets.change(place, become("importing"))
    stores.datasets.change(place, become("deleting"))
    assert due(stores, place) == ["deleting"]
    stores.datasets.remove(place, stores.datasets.find(place).version)
    assert due(stores, place) == []


def test_a_step_that_is_not_kept_is_restored(stores: Stores, place: Place) -> None:
    stores.fill(place, state="importing")
    forget(stores.steps, place)
    assert due(stores, place) == []
    assert stores.datasets.restore_steps(place).id == place.name
    assert due(stores, place) == ["importing"]
    stores.datasets.change(place, become("ready"))
    assert stores.datasets.restore_steps(place).state == "ready"
    assert due(stores, place) == []
    with pytest.raises(NotFound):
        stores.datasets.restore_steps(beside(place))


def forget(steps: StepStore, place: Place) -> None:
    """Remove the import's step as no part of ours does."""
    step = step_in(place, "importing")
    if isinstance(steps, MemorySteps):
        steps.drop([step])
    if isinstance(steps, FirestoreSteps):
        steps.reference(step).delete()


# Workspaces


def test_of_two_of_one_name_neither_knows_of_the_other(stores: Stores, place: Place) -> None:
    there = Place(f"w{uuid4().hex[:12]}", place.name)
    stores.fill(place, {"n": 1}, owner="ann", file="imports/here.csv", state="importing")
    with pytest.raises(NotFound):
        stores.datasets.find(there)
    assert stores.datasets.page(there.workspace, 1000, None) == []
    assert stores.values(there) == []
    stores.fill(there, {"n": 7}, {"n": 8}, owner="bob", file="imports/there.csv")
    stores.datasets.change(place, lambda change: change.put_snapshot(snapshot(place)))
    stores.datasets.change(place, lambda change: setattr(change.dataset, "name", "mine"))

    found = stores.datasets.find(there).dataset
    assert (found.place, found.owner, found.name) == (there, "bob", place.name)
    assert stores.values(there) == [{"n": 7}, {"n": 8}]
    assert stores.datasets.find_snapshot(there, 1) is None
    both = ["imports/here.csv", "imports/there.csv"]
    assert stores.datasets.naming(there.workspace, both) == {"imports/there.csv"}
    assert (due(stores, place), due(stores, there)) == (["importing"], [])
    _, version = stores.records.remove_batch(there, START, stores.datasets.find(there).version)
    stores.datasets.remove(there, version)
    assert stores.datasets.find(place).dataset.owner == "ann"
    assert (stores.values(place), due(stores, place)) == ([{"n": 1}], ["importing"])


def test_a_document_older_than_workspaces_is_the_owner_s_in_main(emulators: object) -> None:
    name = f"p{uuid4().hex[:12]}"
    old = to_document(dataset(Place(MAIN, name), state="importing"))
    del old["owner"]
    firestore.client().collection("datasets").document(name).set(old)
    step = {"path": f"/datasets/{name}/import", "look_at": START, "holder": "", "until": None}
    firestore.client().document(f"steps/datasets/due/datasets:{name}:import").set(step)

    steps = FirestoreSteps("datasets", SystemClock())
    store, records = Store(steps), FirestoreRecords(steps)
    found = store.find(Place(MAIN, name))
    assert (found.dataset.owner, found.dataset.workspace) == ("owner", MAIN)
    assert steps.find([step_in(Place(MAIN, name), "importing")]) != [None]
    records.import_batch(Place(MAIN, name), [], {"state": "ready"}, found.version)
    assert steps.find([step_in(Place(MAIN, name), "importing")]) == [None]


# Requests that are repeated


def made(place: Place, request: str, digest: str = "d") -> Made:
    return Made(f"{place.name}-{request}", place.name, digest)


def test_a_key_is_for_one_upload_for_as_long_as_there_is_the_dataset(
    stores: Stores, place: Place
) -> None:
    first = dataset(place)
    assert stores.datasets.create(first, made(place, "k")) is None
    assert stores.datasets.create(dataset(place), made(place, "k")) == first
    elsewhere = beside(place)
    with pytest.raises(Conflict, match="another request"):
        stores.datasets.create(dataset(elsewhere), Made(made(place, "k").request, "x", "d"))
    with pytest.raises(Conflict, match="another request"):
        stores.datasets.create(dataset(place), made(place, "k", "other"))
    with pytest.raises(NotFound):
        stores.datasets.find(elsewhere)

    stores.datasets.remove(place, stores.datasets.find(place).version)
    assert stores.datasets.create(dataset(elsewhere), made(place, "k", "other")) is None


def test_a_key_is_noted_where_the_content_is_there_already(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place))
    assert stores.datasets.create(dataset(place, sha256="other"), made(place, "in-vain"))
    assert stores.datasets.create(dataset(place), made(place, "k"))
    with pytest.raises(Conflict):
        stores.datasets.create(dataset(beside(place)), made(place, "k", "other"))
    assert stores.datasets.create(dataset(beside(place)), made(place, "in-vain", "other")) is None


def test_one_that_is_being_deleted_takes_no_key(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place, state="deleting"))
    assert stores.datasets.create(dataset(place), made(place, "k"))
    assert stores.datasets.create(dataset(beside(place)), made(place, "k", "other")) is None


def test_which_record_a_request_made_is_noted_and_goes_with_the_dataset(
    stores: Stores, place: Place
) -> None:
    stores.fill(place, {"n": 1})
    known = made(place, "k")

    def note(change: Change) -> Made | None:
        before = change.made(known.request)
        if before is None:
            change.note(known)
        return before

    assert [stores.datasets.change(place, note) for _ in range(2)] == [None, known]
    seen = stores.datasets.find(place).version
    count, seen = stores.records.remove_batch(place, START, seen)
    assert (count, stores.records.remove_batch(place, START, seen)[0]) == (2, 0)
    assert stores.datasets.change(place, lambda change: change.made(known.request)) is None


def test_notes_are_removed_in_batches_behind_the_records(
    stores: Stores, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BATCH", 2)
    seen = stores.fill(place, {"n": 1}, {"n": 2}, {"n": 3})
    for request in "ab":
        one = made(place, request)
        stores.datasets.change(place, lambda change, one=one: change.note(one))  # type: ignore[misc] # bound early
    counts = []
    for _ in range(4):
        count, seen = stores.records.remove_batch(place, START, seen)
        counts.append(count)
    assert counts == [2, 2, 1, 0]


# Imports into a dataset that is there


def test_what_an_import_wrote_is_taken_back_by_its_log(stores: Stores, place: Place) -> None:
    version = stores.fill(place, {"n": 1}, {"n": 2})
    before = stores.datasets.find(place)
    changing = Changing(
        revision=2, by="eve", task=Task(kind="import", target=1), moment=before.moment
    )
    edits = [
        Edit("000000001", 2, {"n": 1}, {"n": 10}),
        Edit("000000002", 1, {"n": 2}, None),
    ]
    part = Part(change=logged(changing, START), number=1, edits=edits, rows=(3, 4))
    new = stores.records.to_writes(place, [(3, {"n": 3}), (4, {"n": 4})])
    progress = {"change": to_fields(changing)}
    newer = stores.records.edit_batch(place, edits, progress, version, [part], new=new)
    during = stores.datasets.find(place)
    assert stores.values(place, moment=during.moment) == [{"n": 1}, {"n": 2}]
    assert stores.records.get(place, "000000003", during.moment) is None
    assert stores.values(place) == [{"n": 10}, {"n": 3}, {"n": 4}]
    assert during.dataset.work == "bringing"
    with pytest.raises(Conflict, match="being changed by import 1"):
        during.dataset.check_free()
    with pytest.raises(Overtaken):
        stores.records.take_back(place, part, {"updated_at": START}, version)
    stores.records.take_back(place, part, {"change": None}, newer)
    found = list(stores.records.read(place))
    assert found == [Record("000000001", 1, {"n": 1}), Record("000000002", 1, {"n": 2})]
    # Its log is gone, too: the next change of this revision has a place for its own.
    seen = stores.datasets.find(place)
    stores.records.edit_batch(place, [], {"offset": 2}, seen.version, [part])


def an_import(place: Place, number: int, **fields: Any) -> StoredImport:
    return StoredImport(
        id=str(number),
        number=number,
        workspace=place.workspace,
        dataset=place.name,
        asked=Asked(mode="append"),
        source=Source("file", "a.csv"),
        by="owner",
        created_at=START,
        updated_at=START,
        file=f"raw/{number}",
        **{"state": "checking", **fields},
    )


def test_an_import_is_due_until_it_has_ended(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place))
    report = Report(1, 2, flaws=[Flaw("no", 1, "n", "x")])
    for number in (1, 2, 10):
        one = an_import(place, number, report=report)
        stores.datasets.change(place, lambda change, one=one: change.put_import(one))  # type: ignore[misc] # bound early
    assert stores.imports.find(place, "2") == an_import(place, 2, report=report)
    assert [one.id for one in stores.imports.page(place, 2, None)] == ["10", "2"]
    assert [one.id for one in stores.imports.page(place, 2, 2)] == ["1"]
    assert stores.imports.naming(place, ["raw/2", "raw/3"]) == {"raw/2"}
    step = step_of(place, "2")
    assert stores.steps.find([step]) != [None]

    def end(change: Change) -> None:
        found = change.find_import("2")
        found.turn("done", START)
        change.put_import(found)

    stores.datasets.change(place, end)
    assert stores.steps.find([step, step_of(place, "1")])[0] is None
    with pytest.raises(NotFound):
        stores.imports.find(place, "3")
    with pytest.raises(NotFound):
        stores.imports.find(place, "a/b")


def test_imports_go_with_their_dataset(stores: Stores, place: Place) -> None:
    stores.datasets.create(dataset(place))
    stores.datasets.change(place, lambda change: change.put_import(an_import(place, 1)))
    seen = stores.datasets.find(place)
    _, version = stores.records.remove_batch(place, START, seen.version)
    stores.datasets.remove(place, version)
    assert stores.steps.find([step_of(place, "1")]) == [None]
    stores.datasets.create(dataset(place))
    assert stores.imports.page(place, 9, None) == []


@pytest.fixture
def _restless() -> Iterator[None]:
    """Have threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_restless")
def test_a_thread_that_reads_beside_commits_sees_one_state(stores: Stores, place: Place) -> None:
    """Writers read ahead in a thread while they commit: a dataset is never away for a moment."""
    version = stores.fill(place, *[{"n": n} for n in range(4)])

    def commit() -> None:
        seen = version
        for number in range(200):
            seen = stores.records.edit_batch(place, [], {"offset": 100 + number}, seen)

    with ThreadPoolExecutor(1) as thread:
        committing = thread.submit(commit)
        found = [stores.values(place)]
        while not committing.done():
            found.append(stores.values(place))
            assert stores.datasets.find(place).dataset.rows_done == 4
            assert [one.id for one in stores.datasets.page(place.workspace, 1, None)]
        committing.result()
    assert all(values == [{"n": n} for n in range(4)] for values in found)
