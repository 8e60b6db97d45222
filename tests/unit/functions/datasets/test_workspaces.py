"""Two workspaces with datasets of one name: neither does anything to the other's."""

import pytest

from functions.datasets.model.dataset import DatasetPatch
from functions.datasets.model.due import step_in
from functions.datasets.model.made import Origin
from functions.datasets.model.queries.query import Asked
from functions.kit.contract.access.identity import Subject
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import NotFound
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.contract.requests.pages import cursor_after
from tests.support.in_memory.datasets import A, House, anyone

OTHER = "other"
B = Place(OTHER, "a")
DAY = 25 * 3600


@pytest.fixture
def house() -> House:
    """One dataset `a` in each of two workspaces."""
    house = House()
    house.load("n\n1\n", A)
    house.load("n\n2\n3\n", B)
    return house


def test_a_name_that_another_workspace_has_is_free(house: House) -> None:
    assert (house.values(A), house.values(B)) == ([{"n": 1}], [{"n": 2}, {"n": 3}])
    assert house.upload("n\n1\n", A).rows == 1
    assert house.files == {}


def test_steps_say_in_which_workspace_they_work() -> None:
    assert step_in(A, "importing").path == "/datasets/a/import"
    assert step_in(B, "deleting").path == "/workspaces/other/datasets/a/remove"


def test_a_dataset_is_its_maker_s(house: House) -> None:
    made = house.datasets.create(Origin(OTHER, "ann"), "b", iter([b"n\n1\n"]))
    again = house.datasets.create(Origin(OTHER, "bob"), "b", iter([b"n\n1\n"]))
    assert (made.workspace, made.owner, again.owner) == (OTHER, "ann", "ann")
    assert made.shown().owner == "ann"
    assert made.file.startswith("workspaces/other/imports/")


def test_changes_and_removals_leave_the_other_alone(house: House) -> None:
    before = house.datasets.get(A)
    house.records.create(B, b'{"n": 4}')
    house.records.amend(B, "000000001", b'{"n": 9}', anyone)
    house.datasets.patch(B, DatasetPatch(name="mine"), anyone)
    house.snapshots.make(B)
    house.datasets.delete(B, anyone)
    assert (house.datasets.get(A), house.values(A), house.files) == (
        before,
        [{"n": 1}],
        {},
    )
    with pytest.raises(NotFound, match=r"^There is no dataset 'a'.$"):
        house.datasets.get(B)


def test_records_and_files_of_the_other_are_not_given(house: House) -> None:
    with pytest.raises(NotFound, match=r"^There is no record '000000002'.$"):
        house.records.get(A, "000000002")
    assert [one.values["n"] for one in house.lists.page(B, ListQuery(), Asked()).items] == [2, 3]
    assert b"".join(house.exports.open(B, "csv", Asked()).content) == b"n\r\n2\r\n3\r\n"
    made, there = house.snapshots.make(A)[0], house.snapshots.make(B)[0]
    assert (made.rows, there.rows) == (1, 2)
    assert made.path.startswith("snapshots/a/")
    assert there.path.startswith("workspaces/other/snapshots/a/")


def test_a_list_is_of_one_workspace(house: House) -> None:
    house.load("n\n1\n", Place(OTHER, "b"))
    listed = [
        [one.place for one in house.datasets.page(workspace, ListQuery()).items]
        for workspace in (MAIN, OTHER, "third")
    ]
    assert listed == [[A], [B, Place(OTHER, "b")], []]
    first = house.datasets.page(OTHER, ListQuery(limit=1))
    last = house.datasets.page(OTHER, ListQuery(limit=1, cursor=first.next))
    assert ([one.id for one in last.items], last.next) == (["b"], None)


def test_a_key_for_one_thing_lists_that_alone(house: House) -> None:
    for name in ("b", "c"):
        house.load("n\n1\n", Place(OTHER, name))

    def listed(only: Subject, after: str | None = None) -> list[str]:
        query = ListQuery(limit=1, cursor=after and cursor_after(after))
        page = house.datasets.page(OTHER, query, only)
        assert page.next is None
        return [one.id for one in page.items]

    only = Subject("dataset", "b")
    assert [listed(only), listed(only, "a"), listed(only, "b")] == [["b"], ["b"], []]
    assert listed(Subject("dataset", "nobody")) == []
    assert listed(Subject("model", "b")) == []
    house.datasets.delete(Place(OTHER, "b"), anyone)
    assert listed(only) == []


def test_resume_is_of_one_workspace(house: House) -> None:
    place = Place(OTHER, "late")
    house.upload("n\n1\n", place)
    house.queue.messages.clear()
    with pytest.raises(NotFound):
        house.datasets.resume(Place(MAIN, "late"))
    house.datasets.resume(place)
    house.deliver()
    assert house.datasets.get(place).state == "ready"


@pytest.mark.parametrize("sweeper", [A, B])
def test_a_sweep_is_of_one_workspace(sweeper: Place) -> None:
    house = House()
    mine, there = "imports/dead.csv", "workspaces/other/imports/dead.csv"
    for path in (mine, there, "workspaces/third/imports/dead.csv", "snapshots/a/dead.parquet"):
        house.bucket.write(path, b"x", "text/csv")
    waiting = house.upload("n\n1\n", Place(OTHER, "waiting"))
    house.queue.messages.clear()
    house.clock.advance(DAY)

    house.load("n\n1\n", sweeper)

    swept = {mine, there, "workspaces/third/imports/dead.csv", "snapshots/a/dead.parquet"} - {
        mine if sweeper == A else there
    }
    assert set(house.files) == {waiting.file, *swept}


def test_snapshots_of_the_other_are_not_swept(house: House) -> None:
    theirs = house.snapshots.make(B)[0]
    house.bucket.write("snapshots/a/dead.parquet", b"x", "x/x")
    house.clock.advance(DAY)
    mine = house.snapshots.make(A)[0]
    assert set(house.files) == {mine.path, theirs.path}
