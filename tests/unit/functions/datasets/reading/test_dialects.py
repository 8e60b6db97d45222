"""Random dialects are detected, and what is written by a reading is read back by it."""

import csv
import datetime as dt
import io
import random
from typing import Any

import pytest

from functions.datasets.model.detection import encodings
from functions.datasets.model.reading import numbers, spellings
from functions.datasets.model.reading.numbers import Marks
from functions.datasets.model.reading.spellings import Spelling
from functions.kit.contract.errors import Invalid
from functions.kit.contract.records import dates
from tests.support.rows.readings import Reading, said

WORDS = ["Zürich", "São Paulo", "Kraków?", "plain", "a, b; c", "it's\there", "l'été", "Ærø"]
ENDS = ["\n", "\r\n", "\r"]


def written(value: float, marks: Marks) -> str:
    """Write a number as a person of some country does."""
    whole, _, fraction = f"{abs(value):.2f}".partition(".")
    groups = f"{int(whole):,}".replace(",", marks.thousands) if marks.thousands else whole
    return f"{'-' if value < 0 else ''}{groups}{marks.decimal}{fraction}{marks.unit}"


def dialect(seed: int) -> tuple[dict[str, Any], bytes, list[dict[str, object]]]:
    """Return a random dialect, a file in it, and its rows."""
    chance = random.Random(seed)
    delimiter, end = chance.choice(",;\t|"), chance.choice(ENDS)
    marks = chance.choice([one for one in numbers.ALL if one.thousands != delimiter])
    encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso-8859-1"])
    words = [word for word in WORDS if _can(word, encoding)]
    form = chance.choice(["%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y"])
    day = dt.date(2024, 1, 1)
    rows: list[dict[str, object]] = [
        {
            "sum": round(chance.uniform(-9_999_999, 9_999_999), 2),
            "word": chance.choice(words),
            "day": day + dt.timedelta(days=chance.randrange(400)),
        }
        for _ in range(30)
    ]
    text = io.StringIO()
    quote = chance.choice("\"'")
    writer = csv.writer(
        text, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=csv.QUOTE_MINIMAL
    )
    writer.writerow(rows[0])
    for row in rows:
        number, at = row["sum"], row["day"]
        assert isinstance(number, float)
        assert isinstance(at, dt.date)
        writer.writerow([written(number, marks), row["word"], at.strftime(form)])
    expected = {"delimiter": delimiter, "quote": quote, "encoding": encoding}
    return expected, text.getvalue().encode(encoding), rows


def _can(word: str, encoding: str) -> bool:
    return word.encode(encoding, errors="replace").decode(encoding) == word


@pytest.mark.parametrize("seed", range(60))
def test_a_random_dialect_is_detected(seed: int) -> None:
    expected, data, rows = dialect(seed)
    reading = Reading(data)
    assert reading.preview.questions == []
    assert reading.decision("delimiter").value == expected["delimiter"]
    assert reading.preview.rows == len(rows)
    assert [reading.values(name) for name in rows[0]] == [
        [row[name] for row in rows] for name in rows[0]
    ]


@pytest.mark.parametrize(
    "marks", [one._replace(unit=u) for one in numbers.ALL for u in ("", "%", "€")]
)
def test_numbers_are_read_back(marks: Marks) -> None:
    chance = random.Random(str(marks))
    for _ in range(200):
        value = round(chance.uniform(-1, 1) * 10 ** chance.randrange(9), 2)
        text = written(value, marks)
        spelling = Spelling("number", marks)
        assert spellings.parse(text, spelling) == value
        assert spelling in spellings.fits(text)


@pytest.mark.parametrize("form", [*dates.DATES, *dates.MOMENTS, dates.ISO])
def test_days_and_moments_are_read_back(form: str) -> None:
    chance = random.Random(form)
    kind: Any = "datetime" if dates.has_time(form) else "date"
    for _ in range(50):
        moment = dt.datetime(2000, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
            seconds=chance.randrange(60, 2_000_000_000)
        )
        text = moment.isoformat() if form == dates.ISO else moment.strftime(form)
        again = spellings.parse(text, Spelling(kind, date_format=form))
        assert isinstance(again, dt.date)
        assert (again.isoformat() if form == dates.ISO else again.strftime(form)) == text


@pytest.mark.parametrize(
    ("text", "encoding", "name", "least"),
    [
        ("a,b\nplain,1\n", "ascii", "utf-8", 0.9),
        ("a,b\nélève,1\n", "utf-8", "utf-8", 0.95),
        ("a,b\nélève,1\n", "iso-8859-1", "iso-8859-1", 0.9),
        ("a,b\n“élève” … 5 €,1\n", "cp1252", "cp1252", 0.9),
        ("a,b\nélève,1\n", "utf-16", "utf-16-le", 1.0),
        ("a,b\nélève,1\n", "utf-16-be", "utf-16-be", 0.7),
    ],
)
def test_an_encoding_is_named_with_how_sure_it_is(
    text: str, encoding: str, name: str, least: float
) -> None:
    found = encodings.detect(text.encode(encoding), whole=True)
    assert (found.name, found.sure >= least) == (name, True), found
    assert Reading(text.encode(encoding)).decision("encoding").value == name


def test_a_cyrillic_file_is_asked_for_its_encoding_and_read_by_the_answer() -> None:
    data = "слово,место\nЮлий,Москве\nЮлия,Тверь\n".encode("cp1251")
    [question] = Reading(data).preview.questions
    assert question.what == "encoding"
    assert question.options[0].reading == {"dialect": {"encoding": "cp1251"}}
    with pytest.raises(Invalid, match=r"is not UTF-8; .* say its encoding"):
        Reading(data).house.upload(data)
    told = Reading(data, said(dialect={"encoding": "cp1251"}))
    assert told.values("слово") == ["Юлий", "Юлия"]


def test_a_byte_that_is_none_of_a_said_encoding_is_placed() -> None:
    data = b"a,b\n1,x\n2,\x81\n"
    with pytest.raises(Invalid) as caught:
        Reading(data, said(dialect={"encoding": "cp1252"})).house.upload(
            data, said=said(dialect={"encoding": "cp1252"})
        )
    [flaw] = caught.value.flaws
    assert (flaw.row, flaw.column) == (2, "b")
    assert "byte 0x81 is none of cp1252" in flaw.reason


def test_the_preview_shows_the_first_rows_and_some_from_all_over() -> None:
    preview = Reading("n\n" + "".join(f"{n}\n" for n in range(5000))).preview
    assert [row[0] for row in preview.first] == [str(n) for n in range(20)]
    assert preview.rows == 5000
    places = [one.row for one in preview.sampled]
    assert len(set(places)) == 20
    assert places == sorted(places)
    assert places[-1] > 2500
    assert all(one.cells == [str(one.row - 1)] for one in preview.sampled)


def test_a_reading_that_is_sent_back_reads_the_same() -> None:
    data = "k;v;d\n" + "".join(f"a;{n},5;0{n}.01.2026\n" for n in range(1, 10))
    first = Reading(data)
    reading = first.preview.reading
    assert reading is not None
    again = Reading(
        data,
        said(dialect=_plain(reading.dialect), columns=[_plain(one) for one in reading.columns]),
    )
    assert again.preview.reading == reading
    assert again.values("v") == first.values("v")


def _plain(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}
