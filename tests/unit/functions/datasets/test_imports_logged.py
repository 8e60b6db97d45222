"""Imports and pushes are changes like others: logged, undone, and never beside another one."""

from typing import Any

import pytest

from functions.datasets.model.changing.changes import Edit, LoggedChange, Part, parts_of
from functions.datasets.model.dataset import Record
from functions.datasets.model.queries.query import Asked as Query
from functions.datasets.service.changing import batches, changer, starter
from functions.datasets.service.changing.many import Which
from functions.datasets.service.changing.starter import Asked
from functions.datasets.service.read_model import later
from functions.kit.adapters.manual_clock import START
from functions.kit.contract.errors import Conflict
from functions.kit.contract.requests.pages import PageQuery
from tests.support.in_memory.datasets import A, House, anyone

TABLE = "id,town\n1,Rome\n2,Oslo\n3,Bern\n"
OLD = [("000000001", 1, "Rome"), ("000000002", 2, "Oslo"), ("000000003", 3, "Bern")]
FILE = "id,town\n2,Ulm\n4,Lima\n5,Kyiv\n"
ANN = Asked("ann", anyone)
MODES: list[dict[str, Any]] = [
    {"mode": "append"},
    {"mode": "replace"},
    {"mode": "upsert", "key": ["id"]},
]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    made = House()
    made.load(TABLE)
    return made


def rows(house: House) -> list[tuple[Any, ...]]:
    page = house.lists.page(A, PageQuery(limit=100), Query())
    return [(record.id, *record.values.values()) for record in page.items]


@pytest.mark.parametrize("asked", MODES, ids=lambda asked: asked["mode"])
def test_an_import_is_undone_and_that_again(house: House, asked: dict[str, Any]) -> None:
    assert house.brought(FILE, **asked).revision == 2
    new = rows(house)
    assert new != OLD
    house.undoing.undo(A, None, ANN)
    assert rows(house) == OLD
    house.undoing.undo(A, None, ANN)
    assert rows(house) == new
    house.undoing.restore(A, 1, ANN)
    assert rows(house) == OLD
    assert house.datasets.get(A).rows == 3


def test_an_import_is_in_the_log_and_in_the_history_of_its_records(house: House) -> None:
    house.brought(FILE, mode="upsert", key=["id"])
    [found, first] = house.history.changes(A, PageQuery()).items
    assert (first.kind, found.kind, found.revision, found.records) == ("import", "import", 2, 3)
    assert found.summary == "Import 1 (upsert): 2 new, 1 changed"
    [edit, made] = house.history.of_record(A, "000000002", PageQuery()).items
    assert (edit.before, edit.after) == ({"id": 2, "town": "Oslo"}, {"id": 2, "town": "Ulm"})
    assert (made.before, made.after) == (None, {"id": 2, "town": "Oslo"})
    [new] = house.history.of_record(A, "000000004", PageQuery()).items
    assert (new.revision, new.before, new.after) == (2, None, {"id": 4, "town": "Lima"})


def test_a_table_takes_in_the_new_rows_without_the_others(house: House) -> None:
    assert rows(house) == OLD
    genuine, asked = house.rows.read, []

    def read(*place: Any, **options: Any) -> Any:
        asked.append((options["after"], options["page"]))
        return genuine(*place, **options)

    vars(house.rows)["read"] = read
    house.brought("id,town\n" + "".join(f"{n},new\n" for n in range(10, 50)))
    assert asked == []  # an append looks at no record
    assert len(rows(house)) == 43
    # All that its 20 commits made are read as one span.
    assert asked == [("000000003", 41)]


def test_new_rows_that_were_changed_since_are_as_they_are_now(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later, "PAGE", 3)
    assert rows(house) == OLD
    house.brought("id,town\n" + "".join(f"{n},new\n" for n in range(4, 12)))
    house.records.amend(A, "000000005", b'{"town": "Ulm"}', anyone)
    house.records.delete(A, "000000006", anyone)
    house.brought("id,town\n12,Kyiv\n")
    wanted = {n: "new" for n in range(4, 12) if n != 6} | {5: "Ulm", 12: "Kyiv"}
    assert rows(house) == [*OLD, *((f"{n:09}", n, town) for n, town in sorted(wanted.items()))]


def test_a_push_is_logged_and_undone(house: House) -> None:
    house.pushes.push(A, [b'{"id": 4, "town": "Lima"}', b'{"id": 5, "town": "x"}'], by="ann")
    assert rows(house) == [*OLD, ("000000004", 4, "Lima"), ("000000005", 5, "x")]
    found = house.history.changes(A, PageQuery()).items[0]
    assert (found.kind, found.by, found.records) == ("import", "ann", 2)
    house.undoing.undo(A, None, ANN)
    assert rows(house) == OLD


@pytest.fixture
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each change of many records go on in steps of two records a turn."""
    monkeypatch.setattr(starter, "EDITS", 0)
    monkeypatch.setattr(batches, "EDITS", 2)
    monkeypatch.setattr(changer.Changer, "seconds", -1.0)


@pytest.mark.usefixtures("_slow")
def test_nothing_is_brought_into_what_is_being_changed(house: House) -> None:
    change = house.many.amend(A, Which(["id>=1"]), b'{"town": "x"}', ANN)
    assert change.state == "running"
    with pytest.raises(Conflict, match="is being changed"):
        house.bring(FILE)
    with pytest.raises(Conflict, match="is being changed"):
        house.pushes.push(A, [b'{"id": 4, "town": "Lima"}'])
    house.deliver()
    assert house.brought(FILE).state == "done"


@pytest.mark.usefixtures("_slow")
def test_a_change_that_begins_during_a_check_has_it_wait(house: House) -> None:
    begun = house.bring(FILE, mode="upsert", key=["id"])
    check = house.import_steps._checker.check
    checks: list[int] = []

    def checked(*given: Any) -> Any:
        outcome = check(*given)
        checks.append(outcome.revision)
        if len(checks) == 1:
            house.many.amend(A, Which(["id>=1"]), b'{"town": "x"}', ANN)
        return outcome

    vars(house.import_steps._checker)["check"] = checked
    house.deliver()
    found = house.imports.get(A, begun.id)
    assert (found.state, found.revision, checks) == ("done", 3, [1, 2])
    assert [row[2] for row in rows(house)] == ["x", "Ulm", "x", "Lima", "Kyiv"]


def test_no_other_change_begins_while_an_import_is_written(house: House) -> None:
    genuine, refused = house.rows.edit_batch, []

    def edit_batch(*given: Any, **more: Any) -> Any:
        version = genuine(*given, **more)
        shown = house.datasets.get(A).shown()
        assert shown.changing == 2
        view = house.undoing.view(A, 2)
        assert (view.state, view.kind, view.summary) == ("running", "import", "Import 1")
        with pytest.raises(Conflict, match="being changed by import 1"):
            house.many.remove(A, Which(everything=True), ANN)
        with pytest.raises(Conflict, match="being changed by import 1"):
            house.undoing.restore(A, 1, ANN)
        refused.append(view.written)
        return version

    vars(house.rows)["edit_batch"] = edit_batch
    assert house.brought(FILE).state == "done"
    assert refused == [2, 3]
    assert house.datasets.get(A).shown().changing is None


def test_a_large_record_that_was_removed_comes_back_as_it_was() -> None:
    head = LoggedChange(revision=2, at=START, by="", kind="import", summary="")
    large = {"t": "x" * 900_000}
    removal, update = Edit("a", 7, large, None), Edit("b", 3, large, {"t": "y" * 900_000})
    [removed, before, after] = parts_of(head, [removal, update])
    assert list(removed.records_before()) == [Record("a", 7, large)]
    assert list(before.records_before()) == [Record("b", 2, large)]
    assert (list(after.records_before()), list(after.records_made())) == ([], [])
    made = Part(change=head, edits=[Edit("c", 1, None, {})], rows=(4, 5))
    assert list(made.records_made()) == ["c", "000000004", "000000005"]
