"""Tables that once failed, as `cases/README.md` has them: what the preview says, what is stored."""

import datetime as dt

import pytest

from functions.kit.contract.errors import Invalid
from tests.support.rows.readings import Reading, column, said


def table(name: str, cells: list[str], delimiter: str = ",", point: str = ".") -> str:
    """Return a table with a number, a word, a column of these cells, and a target."""
    rows = [
        delimiter.join(
            [f"{place / 8}".replace(".", point), "abc"[place % 3], cell, f"yes{place % 2}"]
        )
        for place, cell in enumerate(cells)
    ]
    return "\n".join([delimiter.join(["x", "g", name, "y"]), *rows, ""])


def numbered(count: int = 40) -> list[str]:
    return [f"{place / 4}" for place in range(count)]


@pytest.mark.parametrize("rows", [119, 6])
def test_a_missing_header_is_asked_for_and_names_are_offered(rows: int) -> None:
    data = "".join(f"{n / 10 - 3},{n / 7:.2f},{'st'[n % 2]}\n" for n in range(rows))
    reading = Reading(data)
    assert reading.decision("header").value is False
    assert "looks like data: '-3.0'" in reading.decision("header").reason
    [question] = reading.preview.questions
    assert question.what == "header"
    assert [one.name for one in reading.preview.columns] == ["column_1", "column_2", "column_3"]
    with pytest.raises(Invalid, match=r'\{"dialect":\{"header":false\}\}'):
        reading.house.upload(data)
    assert reading.house.bucket.stored == {}

    answered = Reading(data, said(**question.options[0].reading))
    assert answered.preview.questions == []
    assert answered.values("column_1") == [n / 10 - 3 for n in range(rows)]
    named = Reading(data, said(**question.options[1].reading))
    assert len(named.values("-3.0")) == rows - 1


@pytest.mark.parametrize("header", ["0,1,2", "2019,2020,2021"])
def test_years_and_places_are_names(header: str) -> None:
    assert Reading(f"{header}\n1,2,3\n4,5,6\n").preview.questions == []


def test_a_blank_first_header_is_the_rows_names() -> None:
    reading = Reading(",x,y\n0,0.5,a\n1,0.7,b\n")
    assert reading.column("row").role == "identifier"
    assert reading.column("row").source == ""
    assert "header is blank" in reading.decision("role", "row").reason
    assert reading.values("row") == [0, 1]
    assert reading.house.datasets.get(reading.house.upload(reading.data).place).columns[0].role == (
        "identifier"
    )


R_TABLES = {
    "commas": '"size","town"\n"a",1.5,"Ulm"\n"b",2.5,"Bern"\n"c",3,NA\n',
    "tabs": "size\ttown\n1\t1.5\tUlm\n2\t2.5\tBern\n3\t3\tNA\n",
    "spaces": '"size" "town"\n"a b" 1.5 "Ulm"\n"b" 2.5 "Bern"\n"c" 3 NA\n',
}


@pytest.mark.parametrize("parted", R_TABLES)
def test_rows_that_begin_with_names_of_their_own(parted: str) -> None:
    reading = Reading(R_TABLES[parted])
    assert (reading.preview.flaws, reading.preview.questions) == ([], [])
    assert reading.column("row").role == "identifier"
    assert "write.table" in reading.decision("row_names").reason
    assert reading.values("size") == [1.5, 2.5, 3.0]
    assert reading.values("town") == ["Ulm", "Bern", None]
    house = reading.house
    more = house.brought(R_TABLES[parted].replace("Ulm", "Kyiv"))
    assert (more.state, [row["town"] for row in house.values()][3:]) == (
        "done",
        ["Kyiv", "Bern", None],
    )


def test_a_column_of_a_table_of_r_s_is_no_list_of_words() -> None:
    assert Reading('"x"\n"1",5\n"2",6\n').values("x") == [5, 6]


@pytest.mark.parametrize(
    "ragged",
    [
        "a,b\n1,2,\n3,4,\n5,6,\n",  # a comma too many ends each row
        "a,b\nx,1,2\nx,3,4\n",  # the first cells are alike
        "a,b\nx,1,2\ny,3\nz,5,6\n",  # not all rows are longer
        "a,b\n1,2,3\n",  # one row tells nothing
    ],
)
def test_rows_that_are_longer_than_the_header_are_not_all_named(ragged: str) -> None:
    preview = Reading(ragged).preview
    assert "the header has 2" in preview.flaws[0].reason


def test_somebody_says_whether_rows_have_names() -> None:
    one = Reading("a,b\nn,1,2\n", said(dialect={"row_names": True}))
    assert one.values("row") == ["n"]
    none = Reading("a,b\n1,2,3\n4,5,6\n", said(dialect={"row_names": False}))
    assert "the header has 2" in none.preview.flaws[0].reason


def test_lines_of_words_are_no_table_of_r_s() -> None:
    text = "town\nNew York\nLos Angeles\nSan Jose\n"
    assert Reading(text).values("town") == ["New York", "Los Angeles", "San Jose"]


def test_telephone_numbers_keep_their_plus() -> None:
    phones = [f"+4930100{n:04d}" for n in range(40)]
    reading = Reading(table("v", phones))
    assert reading.column("v").kind == "text"
    assert reading.values("v") == phones


@pytest.mark.parametrize("first", ["1.5", "9007199254740990"])
def test_sixteen_digits_come_back_digit_for_digit(first: str) -> None:
    cells = [first, *(str(9007199254740993 + n) for n in range(40))]
    assert [str(one) for one in Reading(table("v", cells)).values("v")] == cells


def test_decimal_commas_are_numbers() -> None:
    cells = [one.replace(".", ",") for one in numbered()]
    reading = Reading(table("v", cells, ";", ","))
    assert reading.decision("delimiter").value == ";"
    assert reading.decision("decimal").value == ","
    assert "a number with decimal comma" in reading.decision("kind", "v").reason
    assert reading.values("v") == [float(one) for one in numbered()]


def test_how_numbers_are_written_is_said_in_words() -> None:
    rows = "".join(f"{n};{n}.000,5;{n},5 €\n" for n in range(1, 41))
    reading = Reading("id;price;fee\n" + rows)
    assert [reading.column(name).reason for name in ("id", "price", "fee")] == [
        "each value is a whole number",
        "each value is a number with decimal comma and a point between thousands",
        "each value is a number with decimal comma and the unit €",
    ]


def test_thousands_are_numbers() -> None:
    reading = Reading(table("v", [f'"{n},000"' for n in range(1, 41)]))
    assert reading.decision("thousands", "v").value == ","
    assert reading.decision("thousands", "v").fits == 1.0
    assert reading.values("v") == [n * 1000 for n in range(1, 41)]


def test_a_thousand_or_one_is_asked() -> None:
    data = "k;v\n" + "".join(f"{'ab'[n % 2]};{n},000\n" for n in range(1, 9))
    [question] = Reading(data).preview.questions
    assert (question.column, question.what) == ("v", "numbers")
    with pytest.raises(Invalid, match="column 'v': its cells, such as '1,000'"):
        Reading(data).house.upload(data)
    thousands, decimals = (Reading(data, said(**one.reading)) for one in question.options)
    assert thousands.values("v")[0] == 1000
    assert decimals.values("v")[0] == 1.0
    file = Reading(data, said(dialect={"decimal": ","}))
    assert (file.preview.questions, file.values("v")[1]) == ([], 2.0)


@pytest.mark.parametrize(
    ("cells", "unit", "value"),
    [
        (["5%", "12%", "7.5%"], "%", [5.0, 12.0, 7.5]),
        (["5 %", "12 %", "7 %"], "%", [5, 12, 7]),
        (["$1,000.50", "-$3", "$12"], "$", [1000.5, -3.0, 12.0]),
        (["12 EUR", "3 EUR", "4.5 EUR"], "EUR", [12.0, 3.0, 4.5]),
        (["€1", "€2", "€3"], "€", [1, 2, 3]),
    ],
)
def test_units_are_stripped_and_said(cells: list[str], unit: str, value: list[object]) -> None:
    reading = Reading("k\tv\n" + "".join(f"a\t{cell}\n" for cell in cells))
    assert reading.decision("unit", "v").value == unit
    assert reading.values("v") == value
    assert (reading.column("v").kind, reading.column("v").unit) == ("number", unit)


def test_whole_numbers_with_a_unit_are_integers_if_somebody_says_so() -> None:
    data = "k\tv\na\t5 %\na\t12 %\n"
    reading = Reading(data, column(source="v", kind="integer"))
    assert (reading.column("v").kind, reading.values("v")) == ("integer", [5, 12])


DAYS = [dt.date(2020, 1, 1) + dt.timedelta(days=31 * n) for n in range(40)]


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%Y/%m/%d",
        "%d %b %Y",
        "%b %d, %Y",
        "%d-%m-%y",
    ],
)
def test_days_stay_days(form: str) -> None:
    cells = [f'"{day.strftime(form)}"' for day in DAYS]
    reading = Reading(table("v", cells))
    assert reading.decision("date_format", "v").value == form
    assert reading.values("v") == list(DAYS)
    [stored] = [one for one in reading.house.upload(reading.data).columns if one.name == "v"]
    assert stored.kind == "date"


def test_moments_in_other_formats() -> None:
    cells = ["31/01/2026 13:05", "01/02/2026 00:00"]
    moments = [
        dt.datetime(2026, 1, 31, 13, 5, tzinfo=dt.UTC),
        dt.datetime(2026, 2, 1, tzinfo=dt.UTC),
    ]
    reading = Reading(table("v", cells))
    assert reading.column("v").date_format == "%d/%m/%Y %H:%M"
    assert reading.values("v") == moments


def test_two_orders_that_both_fit_are_asked() -> None:
    data = table("v", [f"{n:02d}/{n % 5 + 1:02d}/2020" for n in range(1, 13)])
    [question] = Reading(data).preview.questions
    assert [one.reading["columns"][0]["date_format"] for one in question.options] == [
        "%d/%m/%Y",
        "%m/%d/%Y",
    ]
    with pytest.raises(Invalid, match=r"column 'v': .*%d/%m/%Y.* or .*%m/%d/%Y"):
        Reading(data).house.upload(data)
    first, second = (Reading(data, said(**one.reading)) for one in question.options)
    assert first.values("v")[1] == dt.date(2020, 3, 2)
    assert second.values("v")[1] == dt.date(2020, 2, 3)


def test_a_question_mark_among_numbers_is_missing_and_said() -> None:
    reading = Reading(table("v", ["?", *numbered(), "?"]))
    assert reading.column("v").kind == "number"
    assert "?" in (reading.column("v").missing or [])
    assert "missing: '?' (2)" in reading.column("v").reason
    assert reading.values("v") == [None, *(n / 4 for n in range(40)), None]
    stored = reading.house.datasets.get(reading.house.upload(reading.data).place)
    assert stored.reading
    assert "missing: '?' (2)" in stored.reading.columns[2].reason


def test_a_number_that_may_mean_missing_is_offered_and_can_be_said() -> None:
    data = table("v", ["-999", *numbered(), "-999"])
    reading = Reading(data)
    [offer] = [one for one in reading.preview.offers if one.what == "missing"]
    assert (offer.column, offer.question) == ("v", "does '-999' mean missing?")
    assert reading.values("v")[0] == -999.0
    told = Reading(data, said(**offer.reading))
    assert told.values("v")[:2] == [None, 0.0]
    assert [one for one in told.preview.offers if one.what == "missing"] == []


@pytest.mark.parametrize("words", [["male", "female", "NA"], ["yes1", "no1", "NA", "N/A"]])
def test_na_among_words_is_missing(words: list[str]) -> None:
    cells = words * 10
    reading = Reading(table("v", cells))
    assert reading.column("v").kind == "category"
    assert set(reading.values("v")) == {*words[:2], None}
    kept = Reading(table("v", cells), column(name="v", missing=[]))
    assert kept.values("v") == cells


def test_namibia_is_no_missing_value() -> None:
    cells = ["DE", "NA", "US", "FR"] * 10
    assert Reading(table("v", cells)).values("v") == cells


def test_words_that_differ_by_spaces_or_case_are_told_and_kept() -> None:
    cells = [" red", "red", "red ", "Red", "blue"] * 8
    reading = Reading(table("v", cells))
    [warning] = reading.shown("v").warnings
    assert warning == "' red', 'Red', 'red', 'red ' differ by case or spaces alone"
    assert reading.values("v") == cells
    stored = reading.house.datasets.get(reading.house.upload(reading.data).place)
    assert stored.reading
    assert stored.reading.columns[2].warnings == [warning]


def test_numbers_with_a_stray_word_say_how_many_fit_and_which_do_not() -> None:
    reading = Reading(table("v", [*numbered(), "ask Ann"]))
    found = reading.decision("kind", "v")
    assert found.value == "text"
    assert found.reason.startswith("40 of 41 values are a number, but not 'ask Ann'")
    assert [(one.row, one.value) for one in found.examples] == [(41, "ask Ann")]
    [offer] = [one for one in reading.preview.offers if one.what == "missing"]
    told = Reading(reading.data, said(**offer.reading))
    assert told.column("v").kind == "number"
    assert told.values("v")[-1] is None
