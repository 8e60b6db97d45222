"""The rules of records, snapshots and exports, over stores of this process."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from pyarrow import parquet

from functions.datasets.model.queries.query import Asked
from functions.datasets.service.read_model.current import Incomplete
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, Invalid, NotFound, Stale, Unreadable
from functions.kit.contract.requests.pages import PageQuery
from tests.support.in_memory.datasets import A, House, anyone, dataset

B = Place(MAIN, "b")
ALL = Asked()
TABLE = "n,t\n1,x\n2,y\n3,\n"


@pytest.fixture
def house() -> House:
    house = House()
    house.load(TABLE)
    return house


def test_a_record_is_made_changed_and_removed(house: House) -> None:
    made = house.records.create(A, b'{"n": 4}')
    assert (made.id, made.version, made.values) == ("000000004", 1, {"n": 4, "t": None})
    amended = house.records.amend(A, made.id, b'{"t": "z"}', anyone)
    assert (amended.version, amended.values) == (2, {"n": 4, "t": "z"})
    replaced = house.records.replace(A, made.id, b'{"n": 5}', anyone)
    assert (replaced.version, replaced.values) == (3, {"n": 5, "t": None})
    found = house.records.get(A, made.id)
    assert (found.version, found.values) == (3, {"n": 5, "t": None})
    house.records.delete(A, made.id, anyone)
    with pytest.raises(NotFound):
        house.records.get(A, made.id)
    changed = house.datasets.get(A)
    assert (changed.revision, changed.rows, changed.rows_done, changed.last_row) == (5, 3, 3, 4)


def test_an_id_is_not_given_out_again(house: House) -> None:
    house.records.delete(A, "000000003", anyone)
    assert house.records.create(A, b'{"n": 4}').id == "000000004"


def saw(*versions: int) -> Callable[[int], bool]:
    return lambda version: version in versions


@pytest.mark.parametrize("change", ["replace", "amend", "delete"])
def test_a_change_of_an_older_version_is_refused(house: House, change: str) -> None:
    house.records.amend(A, "000000001", b'{"n": 9}', saw(1))
    body: list[Any] = [] if change == "delete" else [b'{"n": 8}']
    with pytest.raises(Stale, match="Record '000000001' is at version 2 by now"):
        getattr(house.records, change)(A, "000000001", *body, saw(1))
    assert house.records.get(A, "000000001").values["n"] == 9
    assert house.datasets.get(A).revision == 2


def test_a_bad_record_changes_nothing(house: House) -> None:
    with pytest.raises(Invalid):
        house.records.create(A, b'{"n": "x"}')
    with pytest.raises(Unreadable):
        house.records.create(A, b"{")
    assert (house.datasets.get(A).revision, len(house.values())) == (1, 3)


def test_records_of_a_dataset_that_is_not_ready_stay(house: House) -> None:
    house.store.create(dataset(B, state="importing"))
    for call in (house.records.create, lambda *_: house.records.delete(B, "x", anyone)):
        with pytest.raises(Conflict, match="is importing"):
            call(B, b'{"n": 4}')


def ids(house: House, asked: Asked = ALL, limit: int = 50) -> list[list[str]]:
    """Return the ids on each page of a list."""
    pages = [house.lists.page(A, PageQuery(limit=limit), asked)]
    while pages[-1].next:
        paging = PageQuery(limit=limit, cursor=pages[-1].next)
        pages.append(house.lists.page(A, paging, asked))
    return [[one.id.lstrip("0") for one in page.items] for page in pages]


def test_conditions_and_pages(house: House) -> None:
    assert ids(house, limit=2) == [["1", "2"], ["3"]]
    assert ids(house, Asked(("n>=2", "t==y"))) == [["2"]]
    assert ids(house, Asked(("t==",))) == [["3"]]
    assert ids(house, Asked(sort="-t"), limit=2) == [["2", "1"], ["3"]]
    with pytest.raises(Unreadable):
        ids(house, Asked(("z==1",)))


def test_a_list_may_be_counted(house: House) -> None:
    asked = Asked(("n>1",))
    page = house.lists.page(A, PageQuery(limit=1), asked, count=True)
    assert (page.count, len(page.items), page.revision) == (2, 1, 1)
    assert house.lists.page(A, PageQuery(limit=1), asked).count is None


def test_a_snapshot_is_made_once_a_revision(house: House) -> None:
    made, new = house.snapshots.make(A)
    assert (new, house.snapshots.make(A)) == (True, (made, False))
    assert parquet.read_table(io.BytesIO(house.bucket.read(made.path))).num_rows == 3
    house.records.create(A, b'{"n": 4}')
    later, new = house.snapshots.make(A)
    assert (new, later.revision, later.rows) == (True, 2, 4)
    assert set(house.files) == {made.path, later.path}


def test_of_two_snapshots_made_at_once_one_is_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = house.store.change

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(house.store, "change", genuine)
        winners.append(house.snapshots.make(A)[0])
        return genuine(*arguments)

    winners: list[Any] = []
    monkeypatch.setattr(house.store, "change", late)
    assert house.snapshots.make(A) == (winners[0], False)
    assert set(house.files) == {winners[0].path}


def test_a_snapshot_of_a_dataset_that_is_removed_meanwhile_leaves_no_file(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = house.store.change

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(house.store, "change", genuine)
        house.datasets.delete(A, anyone)
        return genuine(*arguments)

    monkeypatch.setattr(house.store, "change", late)
    with pytest.raises(NotFound):
        house.snapshots.make(A)
    assert house.files == {}


def test_an_export_is_of_one_moment(house: House) -> None:
    stored, content = house.exports.open(A, "csv", Asked())
    house.records.delete(A, "000000002", anyone)
    assert b"".join(content) == b"n,t\r\n1,x\r\n2,y\r\n3,\r\n"
    assert stored.revision == 1


def test_rows_that_are_missing_are_noticed(house: House) -> None:
    entry = house.database.entry(A)
    del entry.records["000000002"]
    house.database.commit(A, entry)
    for path in house.tables_of(A):
        house.bucket.delete(path)
    with pytest.raises(Incomplete, match="gave 2 rows of revision 1 of 'a', which has 3"):
        house.exports.open(A, "csv", Asked())
    with pytest.raises(Incomplete):
        house.snapshots.make(A)
    assert house.files == {}
