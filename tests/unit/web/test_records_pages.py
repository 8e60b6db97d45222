import json
import re

import pytest

ROW = "/datasets/titanic/records/r0"


@pytest.fixture(autouse=True)
def table(double):
    double.add_dataset()


def form(version="1", **values):
    base = {"age": "30", "sex": "male", "alone": "", "survived": "0"} | values
    return {"version": version} | {f"column.{name}": text for name, text in base.items()}


def sent(double, method):
    return [json.loads(body)["values"] for verb, _, body in double.requests if verb == method]


def changed(double):
    """Return the values that each change of rows by their names was of."""
    return [
        one["values"]
        for _, path, body in double.requests
        if path.endswith("/records/named")
        for one in json.loads(body)["records"]
    ]


def test_edit_in_place_and_on_a_page(browser, fragments):
    assert fragments.get(f"{ROW}/edit").text.lstrip().startswith("<tr")
    page = browser.get(f"{ROW}/edit").text
    assert "<html" in page
    assert 'value="29"' in page


def test_saving_sends_typed_values_and_shows_the_row(fragments, double):
    answer = fragments.post(ROW, data=form(alone="true"))
    assert answer.status_code == 200
    assert "male" in answer.text
    assert changed(double) == [{"age": 30.0, "sex": "male", "alone": True, "survived": 0}]


def test_line_breaks_survive_an_edit(fragments, double):
    double.datasets["titanic"]["columns"] = [{"name": "note", "kind": "text"}]
    double.records["titanic"]["r0"]["values"] = {"note": "\nline\nline"}
    text = fragments.get(f"{ROW}/edit").text
    assert "<textarea" in text
    assert ">\n\nline\nline</textarea>" in text


def test_saving_without_htmx_goes_back(browser):
    answer = browser.post(ROW, data=form())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/datasets/titanic")
    text = browser.get("/datasets/titanic").text
    assert "The row is saved." in text
    assert 'action="/datasets/titanic/history/2/undo"' in text


def test_unreadable_value_is_refused_in_place_before_any_call(fragments, double):
    answer = fragments.post(ROW, data=form(survived="1.5"))
    assert answer.status_code == 422
    assert "must be a whole number" in answer.text
    assert 'value="1.5"' in answer.text
    assert not changed(double)


def test_refusal_of_the_function_is_shown_at_its_column(fragments):
    answer = fragments.post(ROW, data=form(age="500"))
    assert answer.status_code == 422
    assert "Expected at most 120" in answer.text
    assert 'value="500"' in answer.text


def test_conflict_keeps_what_was_typed_shows_what_is_there_and_can_be_saved(fragments, double):
    double.records["titanic"]["r0"] |= {"version": 2}
    answer = fragments.post(ROW, data=form())
    assert answer.status_code == 412
    assert "is now 29" in answer.text
    assert 'value="30"' in answer.text
    assert 'name="version" value="2"' in answer.text
    assert fragments.post(ROW, data=form(version="2")).status_code == 200


def test_adding_a_row(browser, double):
    answer = browser.post("/datasets/titanic/records", data=form(age=""))
    assert answer.status_code == 303
    assert sent(double, "POST") == [{"age": None, "sex": "male", "alone": None, "survived": 0}]


def test_a_form_that_is_sent_twice_adds_one_row(browser, double):
    page = browser.get("/datasets/titanic/records/new").text
    [once] = re.findall(r'name="once" value="([0-9a-f]{32})"', page)
    for _ in range(2):
        answer = browser.post("/datasets/titanic/records", data=form() | {"once": once})
    assert "The row is added." in browser.get(answer.headers["Location"]).text
    assert double.keys_of_rows == [once, once]


def test_adding_a_bad_row_shows_the_form_again(browser):
    answer = browser.post("/datasets/titanic/records", data=form(sex=""))
    assert answer.status_code == 422
    assert "must have a value" in answer.text


def test_deleting(fragments, browser, double):
    assert fragments.post(f"{ROW}/delete", data={"version": "1"}).text == ""
    assert double.records["titanic"] == {}
    assert browser.get("/datasets/titanic/records/new").status_code == 200


def test_deleting_a_changed_row_shows_it_instead(fragments, double):
    double.records["titanic"]["r0"] |= {"version": 2}
    answer = fragments.post(f"{ROW}/delete", data={"version": "1"})
    assert answer.status_code == 412
    assert answer.headers["HX-Reswap"] == "outerHTML"
    assert "Changed meanwhile" in answer.text


def test_deleting_a_changed_row_without_htmx_says_why_it_is_still_there(browser, double):
    double.records["titanic"]["r0"] |= {"version": 2}
    answer = browser.post(f"{ROW}/delete", data={"version": "1"})
    assert answer.status_code == 412
    assert "Changed meanwhile" in answer.text
    assert 'name="version" value="2"' in answer.text


def test_a_form_without_a_version_is_refused(fragments):
    assert fragments.post(f"{ROW}/delete", data={}).status_code == 422


UNUSUAL = {"column": "age", "value": "300", "reason": "more than 80, the most that the column had"}


def test_an_unusual_value_is_saved_and_said_beside_the_row(fragments, double):
    double.warnings = [UNUSUAL]
    answer = fragments.post(ROW, data=form())
    assert answer.status_code == 200
    assert "Saved. Unusual: age 300 is more than 80, the most that the column had." in answer.text
    double.warnings = []
    assert "Unusual" not in fragments.post(ROW, data=form(version="2")).text


@pytest.mark.parametrize("path", [ROW, "/datasets/titanic/records"])
@pytest.mark.parametrize(
    ("suggested", "said"),
    [
        ({"minimum": 0.5, "maximum": 80}, "the column had values from 0.5 to 80"),
        ({"maximum": 80}, "the column had values to 80"),
        ({"minimum": 2024, "maximum": 1234567}, "the column had values from 2024 to 1234567"),
        ({"levels": ["a", "b"]}, "none of the 2 words that the column had"),
    ],
)
def test_an_unusual_value_is_said_where_the_page_goes_back_to(
    browser, double, path, suggested, said
):
    columns = double.datasets["titanic"]["columns"]
    double.datasets["titanic"]["columns"] = [columns[0] | {"suggested": suggested}, *columns[1:]]
    double.warnings = [UNUSUAL]
    back = browser.post(path, data=form()).headers["Location"]
    assert back == "/datasets/titanic?unusual=age"
    text = browser.get(back).text
    assert "Its value of <strong>age</strong> is unusual" in text
    assert said in text
    assert "unusual" not in browser.get("/datasets/titanic?unusual=nope").text


def test_words_that_a_column_had_are_offered_and_bind_nobody(browser, double):
    suggested = {"levels": ["<a>", "b"]}
    double.datasets["titanic"]["columns"] = [
        {"name": "sex", "kind": "category", "suggested": suggested}
    ]
    text = browser.get(f"{ROW}/edit").text
    assert "<select" not in text
    assert 'list="field-1-words"' in text
    assert '<datalist id="field-1-words"><option value="&lt;a&gt;"></option>' in text


def test_bounds_that_a_column_had_are_told_and_bind_nobody(browser, double):
    suggested = {"minimum": 0.5, "maximum": 80.0}
    double.datasets["titanic"]["columns"] = [
        {"name": "age", "kind": "number", "suggested": suggested}
    ]
    text = browser.get(f"{ROW}/edit").text
    assert 'placeholder="0.5 to 80"' in text
    assert 'max="80' not in text
