"""Changes of records by their ids: all or none, one revision, and taken back by undo."""

import pytest

from functions.datasets.service.changing import named
from functions.datasets.service.changing.named import NamedEdit
from functions.datasets.service.changing.starter import Asked
from functions.kit.contract.errors import Conflict, DomainError, Invalid, NotFound
from tests.support.in_memory.datasets import A, House, anyone

FIRST, SECOND, THIRD = (f"{number:09}" for number in (1, 2, 3))


@pytest.fixture
def house() -> House:
    house = House()
    house.load("n,t\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(4)))
    return house


def test_records_get_values_of_their_own_and_are_removed_as_one_revision(house: House) -> None:
    asked = [
        NamedEdit(FIRST, {"n": 10}, version=1),
        NamedEdit(SECOND, {"n": 11, "t": "a"}),
        NamedEdit(THIRD, None, version=1),
    ]
    change = house.named.amend(A, asked, "ann")
    assert [row["n"] for row in house.values()] == [10, 11, 3]
    found = house.datasets.get(A)
    assert (found.revision, found.rows) == (2, 3)
    assert (change.revision, change.by, change.records, change.kind) == (2, "ann", 3, "bulk")
    assert change.summary == "3 records: changed in n, t"
    assert house.records.get(A, FIRST).version == 2
    house.undoing.undo(A, 2, Asked("ann", anyone))
    assert [row["n"] for row in house.values()] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("last", "kind", "said"),
    [
        (NamedEdit(SECOND, {"n": 5}, version=7), Conflict, "at version 1 by now"),
        (NamedEdit("000000099", None), NotFound, "000000099"),
        (NamedEdit(SECOND, {"n": "x"}), Invalid, "Expected"),
        (NamedEdit(FIRST, None), Invalid, "named twice"),
    ],
)
def test_all_are_changed_or_none(
    house: House, last: NamedEdit, kind: type[DomainError], said: str
) -> None:
    with pytest.raises(kind, match=said) as refused:
        house.named.amend(A, [NamedEdit(FIRST, {"n": 10}), last], "ann")
    if kind is not NotFound:
        assert refused.value.flaws[0].row == 2
    assert house.records.get(A, FIRST).version == 1
    assert house.datasets.get(A).revision == 1


def test_nothing_to_change_is_no_revision(house: House) -> None:
    change = house.named.amend(A, [NamedEdit(FIRST, {"n": 0})], "ann")
    assert (change.records, change.revision) == (0, 1)
    assert house.datasets.get(A).revision == 1


def test_values_unlike_all_before_are_told(house: House) -> None:
    change = house.named.amend(A, [NamedEdit(FIRST, {"n": 900})], "ann")
    assert [(one.column, one.value) for one in change.warnings] == [("n", "900")]


def test_what_is_too_large_or_too_many_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [NamedEdit(FIRST, {"t": "word"})]
    monkeypatch.setattr(named, "BYTES", 10)
    with pytest.raises(Invalid, match="10 are the most"):
        house.named.amend(A, asked, "ann")
    monkeypatch.setattr(named, "EDITS", 0)
    with pytest.raises(Invalid, match="0 are the most at once"):
        house.named.amend(A, asked, "ann")


def test_a_dataset_that_is_not_ready_is_not_changed(house: House) -> None:
    house.store.change(A, lambda change: setattr(change.dataset, "state", "failed"))
    with pytest.raises(Conflict):
        house.named.amend(A, [NamedEdit(FIRST, None)], "ann")
