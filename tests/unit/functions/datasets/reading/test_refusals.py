"""What is said of a file that cannot be taken: the thing, where it is, and what to do about it."""

import gzip
import io
import zipfile
from typing import NamedTuple

import pytest

from functions.kit.contract.errors import DomainError, Invalid, TooLarge, Unreadable
from tests.support.in_memory.datasets import House
from tests.support.rows.readings import Reading, said


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    return packed.getvalue()


WIDE = ",".join(f"c{place}" for place in range(10_000)).encode()
NUMBERS = b"1,2.5\n2,3.5\n3,4.5\n"


class Case(NamedTuple):
    """A file, the place that is named (row and column), and words of what is said."""

    file: bytes
    place: tuple[int | None, str | None]
    thing: str
    remedy: str
    error: type[DomainError] = Invalid


NOWHERE = (None, None)
CASES = {
    "bad encoding": Case(
        b"id,town\n" + b"1,Rome\n" * 50_000 + b"2,Z\xfcrich\n", (50_001, "town"),
        "byte 0xFC at offset 350,011", "save the file as UTF-8",
    ),
    "a NUL byte": Case(b"a,b\n1,x\0y\n", (1, "b"), "NUL byte at offset 7", "remove it"),
    "a short row": Case(b"id,town\n1\n2,Oslo\n", (1, "town"), "1 cell", "add those"),
    "a long row": Case(b"id,town\n1,Rome,x\n2,Oslo\n", (1, None), "3 cells", "quote a cell"),
    "a second header": Case(b"id,price\n(no),(EUR)\n" + NUMBERS, NOWHERE, "'(no)'", "remove that"),
    "the header twice": Case(b"id,price\nid,price\n" + NUMBERS, NOWHERE, "row 1", "remove that"),
    "a title": Case(
        b"Sales 2026\nid,price\n" + NUMBERS, NOWHERE, "the first line, 'Sales 2026'", "remove it"
    ),
    "titles": Case(
        b"Sales\n2026\nid;price\n" + NUMBERS.replace(b",", b";"), NOWHERE,
        "the first 2 lines, 'Sales'", "remove them",
    ),
    "no header": Case(NUMBERS, NOWHERE, "the first row looks like data", '{"header":false}'),
    "an empty file": Case(b"", NOWHERE, "is empty", "must name the columns"),
    "blank lines": Case(b"\n\r\n", NOWHERE, "is empty", "must name the columns"),
    "a header alone": Case(b"id,town\n", NOWHERE, "a header and no rows", "add at least one"),
    "a picture": Case(b"\x89PNG\r\n\x1a\n\0\0", NOWHERE, "a picture", "choose a file of text"),
    "a PDF": Case(b"%PDF-1.7\n", NOWHERE, "a PDF", "choose a file of text"),
    "an archive": Case(zipped(), NOWHERE, "a ZIP archive", "unpack it"),
    "an old workbook": Case(b"\xd0\xcf\x11\xe0" + b"\0" * 600, NOWHERE, "old Office", "save the"),
    "a web page": Case(b" <!DOCTYPE html>\n<p>Log in\n", NOWHERE, "a web page", "choose a file"),
    "XML": Case(b"<?xml version='1.0'?>\n<a/>\n", NOWHERE, "XML", "choose a file of text"),
    "a list of JSON": Case(b'[\n {"a": 1}\n]\n', NOWHERE, "a list of JSON", "one object a line"),
    "an object of JSON": Case(b'{\n "a": 1}\n', NOWHERE, "an object of JSON", "one object a line"),
    "a broken line": Case(b'{"a":1}\n{"a":}\n', (2, None), "character 6", "one object a line"),
    "a nested object": Case(b'{"a":1}\n{"a":{}}\n', (2, "a"), "an object", "one value a column"),
    "no Parquet": Case(b"PAR1" + b"x" * 99, NOWHERE, "the Parquet file cannot be", "write it"),
    "a bomb": Case(
        gzip.compress(b"a,b\n" + (b"1," + b"2" * 90_000 + b"\n") * 30), NOWHERE,
        "unpacks to more than", "split it", TooLarge,
    ),
    "half a packed file": Case(
        gzip.compress(NUMBERS)[:-9], NOWHERE, "breaks off", "send it again", Unreadable
    ),
    "more than a packed file": Case(
        gzip.compress(NUMBERS) + b"x" * 20, NOWHERE, "something follows", "pack it again",
        Unreadable,
    ),
    "packed twice": Case(gzip.compress(gzip.compress(NUMBERS)), NOWHERE, "twice", "unpack it"),
    "10,000 columns": Case(WIDE + b"\n" + WIDE, NOWHERE, "10,000 columns", "leave some out"),
    "one name twice": Case(b"a,b,a\n1,2,3\n", (None, "a"), "columns 1 and 3", "rename one"),
    "no name": Case(b"a,,c\n1,2,3\n", (None, "(column 2)"), "no name", "give it one"),
    "a long name": Case(b"x" * 201 + b"\n1\n", (None, "x" * 201), "200 characters", "shorten"),
    "an open quote": Case(b'a,b\n1,"x\n2,y\n', (1, None), "never closed", "close it"),
    "a long cell": Case(
        b"a,b\n1," + b"x" * 200_000 + b"\n", (1, None), "100,000 characters", "shorten it"
    ),
    "no line ends": Case(b"a,b" + b"x" * 1_200_000, (1, None), "1,000,000 bytes", "end each"),
    "infinity": Case(b"a,b\n1,inf\n" + NUMBERS, (1, "b"), "not a finite number", "leave the cell"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_refusal_names_the_thing_its_place_and_a_remedy(case: str) -> None:
    file, place, thing, remedy, error = CASES[case]
    house = House()
    with pytest.raises(error) as caught:
        house.upload(file)
    told = caught.value.detail
    assert thing in told
    assert remedy in told
    assert not told.rstrip(".").endswith((".", "?"))
    found = caught.value.flaws[0] if caught.value.flaws else None
    assert (found and found.row, found and found.column) == place
    assert house.bucket.stored == {}


def test_what_looks_like_a_second_header_is_a_row_if_somebody_says_so() -> None:
    file = CASES["a second header"].file
    [question] = Reading(file).preview.questions
    assert question.options[0].reading == {"dialect": {"header": True}}
    read = Reading(file, said(dialect={"header": True}))
    assert read.values("price") == ["(EUR)", "2.5", "3.5", "4.5"]


@pytest.mark.parametrize(
    "file",
    [
        "id,price\nNA,?\n1,2.5\n2,3.5\n",  # missing
        "id,price\n1,unknown yet\n2,2.5\n3,3.5\n",  # one stray word
        "town,note\nRome,x\nOslo,y\nBern,z\n",  # words above words
        "note\nhello; you\nbye; me\nso; long\n",  # a column of text
    ],
)
def test_rows_are_not_taken_for_headers(file: str) -> None:
    preview = Reading(file).preview
    assert (preview.questions, preview.flaws) == ([], [])
