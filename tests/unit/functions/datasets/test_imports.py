"""New rows into a dataset that is there."""

import csv
import datetime as dt
import gzip
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from functions.datasets.adapters.files.formats import FileTables
from functions.datasets.model.dataset import DatasetPatch
from functions.datasets.model.imports.asked import Asked
from functions.datasets.model.imports.imports import Report
from functions.datasets.model.queries.query import Asked as Query
from functions.datasets.model.reading.shapes import Overrule
from functions.datasets.service.files.opening import Opener
from functions.datasets.service.imports.rows import Table
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away, Conflict, Invalid, NotFound, Stale
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.pages import PageQuery
from tests.support.in_memory.datasets import A, House, anyone

TABLE = "id,town\n1,Rome\n2,Oslo\n3,Bern\n"


@pytest.fixture
def house() -> House:
    made = House()
    made.load(TABLE)
    return made


def rows(house: House) -> list[tuple[Any, ...]]:
    page = house.lists.page(A, PageQuery(limit=100), Query())
    return [tuple(record.values.values()) for record in page.items]


OLD = [(1, "Rome"), (2, "Oslo"), (3, "Bern")]


def test_rows_are_added(house: House) -> None:
    found = house.brought("town,id\nLima,4\n,5\n".replace("\n,5", "\nKyiv,5"))
    assert (found.state, found.revision, found.rows_done) == ("done", 2, 2)
    assert found.report == Report(new=2)
    assert rows(house) == [*OLD, (4, "Lima"), (5, "Kyiv")]
    dataset = house.datasets.get(A)
    assert (dataset.rows, dataset.rows_done, dataset.revision) == (5, 5, 2)


def test_a_store_that_is_away_says_nothing_of_a_file(house: House) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"id,town\n4,Lima\n"
        raise Away("The storage does not answer.")

    opener = Opener(FileTables(), limit=1000)
    table = Table(opener, breaks_off, house.datasets.get(A), Asked(mode="append"))
    with pytest.raises(Away):
        list(table)
    assert table.flaws == []


def test_rows_take_the_place_of_all(house: House) -> None:
    found = house.brought("id,town\n9,Lima\n", mode="replace")
    assert (found.state, found.revision) == ("done", 2)
    assert found.report == Report(new=1, removed=3)
    assert rows(house) == [(9, "Lima")]
    assert list(house.database.entry(A).records) == ["000000004"]
    assert house.datasets.get(A).rows == 1


def test_rows_of_a_key_are_changed_and_others_added(house: House) -> None:
    found = house.brought("id,town\n2,Ulm\n4,Lima\n3,Bern\n", mode="upsert", key=["id"])
    assert found.report == Report(new=1, changed=1, same=1)
    assert (found.state, found.revision, found.rows_done) == ("done", 2, 2)
    assert rows(house) == [(1, "Rome"), (2, "Ulm"), (3, "Bern"), (4, "Lima")]
    assert house.records.get(A, "000000002").version == 2


def test_an_upsert_of_what_is_there_makes_no_revision(house: House) -> None:
    found = house.brought(TABLE, mode="upsert", key=["id"])
    assert (found.state, found.revision, found.report) == ("done", 1, Report(same=3))
    assert house.datasets.get(A).revision == 1


def test_an_upsert_changes_no_column_that_the_file_lacks(house: House) -> None:
    house.datasets.patch(A, DatasetPatch(columns=[Column("town", "text")]), anyone)
    found = house.brought("id\n2\n4\n", mode="upsert", key=["id"])
    assert found.report == Report(new=1, same=1)
    assert rows(house) == [*OLD, (4, None)]


BAD = "id,town\n4,Lima\nx,Kyiv\n5,\n"


def test_bad_rows_refuse_the_whole(house: House) -> None:
    found = house.brought(BAD)
    assert (found.state, found.revision) == ("refused", None)
    assert (found.report.new, found.report.bad) == (1, 2)
    assert [(flaw.row, flaw.column) for flaw in found.report.flaws] == [(2, "id"), (3, "town")]
    assert "2 rows" in str(found.failure)
    assert rows(house) == OLD
    assert house.datasets.get(A).revision == 1


def test_good_rows_are_kept_and_bad_ones_given_back(house: House) -> None:
    found = house.brought(BAD, bad_rows="separate")
    assert (found.state, found.revision, found.report.bad) == ("done", 2, 2)
    assert rows(house) == [*OLD, (4, "Lima")]
    text = b"".join(house.imports.bad_rows(A, found.id)).decode()
    header, first, second = csv.reader(text.splitlines())
    assert header == ["row", "reason", "id", "town"]
    assert ("column 'id': " in first[1], first[:1] + first[2:]) == (True, ["2", "x", "Kyiv"])
    assert second == [
        "3",
        "column 'town': a value is required and this one is missing",
        "5",
        "",
    ]


def test_a_dry_run_waits_and_goes_on(house: House) -> None:
    found = house.brought("id,town\n4,Lima\n", dry_run=True)
    assert (found.state, found.report) == ("waiting", Report(new=1))
    assert rows(house) == OLD
    house.records.create(A, b'{"id": 7, "town": "Ulm"}')
    house.imports.resume(A, found.id)
    house.deliver()
    assert house.imports.get(A, found.id).state == "done"
    assert rows(house) == [*OLD, (7, "Ulm"), (4, "Lima")]


def test_a_dry_run_goes_on_only_in_the_table_that_it_was_checked_in(house: House) -> None:
    found = house.brought("id,town\n2,Lima\n", dry_run=True, mode="upsert", key=["id"])
    assert (found.checked_revision, found.report) == (1, Report(changed=1))
    house.records.delete(A, "000000002", anyone)
    with pytest.raises(Stale, match="revision 2 by now"):
        house.imports.resume(A, found.id, lambda number: number == 1)
    house.imports.resume(A, found.id, dry_run=True)
    house.deliver()
    again = house.imports.get(A, found.id)
    assert (again.state, again.checked_revision, again.report) == ("waiting", 2, Report(new=1))
    house.imports.resume(A, found.id, lambda number: number == 2)
    house.deliver()
    assert house.imports.get(A, found.id).state == "done"
    assert rows(house) == [(1, "Rome"), (3, "Bern"), (2, "Lima")]


def test_a_cancelled_dry_run_changes_nothing(house: House) -> None:
    found = house.brought("id,town\n4,Lima\n", dry_run=True)
    assert house.imports.cancel(A, found.id).state == "cancelled"
    house.deliver()
    with pytest.raises(Conflict, match="cancelled already"):
        house.imports.resume(A, found.id)
    assert rows(house) == OLD
    assert house.files == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,town,x\n4,Lima,1\n", "'x': the dataset has no such column"),
        ("id\n4\n", "'town': a value is required"),
        ("id,town\n", "no rows"),
    ],
)
def test_a_file_of_other_columns_is_refused(house: House, text: str, told: str) -> None:
    found = house.brought(text, bad_rows="separate")
    assert (found.state, found.revision) == ("refused", None)
    assert told in str(found.failure)


def test_an_upsert_takes_a_key_once(house: House) -> None:
    found = house.brought("id,town\n2,Ulm\n2,Lima\n", mode="upsert", key=["id"])
    assert "row 1 has the same key" in str(found.failure)


def test_a_row_that_is_refused_leaves_its_key_to_others(house: House) -> None:
    text = "id,town\n4,\n4,Lima\n4,Ulm\n"
    found = house.brought(text, mode="upsert", key=["id"], bad_rows="separate")
    assert (found.state, found.report.new, found.report.bad) == ("done", 1, 2)
    assert ["a value is required" in str(flaw) for flaw in found.report.flaws] == [True, False]
    assert "row 2 has the same key" in str(found.report.flaws[1])


def test_a_key_that_two_records_have_is_none(house: House) -> None:
    house.records.create(A, b'{"id": 9, "town": "Rome"}')
    found = house.brought("id,town\n2,Ulm\n", mode="upsert", key=["town"])
    assert "records 000000001 and 000000004 have the same key" in str(found.failure)


@pytest.mark.parametrize(
    "asked", [{"mode": "upsert"}, {"key": ["id"]}, {"mode": "upsert", "key": ["x"]}]
)
def test_what_cannot_be_asked_for_is_refused_at_once(house: House, asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        house.bring("id,town\n4,Lima\n", **asked)
    assert house.files == {}


def test_one_import_at_a_time(house: House) -> None:
    house.bring("id,town\n4,Lima\n")
    with pytest.raises(Conflict, match="Import 1 is at work"):
        house.bring("id,town\n5,Lima\n")
    house.deliver()
    assert house.brought("id,town\n5,Lima\n").state == "done"


def test_a_request_that_is_repeated_is_one_import(house: House) -> None:
    first = house.bring("id,town\n4,Lima\n", request="r")
    assert house.bring("id,town\n4,Lima\n", request="r").id == first.id
    with pytest.raises(Conflict, match="another request"):
        house.bring("id,town\n5,Lima\n", request="r")
    house.deliver()
    assert house.bring("id,town\n4,Lima\n", request="r").state == "done"
    assert rows(house) == [*OLD, (4, "Lima")]


def test_imports_are_listed_the_newest_first(house: House) -> None:
    for row in (4, 5, 6):
        house.brought(f"id,town\n{row},Lima\n")
    page = house.imports.page(A, PageQuery(limit=2))
    assert [one.id for one in page.items] == ["3", "2"]
    rest = house.imports.page(A, PageQuery(limit=2, cursor=page.next))
    assert [(one.id, one.revision) for one in rest.items] == [("1", 2), ("0", 1)]
    assert [len(one.sha256) for one in rest.items] == [64, 64]
    assert rest.next is None
    firsts = [house.imports.page(A, PageQuery(limit=1))]
    while firsts[-1].next is not None:
        firsts.append(house.imports.page(A, PageQuery(limit=1, cursor=firsts[-1].next)))
    assert [one.id for page in firsts for one in page.items] == ["3", "2", "1", "0"]


def test_the_import_that_made_the_dataset_is_the_first(house: House) -> None:
    house.brought("id,town\n4,Lima\n")
    first = house.imports.get(A, "0")
    assert (first.state, first.revision, first.rows, first.rows_done) == ("done", 1, 3, 3)
    assert first.report == Report(new=3)
    with pytest.raises(NotFound):
        house.imports.cancel(A, "0")
    house.upload(TABLE, Place(A.workspace, "b"))
    [only] = house.imports.page(Place(A.workspace, "b"), PageQuery()).items
    assert (only.state, only.rows, only.rows_done, only.revision) == ("importing", 3, 0, None)


def test_a_dataset_that_goes_takes_its_imports_along(house: House) -> None:
    house.brought(BAD, bad_rows="separate")
    house.bring("id,town\n4,Lima\n")
    house.datasets.delete(A, anyone)
    house.deliver()
    assert house.files == {}
    assert house.due.waiting == []
    with pytest.raises(NotFound):
        house.imports.get(A, "1")


# How files are read


GERMAN = "tag;preis\n31.01.2026;1.234,50 €\n30.01.2026;2,00 €\n"


def test_the_next_file_is_read_as_the_first_one() -> None:
    house = House()
    house.load(GERMAN)
    assert [column.kind for column in house.datasets.get(A).columns] == ["date", "number"]
    found = house.brought("tag;preis\n02.03.2026;3.000,25 €\n")
    assert (found.state, found.failure) == ("done", None)
    assert rows(house)[-1] == (dt.date(2026, 3, 2), 3000.25)
    again = house.brought("tag;preis\n02.03.2026;9,00 €\n", mode="upsert", key=["tag"])
    assert again.report == Report(changed=1)
    assert rows(house)[-1] == (dt.date(2026, 3, 2), 9.0)


@pytest.mark.parametrize(
    "data",
    [
        b'{"id": 4, "town": "Lima"}\n{"town": "Kyiv", "id": 5}\n',
        gzip.compress(b"id,town\n4,Lima\n5,Kyiv\n"),
        "id,town\n4,Lima\n5,Kyiv\n".encode("utf-16"),
    ],
    ids=["jsonl", "gzip", "utf-16"],
)
def test_the_next_file_may_be_of_another_kind(house: House, data: bytes) -> None:
    found = house.brought(data)
    assert (found.state, found.failure) == ("done", None)
    assert rows(house) == [*OLD, (4, "Lima"), (5, "Kyiv")]


def test_what_is_said_of_the_reading_counts(house: House) -> None:
    said = msgspec.convert(
        {"dialect": {"delimiter": "|"}, "columns": [{"source": "place", "name": "town"}]}, Overrule
    )
    found = house.brought("id|place\n4|Lima\n", reading=said)
    assert (found.state, found.failure) == ("done", None)
    assert rows(house) == [*OLD, (4, "Lima")]


def test_rows_with_other_cells_than_the_header_are_given_back(house: House) -> None:
    found = house.brought("id,town\n4\n5,Kyiv\n6,Ulm,x\n", bad_rows="separate")
    assert (found.state, found.report.new, found.report.bad) == ("done", 1, 2)
    assert rows(house) == [*OLD, (5, "Kyiv")]
    text = b"".join(house.imports.bad_rows(A, found.id)).decode()
    assert [row[0] for row in csv.reader(text.splitlines())] == ["row", "1", "3"]


@pytest.mark.parametrize("text", ['id,town\n4,Lima\n5,"Kyiv\n6,Ulm\n', "id,town\n" + "4\n" * 30])
def test_a_file_that_is_no_table_is_refused_whole(house: House, text: str) -> None:
    found = house.brought(text, bad_rows="separate")
    assert found.state == "refused"
    assert rows(house) == OLD


def test_a_line_of_json_without_what_is_required_is_a_bad_row(house: House) -> None:
    found = house.brought(b'{"id": 4}\n{"id": 5, "town": "Kyiv"}\n', bad_rows="separate")
    assert (found.report.new, found.report.bad) == (1, 1)
    assert [flaw.column for flaw in found.report.flaws] == ["town"]
