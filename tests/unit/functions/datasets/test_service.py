"""The rules of uploads, imports, edits and removals, over stores of this process."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.datasets.adapters.memory.datasets import MemoryDatasets
from functions.datasets.model.dataset import DatasetPatch, Outline, Stored
from functions.datasets.model.made import Made
from functions.datasets.service import resumable_steps
from functions.datasets.service.files.importing import Importer
from functions.datasets.service.ports import Change
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Invalid, NoRoom, NotFound, Stale
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.contract.steps import GRACE, LEASE
from tests.support.in_memory.datasets import A, House, anyone, dataset

TABLE = "n,t\n1,x\n2,y\n3,\n"
ROWS = [{"n": 1, "t": "x"}, {"n": 2, "t": "y"}, {"n": 3, "t": None}]


@pytest.fixture
def house() -> House:
    return House()


def never(_: int) -> bool:
    """Stand for a caller who saw an older version."""
    return False


def test_a_file_becomes_records(house: House) -> None:
    made = house.upload(TABLE, Place(MAIN, "Café"))
    assert (made.id, made.state, made.rows, made.rows_done) == ("cafe", "importing", 3, 0)
    assert [step.path for step in house.queue.messages] == ["/datasets/cafe/import"]

    assert house.deliver() == 1

    ready = house.datasets.get(Place(MAIN, "cafe"))
    assert (ready.state, ready.rows_done, ready.revision, ready.last_row) == ("ready", 3, 1, 3)
    assert house.values(Place(MAIN, "cafe")) == ROWS
    assert house.files == {}


def test_a_list_is_searched_by_outlines_and_gives_whole_datasets(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("north", TABLE), ("south", "n\n1\n"), ("southeast", "n\n1\n2\n")):
        house.upload(text, Place(MAIN, name))
    house.deliver()
    whole = house.datasets.page(MAIN, ListQuery()).items
    by_columns = house.datasets.page(MAIN, ListQuery(sort="-columns", limit=1))
    assert by_columns.items == [whole[0]]
    kept = {one.id: one for one in whole}
    outlines = [msgspec.convert(one, Outline, from_attributes=True) for one in whole]
    monkeypatch.delattr(MemoryDatasets, "page")  # whole ones are not looked through
    monkeypatch.setattr(house.store, "outlines", lambda *_: outlines, raising=False)
    monkeypatch.setattr(house.store, "several", lambda places: [kept[one.name] for one in places])

    first = house.datasets.page(MAIN, ListQuery(q="SOUTH", sort="-rows", count=True, limit=1))
    assert (first.items, first.count) == ([kept["southeast"]], 2)
    rest = ListQuery(q="SOUTH", sort="-rows", count=True, limit=1, cursor=first.next)
    assert house.datasets.page(MAIN, rest).items == [kept["south"]]
    with pytest.raises(AttributeError, match="page"):
        house.datasets.page(MAIN, ListQuery(sort="columns"))


def test_a_file_with_flaws_leaves_nothing(house: House) -> None:
    with pytest.raises(Invalid, match="nothing is kept"):
        house.upload("n,t\n1\n")
    assert house.files == {}
    assert house.datasets.page(MAIN, ListQuery()).items == []


def test_a_file_that_finds_no_room_leaves_no_dataset(house: House) -> None:
    house.bucket.is_full = True
    with pytest.raises(NoRoom):
        house.upload(TABLE)
    assert house.datasets.page(MAIN, ListQuery()).items == []


def test_a_queue_that_is_away_costs_only_time(house: House) -> None:
    house.queue.is_open = False
    assert house.upload(TABLE).state == "importing"
    house.queue.is_open = True

    house.clock.advance(GRACE.total_seconds())
    house.datasets.get(A)  # whoever reads it looks after it
    house.deliver()

    assert house.values() == ROWS
    assert house.files == {}


def test_an_upload_whose_step_was_lost_is_taken_up_by_the_same_file(house: House) -> None:
    house.upload(TABLE)
    house.queue.messages.clear()

    house.upload(TABLE)
    house.deliver()

    assert house.values() == ROWS
    assert house.files == {}


def test_resume_queues_an_import_at_once(house: House) -> None:
    house.upload(TABLE)
    house.queue.messages.clear()

    assert house.datasets.resume(A).state == "importing"
    house.deliver()

    assert house.datasets.resume(A).state == "ready"
    assert not house.queue.messages
    with pytest.raises(NotFound):
        house.datasets.resume(Place(MAIN, "b"))


def test_the_same_file_again_is_the_same_dataset(house: House) -> None:
    first = house.load(TABLE)
    assert house.upload(TABLE) == first
    assert (len(house.queue.messages), house.files) == (0, {})


def test_a_name_that_is_taken_by_other_content(house: House) -> None:
    house.load(TABLE)
    with pytest.raises(Conflict, match="with other content"):
        house.upload("n\n9\n")
    assert (house.values(), house.files) == (ROWS, {})


def test_the_same_file_takes_a_failed_import_up(house: House) -> None:
    lost = house.upload(TABLE)
    house.bucket.delete(lost.file)
    house.deliver()
    assert house.datasets.get(A).state == "failed"

    again = house.upload(TABLE)
    house.deliver()

    assert (again.state, again.failure) == ("importing", None)
    assert (house.datasets.get(A).state, house.values()) == ("ready", ROWS)


def test_a_dataset_that_another_upload_has_healed_stays_as_it_is(house: House) -> None:
    healed = house.load(TABLE)
    seen = replace(healed, state="failed")

    class Slow(MemoryDatasets):
        def create(self, dataset: Stored, made: Made | None = None) -> Stored | None:
            return seen  # as it was before the other upload

    house.datasets._store = Slow(house.database)
    assert house.upload(TABLE) == healed
    assert house.files == {}


def test_a_step_goes_on_for_a_while_and_queues_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 1)
    monkeypatch.setattr(Importer, "seconds", 6.0)
    house.clock._tick = 1.0
    house.upload("n\n" + "".join(f"{row}\n" for row in range(20)))

    steps = house.deliver()

    assert 1 < steps <= 20
    assert [row["n"] for row in house.values()] == list(range(20))


def test_a_step_that_was_held_up_leaves_it_to_who_took_it_since(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.upload(TABLE)
    genuine = house.rows.import_batch

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(house.rows, "import_batch", genuine)
        house.clock.advance(LEASE.total_seconds())
        house.importer.step(A)
        return genuine(*arguments)

    monkeypatch.setattr(house.rows, "import_batch", late)
    house.deliver()

    assert (house.datasets.get(A).revision, house.values()) == (1, ROWS)


def test_a_step_that_somebody_is_at_is_left_to_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.upload(TABLE)
    genuine = house.rows.import_batch

    def twice(*arguments: Any) -> Any:
        monkeypatch.setattr(house.rows, "import_batch", genuine)
        house.importer.step(A)  # the same message again
        assert house.values() == []
        return genuine(*arguments)

    monkeypatch.setattr(house.rows, "import_batch", twice)
    house.deliver()

    assert (house.datasets.get(A).revision, house.values()) == (1, ROWS)


def test_a_full_store_is_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.upload(TABLE)
    house.database.is_full = True
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        house.database.is_full = len(pauses) < 3

    monkeypatch.setattr(house.clock, "sleep", sleep)
    house.deliver()

    assert pauses == [resumable_steps.FULL_PAUSE] * 3
    assert house.values() == ROWS


def test_a_store_that_stays_full_gets_another_step(house: House) -> None:
    house.upload(TABLE)
    house.queue.messages.clear()
    house.database.is_full = True

    house.importer.step(A)

    assert [step.path for step in house.queue.messages] == ["/datasets/a/import"]
    assert house.datasets.get(A).rows_done == 0


def test_a_late_step_does_nothing(house: House) -> None:
    ready = house.load(TABLE)
    house.importer.step(A)
    house.importer.step(Place(MAIN, "nobody"))
    assert house.datasets.get(A) == ready


def test_what_a_dead_upload_left_goes_with_a_later_import(house: House) -> None:
    house.bucket.write("imports/dead.csv", b"x", "text/csv")
    house.clock.advance(25 * 3600)
    house.bucket.write("imports/young.csv", b"x", "text/csv")
    house.load(TABLE)
    assert set(house.files) == {"imports/young.csv"}


def test_a_removed_dataset_is_gone_with_all_that_it_had(house: House) -> None:
    house.load(TABLE)
    house.snapshots.make(A)
    with pytest.raises(Stale):
        house.datasets.delete(A, never)

    house.datasets.delete(A, anyone)

    assert (house.values(), house.files) == ([], {})
    with pytest.raises(NotFound):
        house.datasets.get(A)


def test_a_removal_that_broke_off_hides_the_dataset_and_is_taken_up(house: House) -> None:
    house.load(TABLE)
    seen = house.store.find(A)
    house.rows.import_batch(A, [], {"state": "deleting"}, seen.version)

    assert house.datasets.page(MAIN, ListQuery()).items == []
    with pytest.raises(Conflict, match="is being deleted"):
        house.upload(TABLE)

    assert house.values() == []
    assert house.upload(TABLE).state == "importing"


def test_lists_go_on_where_they_ended(house: House) -> None:
    for name in "cab":
        house.store.create(dataset(Place(MAIN, name)))
    first = house.datasets.page(MAIN, ListQuery(limit=2))
    last = house.datasets.page(MAIN, ListQuery(limit=2, cursor=first.next))
    assert [[one.id for one in page.items] for page in (first, last)] == [["a", "b"], ["c"]]
    assert last.next is None


def test_an_edit_is_checked_against_the_rows(house: House) -> None:
    house.load(TABLE)
    whole = DatasetPatch(columns=[Column("t", "text", required=True)])
    with pytest.raises(Invalid, match="do not fit"):
        house.datasets.patch(A, whole, anyone)
    with pytest.raises(Stale):
        house.datasets.patch(A, DatasetPatch(name="b"), never)

    edited = house.datasets.patch(A, DatasetPatch(name="B"), anyone)

    assert (edited.name, edited.revision) == ("B", 2)


def test_an_edit_whose_rows_change_meanwhile_is_checked_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.load("n\n1\n2\n")
    narrow = DatasetPatch(columns=[Column("n", "integer", maximum=2)])
    genuine = house.store.change

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(house.store, "change", genuine)
        house.records.create(A, b'{"n": 3}')
        return genuine(*arguments)

    monkeypatch.setattr(house.store, "change", late)
    with pytest.raises(Invalid, match="more than the maximum 2"):
        house.datasets.patch(A, narrow, anyone)


def test_rows_that_keep_changing_are_a_conflict(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.load("n\n1\n")
    genuine = house.store.change

    def late(*arguments: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(house.store, "change", genuine)
            house.records.create(A, b'{"n": 1}')
        return genuine(*arguments)

    monkeypatch.setattr(house.store, "change", late)
    with pytest.raises(Conflict, match="keep changing"):
        house.datasets.patch(A, DatasetPatch(name="b"), anyone)


def test_an_import_from_before_readings_were_kept_ends_as_it_began(house: House) -> None:
    made = house.upload("n,t\n1,NA\n2,\n")

    def forget(change: Change) -> None:
        change.dataset.reading = None
        change.dataset.columns[1].kind = "category"

    house.store.change(A, forget)
    house.deliver()
    assert house.datasets.get(made.place).state == "ready"
    assert house.values() == [{"n": 1, "t": "NA"}, {"n": 2, "t": None}]
