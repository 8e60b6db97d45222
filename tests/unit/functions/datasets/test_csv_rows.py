import pytest

from functions.datasets.model import limits
from functions.datasets.model.files.csv_rows import Reader, guess_delimiter
from functions.datasets.model.files.lines import LineTooLong, split_lines


def pieces(data, size):
    return (data[at : at + size] for at in range(0, len(data), size))


def read(data, size=7):
    reader = Reader(pieces(data, size))
    return reader, list(reader)


def flaws(data, size=7):
    return [(flaw.row, flaw.column, flaw.reason) for flaw in read(data, size)[0].flaws]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_join_to_the_file_and_keep_their_ends(size):
    data = b"a\r\nb\rc\n\n\r\r\nlast"
    lines = list(split_lines(pieces(data, size), 100))
    assert b"".join(lines) == data
    assert lines == [b"a\r\n", b"b\r", b"c\n", b"\n", b"\r", b"\r\n", b"last"]


def test_a_line_without_end_is_given_up():
    with pytest.raises(LineTooLong):
        list(split_lines(pieces(b"x" * 50, 10), 20))
    assert list(split_lines([b"x" * 50], 50)) == [b"x" * 50]


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_quotes_delimiters_and_line_breaks_in_cells(size):
    data = b'\xef\xbb\xbfname,note\r\n"Smith, ""J""","two\r\nlines"\r\n\r\nb,\xc3\xa9\n'
    reader, rows = read(data, size)
    assert reader.header == ["name", "note"]
    assert [row.cells for row in rows] == [['Smith, "J"', "two\r\nlines"], ["b", "é"]]
    assert [row.number for row in rows] == [1, 2]
    assert rows[-1].end == len(data)
    assert not reader.flaws


def test_reading_goes_on_behind_any_row():
    data = b'a;b\n1;"x\ny"\n2;z\n3;"q;"\n'
    first, rows = read(data)
    for done in (None, *rows):
        offset = done.end if done else first.begin
        number = done.number if done else 0
        rest = Reader(
            [data[offset:]], header=first.header, delimiter=";", row=number, offset=offset
        )
        assert list(rest) == rows[number:]


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ("a|b|c;d", "|"), ('"a;b",c', ","), ("a", ",")],
)
def test_the_delimiter_is_what_parts_the_header(header, delimiter):
    assert guess_delimiter(header) == delimiter


@pytest.mark.parametrize(
    ("data", "row", "column", "reason"),
    [
        (b"", None, None, "the file is empty"),
        (b"\n\r\n", None, None, "the file is empty"),
        (b"\xef\xbb\xbf", None, None, "the file is empty"),
        (b"a,b\n", None, None, "a header and no rows"),
        (b"a,b,a\n1,2,3", None, "a", "columns 1 and 3 have the same name"),
        (b"a,,c\n1,2,3", None, "(column 2)", "no name"),
        (b"__a__\n1", None, "__a__", "two underscores"),
        (b"x" * 201 + b"\n1", None, "x" * 201, "longer than 200"),
        (
            b"a,b\n1,2\n3\n",
            2,
            "b",
            "the row has 1 cell, the header has 2 (parted by commas); add those that are missing",
        ),
        (b"a,b\n1,2,3\n", 1, None, "the header has 2 (parted by commas); quote a cell that holds"),
        (b"a,b\nx,caf\xe9\n", 1, "b", "byte 0xE9 at offset 9 of the file is not UTF-8"),
        (b"a,caf\xe9\nx,y\n", None, None, "byte 0xE9 at offset 5"),
        (b"a,b\n1,2\nx\0,y\n", 2, "a", "NUL byte at offset 9"),
        (b'a,b\n1,"open\n3,4\n', 1, None, "never closed"),
        (b'a,b\n"x"y,2\n', 1, None, "double the quotes"),
        (b"PK\x03\x04 sheet", None, None, "no workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None, None, "it is a picture; choose a file of text"),
        (b"%PDF-1.7\n%\xe2\xe3", None, None, "it is a PDF; choose"),
    ],
)
def test_a_flaw_names_row_column_and_reason(data, row, column, reason):
    [found] = flaws(data)
    assert found[:2] == (row, column)
    assert reason in found[2]


def test_each_column_without_a_name_is_told():
    found = flaws(b"a,,\n1,2,3\n")
    assert [column for _, column, _ in found] == ["(column 2)", "(column 3)"]
    assert all("has no name" in reason for *_, reason in found)


def test_several_flaws_are_reported_together_and_the_good_rows_counted():
    found = flaws(b'a,b\n1\n2,2\n3,\xff\n"4"4,4\n5,5,5\n')
    assert [row for row, _, _ in found] == [1, 3, 4, 5]


def test_flaws_end_at_the_limit():
    assert len(flaws(b"a,b\n" + b"1\n" * 100)) == limits.FLAWS


def test_wide_files():
    header = ",".join(f"c{place}" for place in range(200)).encode()
    reader, rows = read(header + b"\n" + b",".join([b"1"] * 200), 64)
    assert (len(reader.header), len(rows), reader.flaws) == (200, 1, [])
    header = ",".join(f"c{place}" for place in range(1001)).encode()
    [(_, _, reason)] = flaws(header + b"\n1", 4096)
    assert reason == "the file has 1,001 columns, the limit is 1,000; leave some out"


def test_cells_and_rows_too_long():
    long = b"x" * (limits.CELL_LENGTH + 1)
    assert flaws(b"a,b\n1," + long + b"\n2,3\n", 4096) == [
        (1, "b", "the cell is longer than 100,000 characters; shorten it")
    ]
    [(row, _, reason)] = flaws(b'a,b\n1,"' + b"x\n" * 200_000, 4096)
    assert row == 1
    assert "never closed" in reason
    [(row, _, reason)] = flaws(b"a,b\n1,2\n" + b"x" * 1_100_000, 65536)
    assert row == 2
    assert "end each with a line end" in reason


def test_a_blank_cell_of_a_lonely_column_is_a_row_when_it_is_quoted():
    assert [row.cells for row in read(b'a\n""\n\n1\n')[1]] == [[""], ["1"]]
