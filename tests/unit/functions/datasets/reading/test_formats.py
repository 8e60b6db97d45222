"""CSV, TSV, JSON Lines, Parquet and Excel, packed or not: known by content, exact by type."""

import datetime as dt
import decimal
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from functions.datasets.adapters.files import parquet_table
from functions.datasets.adapters.files import workbook as workbook_reader
from functions.datasets.model.files.csv_rows import Refused
from functions.datasets.model.reading.shapes import DialectOverrule
from functions.datasets.service.files.importing import Importer
from functions.kit.contract.errors import Conflict, Invalid, TooLarge, Unreadable
from tests.support.in_memory.datasets import MOST, A, House
from tests.support.rows.readings import Reading, column, said
from tests.support.rows.workbooks import workbook

DAY = dt.date(2026, 1, 31)
NOON = dt.datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=dt.UTC)
BIG = 2**53 + 1
ROWS: list[dict[str, Any]] = [
    {"n": n + 0.5, "i": BIG + n, "b": n % 2 == 0, "t": f"{n:03d}", "c": "NA", "d": DAY, "m": NOON}
    for n in range(3)
] + [dict.fromkeys("nibtcdm")]


def as_parquet(rows: list[dict[str, Any]], schema: pa.Schema | None = None) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), file, row_group_size=2)
    return file.getvalue()


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    lines = [json.dumps(row, default=lambda value: value.isoformat()) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    lines = [",".join("" if one is None else str(one) for one in row.values()) for row in rows]
    return ("\n".join([",".join(rows[0]), *lines]) + "\n").encode()


def imported(data: bytes, house: House | None = None) -> list[dict[str, Any]]:
    house = house or House()
    assert house.load(data).state == "ready"
    return house.values()


@pytest.mark.parametrize("write", [as_parquet, as_jsonl])
@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress])
def test_typed_values_come_through_exactly(
    write: Callable[[list[dict[str, Any]]], bytes], pack: Callable[[bytes], bytes]
) -> None:
    house = House()
    assert imported(pack(write(ROWS)), house) == ROWS
    stored = house.datasets.get(A)
    assert stored.reading
    assert stored.reading.dialect.compressed == (pack is gzip.compress)
    kinds = ["number", "integer", "boolean", "text", "category", "date", "datetime"]
    assert [one.kind for one in stored.columns] == kinds


def test_a_sheet_has_days_moments_numbers_and_words() -> None:
    noon = dt.datetime(2026, 1, 31, 12)  # noqa: DTZ001 - Excel knows no zones
    rows: list[list[object]] = [
        ["n", "i", "b", "t", "d", "m"],
        [1.5, 3, True, "007", DAY, noon],
        [None] * 6,
    ]
    data = workbook({"One": [*rows, [2.5, 4, False, "x", DAY, noon]], "Two": [["a"], [1], [2]]})
    moment = noon.replace(tzinfo=dt.UTC)
    assert imported(data) == [
        {"n": 1.5, "i": 3, "b": True, "t": "007", "d": DAY, "m": moment},
        {"n": 2.5, "i": 4, "b": False, "t": "x", "d": DAY, "m": moment},
    ]
    assert Reading(data).decision("sheet").reason == "of One, Two"
    assert Reading(data, said(dialect={"sheet": "Two"})).values("a") == [1, 2]
    with pytest.raises(Invalid, match="no sheet 'Three'; it has One, Two"):
        Reading(data, said(dialect={"sheet": "Three"})).values("a")


def test_tabs_part_cells_too() -> None:
    assert Reading("a\tb\n1,5\tx\n2,5\ty\n").values("a") == [1.5, 2.5]


def test_keys_may_come_late_and_be_left_out() -> None:
    data = b'{"a": 1}\n\n{"b": "x", "a": null}\n{"b": "y"}\n'
    assert imported(data) == [{"a": 1, "b": None}, {"a": None, "b": "x"}, {"a": None, "b": "y"}]


def test_json_says_what_is_text() -> None:
    data = b'{"zip": "12345", "n": 12345678901234567890}\n{"zip": "1", "n": 1.5}\n'
    rows = imported(data)
    assert rows == [{"zip": "12345", "n": "12345678901234567890"}, {"zip": "1", "n": "1.5"}]


@pytest.mark.parametrize(
    ("data", "row", "name", "reason"),
    [
        (b'{"a": 1}\n{"a": \n', 2, None, "not JSON"),
        (b'{"a": 1}\n[1]\n', 2, None, "not a JSON object"),
        (b'{"a": 1}\n{"a": [1]}\n', 2, "a", "a list or an object"),
        (b'{"a": 1}\n{"a": Infinity}\n', 2, "a", "not a finite number"),
        (b'{"a": 1}\n{"__x__": 1}\n', 2, "__x__", "two underscores"),
        (b'{"a": 1}\n{"a": ' + b"[" * 100_000 + b"\n", 2, None, "too deep"),
        (b'{"a": ' + b"[" * 100_000 + b"\n", 1, None, "too deep"),
    ],
)
def test_flaws_of_json_lines_are_placed(
    data: bytes, row: int, name: str | None, reason: str
) -> None:
    with pytest.raises(Invalid) as caught:
        House().upload(data)
    [flaw] = caught.value.flaws
    assert (flaw.row, flaw.column) == (row, name)
    assert reason in flaw.reason


def test_decimals_of_more_digits_than_a_float_holds_stay_text() -> None:
    short, long = decimal.Decimal("12.50"), decimal.Decimal("0.12345678901234567890")
    assert imported(as_parquet([{"v": short}])) == [{"v": 12.5}]
    assert imported(as_parquet([{"v": long}])) == [{"v": str(long)}]


def test_moments_finer_than_kept_are_refused() -> None:
    fine = pa.table({"t": pa.array([1, 2], pa.timestamp("ns"))})
    file = io.BytesIO()
    parquet.write_table(fine, file)
    with pytest.raises(Invalid, match="would lose data"):
        House().upload(file.getvalue())


@pytest.mark.parametrize(
    "column",
    [
        pa.array([10**18], pa.timestamp("us")),
        pa.array([10**15], pa.timestamp("s")),
        pa.array([10**8], pa.int32()).cast(pa.date32()),
        pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"], pa.binary()).buffers()),
    ],
    ids=["microseconds", "seconds", "days", "text"],
)
def test_what_python_has_no_value_of_is_refused(column: pa.Array) -> None:
    file = io.BytesIO()
    parquet.write_table(pa.table({"v": column}), file)
    with pytest.raises(Invalid, match="column 'v': it holds"):
        House().upload(file.getvalue())


def packed(texts: list[str], rows: int) -> bytes:
    """Return a Parquet file whose rows take turns at some texts, each of which it holds once."""
    places = pa.array([n % len(texts) for n in range(rows)], pa.int32())
    column = pa.DictionaryArray.from_arrays(places, pa.array(texts))
    file = io.BytesIO()
    parquet.write_table(pa.table({"v": column}), file, dictionary_pagesize_limit=2**30)
    return file.getvalue()


def test_a_text_that_a_dictionary_holds_once_is_decoded_for_few_rows_at_a_time() -> None:
    long = packed(["x" * 1_000_000, "y"], 150)
    with parquet_table.opened(io.BytesIO(long)) as table:
        sizes = [batch.num_rows for batch in table._batches()]
    assert (max(sizes), sum(sizes)) == (parquet_table.BATCH_BYTES // 1_000_000, 150)
    with parquet_table.opened(io.BytesIO(packed(["x", "y"], 2_500))) as table:
        assert [batch.num_rows for batch in table._batches()] == [1_000, 1_000, 500]


def test_a_table_that_is_larger_than_its_file_is_refused() -> None:
    data = packed(["x" * 50_000, "y" * 50_000], 2 * MOST // 50_000)
    assert len(data) < MOST
    house = House()
    with pytest.raises(TooLarge, match=f"unpacks to more than the limit of {MOST:,} bytes"):
        house.upload(data)
    assert house.bucket.stored == {}


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, b"x", dt.time(3)])
def test_a_column_of_another_type_is_named(value: Any) -> None:
    with pytest.raises(Invalid, match=r"column 'v': a column of .* cannot be taken"):
        House().upload(as_parquet([{"v": value}]))


@pytest.mark.parametrize(
    "data", [b"PAR1 and no more", workbook({"A": [["x"], [1]]})[:300], b"PK\x03\x04" + b"x" * 60]
)
def test_a_broken_file_says_what_it_seems_to_be(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"Parquet|workbook"):
        House().upload(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html>\n<html><body>a,b</body></html>\n", "a web page"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<rows/>\n', "XML"),
        (b'[{"a": 1}, {"a": 2}]', "a list of JSON; write one object a line"),
        (b'[\n  {"a": 1},\n  {"a": 2}\n]\n', "a list of JSON"),
        (b"[[1, 2], [3, 4]]", "a list of JSON"),
    ],
)
def test_text_that_is_no_table_is_called_by_its_name(data: bytes, what: str) -> None:
    with pytest.raises(Invalid, match=f"this is not a CSV file: it is {what}"):
        House().upload(data)


@pytest.mark.parametrize("data", [b"[a],{b}\n1,2\n", b"<html_count>,b\n1,2\n"])
def test_odd_headers_are_no_other_kind_of_file(data: bytes) -> None:
    assert len(imported(data)) == 1


WIDE = "a,b\n1,2\n".encode("utf-16")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (WIDE[:-1], None),
        (WIDE[:-4] + b"\x00\xdc" + WIDE[-4:], None),
        (b"a,b\n1,2\n", "utf-16"),
        (b"a,b\n1,2\n", "utf-32"),
        (b"a,b\n1,+\xff\n", "utf-7"),
    ],
)
def test_a_file_that_is_not_in_its_encoding_is_refused(data: bytes, encoding: str | None) -> None:
    dialect = {} if encoding is None else {"encoding": encoding}
    with pytest.raises(Invalid, match="the file is not whole and well-formed utf"):
        House().upload(data, said=said(dialect=dialect))


@pytest.mark.parametrize(
    "encoding", ["idna", "punycode", "undefined", "unicode_escape", "base64", "rot13", "x", "a\0b"]
)
def test_what_is_no_encoding_of_files_is_refused(encoding: str) -> None:
    with pytest.raises(Invalid, match="there is no encoding"):
        House().upload(b"a,b\n1,2\n", said=said(dialect={"encoding": encoding}))


def test_a_packed_file_that_breaks_off_is_refused() -> None:
    data = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    for part, reason in (
        (data[: len(data) // 2], "breaks off"),
        (data[:12] + b"\xff" * 9 + data[21:], "is broken"),
    ):
        with pytest.raises(Unreadable, match=reason):
            House().upload(part)
    assert len(imported(data)) == 1000
    assert len(imported(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"))) == 2


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"a\n" * 500_000) for _ in range(10)) + packer.flush()
    house = House()
    with pytest.raises(TooLarge, match=f"{MOST:,}"):
        house.upload(bomb)
    assert house.bucket.stored == {}


def test_a_workbook_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "UNPACKED_BYTES", 100_000)
    file = io.BytesIO(workbook({"A": [["x"], [1]]}))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * 200_000)
    data = file.getvalue().replace((200_000).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    with pytest.raises(Refused, match="unpacks to more than 100,000"):
        workbook_reader.Workbook(io.BytesIO(data), DialectOverrule())


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"</sheetData>", FAR, "within 1,610,612,736 bytes of memory"),
        (b"</sheetData>", b"</nothing>", "the workbook cannot be read"),
        (b'<row r="2">', b'<row r="2"', "the workbook cannot be read"),
    ],
    ids=["a cell far away", "another end", "a broken tag"],
)
def test_a_workbook_that_its_reader_does_not_survive_is_refused(
    old: bytes, new: bytes, reason: str
) -> None:
    with pytest.raises(Invalid, match=reason):
        House().upload(with_sheet(lambda sheet: sheet.replace(old, new)))


def test_a_text_that_is_in_many_cells_is_held_once_or_refused() -> None:
    """A workbook of some kilobytes whose cells are 3 GB."""
    cells = b"".join(b'<row><c t="s"><v>0</v></c></row>' for _ in range(100_000))
    text = b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    with pytest.raises(Invalid, match=r"bytes of memory|longer than"):
        House().upload(
            with_sheet(lambda sheet: sheet.replace(b"</sheetData>", cells + b"</sheetData>"), text)
        )


def with_sheet(change: Callable[[bytes], bytes], texts: bytes = b"") -> bytes:
    """Return a workbook of which a sheet was changed by hand."""
    out = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(workbook({"A": [["x"], [1]]})))
    with whole as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if "sheet1" in name else data)
        if texts:
            new.writestr("xl/sharedStrings.xml", texts)
    return out.getvalue()


FILES = {
    "csv": as_csv([{"n": n, "t": f"é{n}"} for n in range(20)]),
    "csv in Windows-1252": "n,t\n".encode("cp1252")
    + b"".join(f"{n},é{n}\n".encode("cp1252") for n in range(20)),
    "utf-16": ("n,t\n" + "".join(f"{n},é{n}\n" for n in range(20))).encode("utf-16"),
    "jsonl": as_jsonl([{"n": n, "t": f"é{n}"} for n in range(20)]),
    "parquet": as_parquet([{"n": n, "t": f"é{n}"} for n in range(20)]),
    "xlsx": workbook({"A": [["n", "t"], *([n, f"é{n}"] for n in range(20))]}),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress])
def test_an_import_goes_on_where_it_was_killed(
    kind: str, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step ends after a commit of one row, as a process does that is killed then."""
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 1)
    monkeypatch.setattr(Importer, "seconds", 4.0)
    house = House()
    house.clock._tick = 1.0
    house.upload(pack(FILES[kind]))
    assert house.deliver() > 1
    assert house.values() == [{"n": n, "t": f"é{n}"} for n in range(20)]


def test_the_same_file_read_otherwise_is_another_table() -> None:
    house = House()
    house.load("a,b\n1,2\n3,4\n")
    assert house.upload("a,b\n1,2\n3,4\n").state == "ready"
    with pytest.raises(Conflict, match="read in another way"):
        house.upload("a,b\n1,2\n3,4\n", said=column(name="a", kind="text"))


def test_what_somebody_says_is_done_or_the_cells_are_named() -> None:
    data = "a,b\n1,x\n2,y\nz,x\n"
    told = Reading(data, column(source="a", name="age", kind="text", role="ignore"))
    assert told.values("age") == ["1", "2", "z"]
    assert told.column("age").role == "ignore"
    with pytest.raises(Invalid) as caught:
        House().upload(data, said=column(name="a", kind="integer"))
    [flaw] = caught.value.flaws
    assert (flaw.row, flaw.column, flaw.value) == (3, "a", "z")
    assert "a whole number is wanted" in flaw.reason
