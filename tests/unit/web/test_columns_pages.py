"""Schema edits: the form of one column, and what becomes of it."""

import json

import pytest

from web.client.table_schemas import Column
from web.forms.columns import ColumnForm, parse_column

AGE = {"name": "age", "revision": "1", "kind": "number", "minimum": "0", "maximum": "120"}


@pytest.fixture(autouse=True)
def table(double):
    double.add_dataset()


def change(client, **more):
    return client.post("/datasets/titanic/column", data=AGE | more)


def sent(double):
    return [json.loads(body) for verb, _, body in double.requests if verb == "PATCH"]


def test_each_column_leads_to_its_form(browser):
    assert (
        'href="/datasets/titanic/column?name=age"' in browser.get("/datasets/titanic/columns").text
    )
    text = browser.get("/datasets/titanic/column?name=sex").text
    assert '<option value="category" selected>' in text
    assert ">\nfemale\nmale</textarea>" in text
    assert 'name="required" checked' in text


def test_no_such_column(browser):
    assert browser.get("/datasets/titanic/column?name=x").status_code == 404
    assert browser.get("/datasets/titanic/column").status_code == 404


def test_a_change_goes_out_with_the_revision_that_was_seen(browser, double):
    answer = change(browser, required="on", maximum="99.5")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/datasets/titanic/columns")
    column = {"name": "age", "kind": "number", "required": True, "minimum": 0, "maximum": 99.5}
    assert sent(double) == [{"columns": [column]}]


def test_a_sensitive_column_stays_so(browser, double):
    columns = double.datasets["titanic"]["columns"]
    double.datasets["titanic"]["columns"] = [
        column | {"sensitive": column["name"] == "age"} for column in columns
    ]
    change(browser, kind="text")
    assert sent(double) == [{"columns": [{"name": "age", "kind": "text", "sensitive": True}]}]


def test_what_the_kind_has_not_is_left_out(browser, double):
    change(browser, kind="text", levels="a\r\nb")
    assert sent(double) == [{"columns": [{"name": "age", "kind": "text"}]}]


def test_rows_that_do_not_fit_are_named_and_what_was_typed_stays(fragments, double):
    answer = change(fragments, maximum="1")
    assert answer.status_code == 422
    for text in ("The rows do not fit", "<td>1</td>", "more than 1", 'value="1"'):
        assert text in answer.text
    assert "<html" not in answer.text
    assert double.datasets["titanic"]["revision"] == 1


def test_a_bound_that_is_no_number_never_goes_out(browser, double):
    answer = change(browser, minimum="low")
    assert answer.status_code == 422
    assert "must be a number" in answer.text
    assert 'value="low"' in answer.text
    assert change(browser, kind="matrix").status_code == 422
    assert change(browser, revision="x").status_code == 422
    assert not sent(double)


def test_a_table_that_was_changed_meanwhile_says_so_and_takes_it_the_second_time(browser, double):
    double.datasets["titanic"]["revision"] = 2
    answer = change(browser, maximum="99")
    assert answer.status_code == 412
    assert "changed after you opened this form" in answer.text
    assert 'name="revision" value="2"' in answer.text
    assert 'value="99"' in answer.text
    assert change(browser, maximum="99", revision="2").status_code == 303


@pytest.mark.parametrize(
    "column",
    [
        Column("n", "number", minimum=-0.5),
        Column("i", "integer", required=True, minimum=0, maximum=2**40),
        Column("c", "category", levels=[" a", "b,c"]),
        Column("t", "text"),
    ],
)
def test_what_is_shown_reads_back_the_same(column):
    assert parse_column(column.name, ColumnForm.of(column)) == (column, {})


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "1,5,0"])
def test_bounds_are_finite_numbers(text):
    column, wrong = parse_column("n", ColumnForm("number", False, text, "", ""))
    assert column is None
    assert wrong == {"minimum": "must be a number"}
