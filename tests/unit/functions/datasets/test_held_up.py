"""Who was held up, at whatever point, and goes on after others took the place, harms nothing.

Others carry it to its end meanwhile; or it fails, is resumed, and is half done anew; or the dataset
is removed, and another one of the name is there, with imports of the same numbers.
"""

from collections.abc import Callable

import pytest

from functions.datasets.model.dataset import DatasetPatch
from functions.datasets.service.changing import starter
from functions.datasets.service.changing.many import Which
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.pages import PageQuery
from functions.kit.contract.steps import MOST_DEATHS
from tests.support.held_up import (
    ANN,
    NEW,
    NEXT,
    OLD,
    OTHER,
    WRITERS,
    Rows,
    Writer,
    each,
    fail_and_begin_anew,
    make_anew,
    make_small,
    others,
    remake,
    remove,
    shown,
    table,
)
from tests.support.in_memory.chaos import killing
from tests.support.in_memory.datasets import A, House, anyone


@pytest.fixture(autouse=True)
def _small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


@pytest.mark.parametrize("name", WRITERS)
def test_who_was_held_up_while_others_came_to_the_end(name: str) -> None:
    for world in each(WRITERS[name], others):
        assert world.end() in WRITERS[name].ends


@pytest.mark.parametrize("name", ["append", "replace", "upsert"])
def test_who_was_held_up_while_the_import_failed_and_was_half_done_anew(name: str) -> None:
    for world in each(WRITERS[name], fail_and_begin_anew):
        assert shown(world.house) in (OLD, *WRITERS[name].ends)
        assert world.end() in WRITERS[name].ends
        assert world.house.imports.get(A, "1").state == "done"


@pytest.mark.parametrize("name", WRITERS)
def test_who_was_held_up_while_another_dataset_took_the_name(name: str) -> None:
    ends = [NEXT, *([None] if name == "delete" else [])]
    # Who asks by the name, and did not look before, means the new one.
    ends += [[*NEXT, *NEW]] if name == "ask" else []
    for world in each(WRITERS[name], make_anew):
        found = world.end()
        assert found in ends
        if found is not None:
            imported = world.house.imports.get(A, "1")
            assert (imported.state, imported.failure, imported.revision) == ("done", None, 2)


def test_a_snapshot_of_a_dataset_is_never_another_one_s() -> None:
    for world in each(WRITERS["snapshot"], remake):
        made, _ = world.house.snapshots.make(A)
        assert made.rows == len(OTHER)
        assert b"other" in world.house.bucket.read(made.path)


def _bound(house: House) -> None:
    columns = [Column("n", "integer", maximum=10)]
    house.datasets.patch(A, DatasetPatch(columns=columns), anyone)


def _set(house: House) -> None:
    house.many.amend(A, Which(["n<90"]), b'{"t": "set"}', ANN)


SET: list[Rows | None] = [[(n, "set") for n, _ in rows] for rows in (OLD, OTHER)]


@pytest.mark.parametrize("act", [_bound, _set])
def test_what_was_seen_of_a_dataset_changes_no_other_one(
    act: Callable[[House], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "EDITS", 400)
    for world in each(Writer(act, [OLD, *SET], lambda house: house.load(table(OLD))), remake):
        # Either as it was, or it was asked for what is there by now: its own rows fit its columns.
        assert world.end() in (OTHER, SET[1])
        [number, *_] = world.house.datasets.get(A).columns
        assert number.maximum is None


def test_an_import_that_is_asked_for_has_its_file() -> None:
    for world in each(WRITERS["ask"], remake):
        assert world.end() in (OTHER, [*OTHER, *NEW])
        asked = world.house.imports.page(A, PageQuery()).items
        assert [one.state for one in asked] == ["done"] * len(asked)


def remake_half(house: House) -> None:
    """As `remake`, but half of the rows are not there yet."""
    remove(house)
    house.upload(table(OTHER))
    with killing(house.rows, "import_batch", 2):
        others(house, 1)


def test_a_first_import_whose_file_is_gone_fails_no_other_one() -> None:
    for world in each(WRITERS["first"], remake_half):
        assert world.end() == OTHER
        assert world.house.datasets.get(A).failure is None


def _fail(house: House, rows: Rows) -> None:
    house.bucket.delete(house.upload(table(rows)).file)
    others(house)


def test_a_file_that_is_sent_again_takes_up_no_other_dataset() -> None:
    def fail_another(house: House) -> None:
        remove(house)
        _fail(house, OTHER)

    again = Writer(lambda house: house.upload(table(OLD)), [OLD], lambda house: _fail(house, OLD))
    for world in each(again, fail_another):
        house = world.house
        others(house)
        house.upload(table(OTHER))
        assert world.end() == OTHER
        dataset = house.store.find(A).dataset
        assert (dataset.state, dataset.failure) == ("ready", None)


def _about_to_be_given_up(house: House) -> None:
    house.load(table(OLD))
    house.many.remove(A, Which(["n<3"]), ANN)
    with killing(house.changer, "_batches"):
        others(house, MOST_DEATHS)


def ask_again(house: House) -> None:
    """Let others give it up; ask again, and let that be half written."""
    others(house)
    if house.store.find(A).dataset.revision == 1:
        house.many.remove(A, Which(["n<4"]), ANN)
        with killing(house.rows, "edit_batch", 4):
            others(house, 1)


def test_who_gives_up_a_change_ends_no_later_one() -> None:
    judge = Writer(lambda house: others(house, 1), [OLD], _about_to_be_given_up)
    for world in each(judge, ask_again):
        assert world.end() == OLD[4:]
