"""Changes of many records: all or nothing, one revision, at once or in steps; undo and restore."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from functions.datasets.model.changing.changes import LoggedChange, Part
from functions.datasets.model.dataset import DatasetPatch, Record, record_id
from functions.datasets.model.queries.query import Asked as Query
from functions.datasets.model.reading.shapes import ColumnOverrule, Overrule
from functions.datasets.service.changing import batches, changer, plans, starter
from functions.datasets.service.changing.many import Which
from functions.datasets.service.changing.starter import Asked
from functions.kit.contract.errors import Conflict, Invalid, NotFound, Stale, Unreadable
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.pages import PageQuery
from tests.support.in_memory.datasets import A, House, anyone

ANN = Asked("ann", anyone)
ROWS = 12


@pytest.fixture(params=["at once", "in steps"])
def house(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> House:
    house = House()
    house.load("n,t\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(ROWS)))
    if request.param == "in steps":
        monkeypatch.setattr(starter, "EDITS", 0)
        monkeypatch.setattr(batches, "EDITS", 2)
        monkeypatch.setattr(batches, "LOOKS", 5)
        monkeypatch.setattr(plans, "GROUP", 3)
        monkeypatch.setattr(changer.Changer, "seconds", -1.0)
    return house


def numbers(house: House) -> list[Any]:
    return [row["n"] for row in house.values()]


def done(house: House, change: Any) -> Any:
    """Let a change end; return it."""
    house.deliver()
    found = house.undoing.view(A, change.revision)
    assert found.state == "done"
    return found


def test_records_that_meet_a_filter_are_changed_as_one_revision(house: House) -> None:
    change = done(house, house.many.amend(A, Which(["t==a"]), b'{"n": 100}', ANN))
    assert numbers(house) == [100, 1, 100, 3, 100, 5, 100, 7, 100, 9, 100, 11]
    assert house.datasets.get(A).revision == 2
    assert (change.kind, change.by, change.records, change.revision) == ("bulk", "ann", 6, 2)
    assert change.summary == "Set n where t==a"
    assert house.records.get(A, "000000001").version == 2
    assert house.records.get(A, "000000002").version == 1


def test_records_that_meet_a_filter_are_removed(house: House) -> None:
    assert house.many.count(A, Which(["n>=3", "t==b"])).records == 5
    change = done(house, house.many.remove(A, Which(["n>=3", "t==b"]), ANN))
    assert numbers(house) == [0, 1, 2, 4, 6, 8, 10]
    dataset = house.datasets.get(A)
    assert (dataset.rows, dataset.revision, change.records) == (7, 2, 5)
    assert house.snapshots.make(A)[0].rows == 7


WHERE = (
    '{"or": [{"column": "n", "op": "<", "value": 2}, {"column": "t", "op": "in", "value": ["c"]}]}'
)


def test_which_records_may_be_said_as_of_lists(house: House) -> None:
    house.records.amend(A, "000000012", b'{"t": "c"}', anyone)
    which = Which(["n!=1"], WHERE)
    assert house.many.count(A, which, b'{"n": 0}').records == 1
    change = done(house, house.many.amend(A, which, b'{"n": 0}', ANN))
    assert (numbers(house)[0], numbers(house)[-1], change.records) == (0, 0, 1)
    assert change.summary == f"Set n where n!=1 and {WHERE}"[:200]
    assert house.many.count(A, which).records == 2
    done(house, house.many.remove(A, which, ANN))
    assert numbers(house) == list(range(1, ROWS - 1))


@pytest.mark.parametrize(
    "where", ['{"and": []}', '{"and": [{"and": []}]}', '{"or": [{"or": []}, {"and": []}]}']
)
def test_a_condition_that_says_nothing_does_not_mean_all(house: House, where: str) -> None:
    which = Which(where=where)
    for call in (lambda: house.many.count(A, which), lambda: house.many.remove(A, which, ANN)):
        with pytest.raises(Unreadable, match="say all=true to mean all records"):
            call()
    assert house.many.count(A, Which(where=where, everything=True)).records == ROWS


def test_a_dry_run_counts_what_would_change_without_reading_records(house: House) -> None:
    house.records.create(A, b'{"n": 3, "t": "c"}')
    patch = DatasetPatch(columns=[Column("n", "text")])
    house.datasets.patch(A, patch, anyone)  # what is stored is of another kind than what is shown
    body = b'{"n": "3", "t": "b"}'
    expected = house.many.count(A, Which(["n<5"]), body).records
    vars(house.rows)["read"] = None
    assert house.many.count(A, Which(["n<5"]), body).records == expected == 7
    del vars(house.rows)["read"]
    assert done(house, house.many.amend(A, Which(["n<5"]), body, ANN)).records == expected


def test_what_nothing_meets_makes_no_revision(house: House) -> None:
    change = house.many.amend(A, Which(["n>99"]), b'{"n": 1}', ANN)
    house.deliver()
    assert (change.records, house.datasets.get(A).revision) == (0, 1)


def test_an_undo_is_a_change_that_can_be_undone(house: House) -> None:
    before = house.values()
    done(house, house.many.remove(A, Which(["t==a"]), ANN))
    change = done(house, house.undoing.undo(A, None, ANN))
    assert house.values() == before
    assert (change.kind, change.undoes, change.records) == ("undo", 2, 6)
    assert house.datasets.get(A).rows == ROWS
    done(house, house.undoing.undo(A, None, ANN))
    assert numbers(house) == [1, 3, 5, 7, 9, 11]


def test_a_record_that_comes_back_has_a_version_that_it_never_had(house: House) -> None:
    house.records.amend(A, "000000001", b'{"n": 5}', anyone)
    seen = {house.records.get(A, "000000001").version}
    done(house, house.many.remove(A, Which(["n==5", "t==a"]), ANN))
    done(house, house.undoing.undo(A, None, ANN))
    assert house.records.get(A, "000000001").version not in seen
    done(house, house.undoing.undo(A, 2, ANN))
    assert numbers(house) == list(range(ROWS))


def test_what_was_changed_again_is_not_undone(house: House) -> None:
    before = house.values()
    done(house, house.many.amend(A, Which(["n<4"]), b'{"t": "b"}', ANN))
    house.records.amend(A, "000000003", b'{"n": 50}', anyone)
    with pytest.raises(Conflict, match=r"^Record '000000003' was changed again by revision 3"):
        house.undoing.undo(A, 2, ANN)
    assert house.datasets.get(A).revision == 3
    done(house, house.undoing.undo(A, 3, ANN))
    done(house, house.undoing.undo(A, 2, ANN))
    assert house.values() == before
    with pytest.raises(Conflict, match="was changed again by revision 5"):
        house.undoing.undo(A, 2, ANN)


def test_a_later_change_of_others_does_not_matter(house: House) -> None:
    done(house, house.many.amend(A, Which(["n<2"]), b'{"n": 7}', ANN))
    house.records.delete(A, "000000012", anyone)
    done(house, house.undoing.undo(A, 2, ANN))
    assert numbers(house) == list(range(ROWS - 1))


def test_a_revision_is_restored(house: House) -> None:
    house.records.amend(A, "000000002", b'{"t": "z"}', anyone)
    states = {2: house.values()}
    house.records.create(A, b'{"n": 77, "t": "c"}')
    house.records.amend(A, "000000002", b'{"t": "y"}', anyone)
    states[4] = house.values()
    done(house, house.many.remove(A, Which(["n<5"]), ANN))
    house.records.create(A, b'{"n": 78, "t": "c"}')
    for revision in (2, 4, 2):
        change = done(house, house.undoing.restore(A, revision, ANN))
        assert house.values() == states[revision]
        assert (change.kind, change.by) == ("restore", "ann")
    assert house.datasets.get(A).rows == ROWS
    done(house, house.undoing.undo(A, None, ANN))
    assert house.values() == states[4]


def test_readers_see_nothing_of_a_change_before_all_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "EDITS", 0)
    monkeypatch.setattr(batches, "EDITS", 2)
    monkeypatch.setattr(changer.Changer, "seconds", -1.0)
    before = house.lists.page(A, PageQuery(), Query()).items
    change = house.many.amend(A, Which(["t==a"]), b'{"n": 100}', ANN)
    assert (change.state, house.datasets.get(A).shown().changing) == ("running", 2)
    turns = 0
    while house.store.find(A).dataset.under_way:
        assert house.lists.page(A, PageQuery(), Query()).items == before
        assert house.records.get(A, "000000001").values["n"] == 0
        assert b"".join(house.exports.open(A, "csv", Query()).content).count(b"100") == 0
        with pytest.raises(Conflict, match="is being changed; try again"):
            house.records.create(A, b'{"n": 1, "t": "c"}')
        house.look(house.queue.messages.popleft())
        turns += 1
    assert turns > 3
    assert numbers(house).count(100) == 6
    assert house.datasets.get(A).shown().changing is None
    assert len(house.history.changes(A, PageQuery()).items) == 2


def test_a_change_that_cannot_be_changes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.records.amend(A, "000000001", b'{"t": "a long word"}', anyone)
    monkeypatch.setattr("functions.datasets.model.limits.RECORD_BYTES", 44)
    before = house.values()
    try:
        change = house.many.amend(A, Which(["n<9"]), b'{"n": 100}', ANN)
    except Invalid as error:
        reason = error.detail
    else:
        house.deliver()
        found = house.undoing.view(A, change.revision)
        assert found.state == "failed"
        reason = found.failure or ""
    assert "the limit is 44" in reason
    assert (house.values(), house.datasets.get(A).revision) == (before, 2)
    house.records.create(A, b'{"n": 1, "t": "c"}')


def test_a_change_of_an_older_revision_is_refused(house: House) -> None:
    stale = Asked("ann", lambda revision: revision == 7)
    for call in (
        lambda: house.many.remove(A, Which(["n<2"]), stale),
        lambda: house.undoing.restore(A, 1, stale),
    ):
        with pytest.raises((Stale, Conflict)):
            call()
    assert house.datasets.get(A).revision == 1


def test_bad_values_and_filters_change_nothing(house: House) -> None:
    with pytest.raises(Invalid, match="column 'n'"):
        house.many.amend(A, Which(["n<2"]), b'{"n": "x"}', ANN)
    with pytest.raises(Unreadable, match="no column 'z'"):
        house.many.remove(A, Which(["z<2"]), ANN)
    with pytest.raises(Unreadable, match="No filter is given: name a filter"):
        house.many.remove(A, Which([]), ANN)
    with pytest.raises(NotFound, match="There is no revision '9'"):
        house.undoing.undo(A, 9, ANN)
    with pytest.raises(Conflict, match="Revision 1 is the upload itself"):
        house.undoing.undo(A, 1, ANN)
    assert house.datasets.get(A).revision == 1


def test_a_request_that_is_sent_again_undoes_once(house: House) -> None:
    asked = Asked("ann", anyone, "r1")
    done(house, house.many.remove(A, Which(["t==a"]), ANN))
    first = done(house, house.undoing.undo(A, None, asked))
    assert msgspec.structs.replace(house.undoing.undo(A, None, asked)) == first
    assert house.datasets.get(A).revision == 3
    with pytest.raises(Conflict):
        house.undoing.restore(A, 2, asked)


def test_a_change_that_the_log_does_not_know_is_not_undone(house: House) -> None:
    house.records.amend(A, "000000001", b'{"n": 5}', anyone)
    entry = house.database.entry(A)
    entry.changes.clear()
    house.database.commit(A, entry)
    house.records.amend(A, "000000001", b'{"n": 6}', anyone)
    for call in (lambda: house.undoing.undo(A, 2, ANN), lambda: house.undoing.restore(A, 1, ANN)):
        with pytest.raises(Conflict, match="The log does not know the change that made revision 2"):
            call()


def test_all_records_are_meant_where_that_is_said(house: House) -> None:
    done(house, house.many.remove(A, Which([], everything=True), ANN))
    assert (house.values(), house.datasets.get(A).rows) == ([], 0)
    done(house, house.undoing.undo(A, None, ANN))
    assert numbers(house) == list(range(ROWS))


def add_by_import(house: House, *new: int) -> None:
    """Add rows as a later import does: logged by the numbers of the first and the last."""

    def work(change: Any) -> None:
        dataset = change.dataset
        first = dataset.last_row + 1
        for number in new:
            dataset.last_row += 1
            change.put(Record(record_id(dataset.last_row), 1, {"n": number, "t": "a"}))
        dataset.grow(len(new))
        dataset.revise(house.clock.now())
        head = LoggedChange(
            revision=dataset.revision,
            at=dataset.updated_at,
            by="ann",
            kind="import",
            summary="More rows",
            records=len(new),
        )
        change.log(Part(change=head, rows=(first, dataset.last_row)))

    house.store.change(A, work)


def test_an_import_is_undone_and_done_again(house: House) -> None:
    add_by_import(house, 20, 21, 22)
    added = house.values()
    done(house, house.undoing.undo(A, 2, ANN))
    assert numbers(house) == list(range(ROWS))
    done(house, house.undoing.undo(A, 3, ANN))
    assert (house.values(), house.datasets.get(A).rows) == (added, ROWS + 3)
    done(house, house.undoing.restore(A, 1, ANN))
    assert numbers(house) == list(range(ROWS))
    kinds = [one.kind for one in house.history.of_record(A, record_id(ROWS + 1), PageQuery()).items]
    assert kinds == ["restore", "undo", "undo", "import"]


def test_an_import_of_which_a_row_was_changed_is_not_undone(house: House) -> None:
    add_by_import(house, 20, 21)
    house.records.delete(A, record_id(ROWS + 2), anyone)
    with pytest.raises(Conflict, match=r"^Record '000000014' was changed again by revision 3"):
        house.undoing.undo(A, 2, ANN)


def test_a_value_of_the_past_that_does_not_fit_the_schema_of_today_is_refused(house: House) -> None:
    house.records.amend(A, "000000001", b'{"n": 5}', anyone)
    patch = DatasetPatch(columns=[Column("n", "integer", required=True, minimum=1)])
    house.datasets.patch(A, patch, anyone)
    before = house.values()
    for act in (lambda: house.undoing.undo(A, 2, ANN), lambda: house.undoing.restore(A, 1, ANN)):
        try:
            change = act()
        except Invalid as error:
            reason = error.detail
        else:
            house.deliver()
            reason = house.undoing.view(A, change.revision).failure or ""
        assert "less than the minimum 1 (record 000000001, as it was)" in reason
    assert (house.values(), house.datasets.get(A).revision) == (before, 3)


DAYS = "day,n\n01/13/2026,1\n01/02/2026,2\n02/13/2026,3\n"
US = Overrule(columns=[ColumnOverrule(name="day", kind="date", date_format="%m/%d/%Y")])


@pytest.mark.parametrize("edits", [0, starter.EDITS])
def test_days_are_days_through_changes_undo_and_restore(
    monkeypatch: pytest.MonkeyPatch, edits: int
) -> None:
    monkeypatch.setattr(starter, "EDITS", edits)
    house = House()
    house.load(DAYS, said=US)
    january = Which(["day<02/01/2026"])
    assert house.many.count(A, january, b'{"day": "01/02/2026"}').records == 1
    change = done(house, house.many.amend(A, january, b'{"day": "01/02/2026"}', ANN))
    assert change.records == 1

    def days() -> list[Any]:
        page = house.lists.page(A, PageQuery(), Query(("day>=01/01/2026",), sort="day"))
        assert [type(one.values["day"]) for one in page.items] == [dt.date] * 3
        return [(one.values["day"].day, one.values["n"]) for one in page.items]

    assert days() == [(2, 1), (2, 2), (13, 3)]
    where = '{"column": "day", "op": "in", "value": ["01/02/2026"]}'
    assert house.many.count(A, Which(where=where)).records == 2
    before = house.lists.page(A, PageQuery(), Query()).items
    done(house, house.undoing.undo(A, 2, ANN))
    assert days() == [(2, 2), (13, 1), (13, 3)]
    done(house, house.undoing.restore(A, 2, ANN))
    assert [one.values for one in house.lists.page(A, PageQuery(), Query()).items] == [
        one.values for one in before
    ]
