"""The choices of a training, and what will happen by them."""

import json
import re
import zlib

import msgspec
import pytest

from functions.kit.contract.measures.names import EVERY
from functions.training.model.requests.spec import BUDGETS, JobRequest
from tests.support.pages import answers
from web.client.table_schemas import Column, Dataset
from web.forms import job_requests as orders
from web.views.targets import advice

PATH = "/datasets/titanic/train"
COLUMNS = [one["name"] for one in answers.COLUMNS]


@pytest.fixture(autouse=True)
def table(double):
    double.add_dataset()


def asked(double, path="/training/jobs"):
    """Return the body of the one call of this path."""
    [body] = [body for verb, place, body in double.requests if (verb, place) == ("POST", path)]
    return json.loads(body)


def sent(**more):
    """Return a form as a browser sends it when nothing but `more` was changed."""
    usual = {"target": "survived", "algorithms": ["random_forest", "ridge"], "split": "record"}
    roles = {f"role.{name}": "feature" for name in COLUMNS}
    return usual | roles | {"shown": "yes", "used": COLUMNS} | more


def test_the_form_guesses_the_last_column(browser):
    text = browser.get("/datasets/titanic/train").text
    assert '<option value="survived" selected>' in text


def test_starting_leaves_empty_choices_to_the_function(browser, double):
    data = {"target": "survived", "model": "", "folds": "3", "holdout": "", "seed": ""}
    ticked = {"algorithms": ["ridge", "random_forest"]}
    answer = browser.post("/datasets/titanic/train", data=data | ticked)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs/j2")
    [body] = [body for verb, path, body in double.requests if path == "/training/jobs"]
    assert json.loads(body) == {"dataset": "titanic", "target": "survived", "folds": 3}


def test_a_form_that_is_sent_twice_starts_one_training(browser, double):
    page = browser.get("/datasets/titanic/train").text
    [once] = re.findall(r'name="once" value="([0-9a-f]{32})"', page)
    for _ in range(2):
        browser.post("/datasets/titanic/train", data=sent(once=once))
    assert double.keys_of_jobs == [once, once]


def test_the_form_is_filled_with_the_function_s_own_defaults(browser):
    text = browser.get("/datasets/titanic/train").text
    assert orders.DEFAULTS
    for name, default in orders.DEFAULTS.items():
        [field] = [one for one in msgspec.structs.fields(JobRequest) if one.name == name]
        assert float(default) == field.default
        assert re.search(f'name="{name}"[^>]* value="{re.escape(default)}"', text)
    assert len(re.findall('name="algorithms"[^>]* checked>', text)) == 2
    assert "for numbers" in text


def test_the_algorithms_that_are_ticked_are_tried(browser, double):
    data = {"target": "survived", "algorithms": ["ridge"]}
    browser.post("/datasets/titanic/train", data=data)
    [body] = [body for _, path, body in double.requests if path == "/training/jobs"]
    assert json.loads(body)["algorithms"] == ["ridge"]


def test_without_any_algorithm_nothing_starts(browser, double):
    answer = browser.post("/datasets/titanic/train", data={"target": "survived"})
    assert answer.status_code == 422
    assert "choose at least one" in answer.text
    assert not [path for verb, path, _ in double.requests if verb == "POST"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"target": "age"}, "40 different values"),
        ({"target": "sex", "folds": "x"}, "a whole"),
    ],
)
def test_refused_order_is_explained_in_the_form(fragments, data, said):
    answer = fragments.post("/datasets/titanic/train", data=data | {"algorithms": "ridge"})
    assert answer.status_code == 422
    assert said in answer.text
    assert "<html" not in answer.text


def test_choices_reach_the_function(browser, double):
    form = sent(
        target="alone",
        used=["age", "survived", "alone"],
        measure="f1",
        budget="thorough",
        seconds="29,5",
        task="binary",
        split="group",
        split_column="age",
    )
    browser.post(PATH, data=form | {"role.survived": "weight"})
    assert asked(double) == {
        "dataset": "titanic",
        "target": "alone",
        "measure": "f1",
        "budget": "thorough",
        "seconds": 29.5,
        "task": "binary",
        "split": {"by": "group", "column": "age"},
        "roles": {"sex": "ignore", "survived": "weight"},
    }


def test_what_will_happen_follows_the_choices(fragments, browser, double):
    text = browser.get(PATH).text
    assert f'hx-post="{PATH}/plan"' in text
    assert 'hx-trigger="load, change from:#order' in text
    text = fragments.post(f"{PATH}/plan", data=sent(used=["age"], seconds="40")).text
    assert asked(double, "/training/jobs/plan")["seconds"] == 40
    for said in ("711", "178", "2 rows left out", "40 seconds", "10 candidates", "LightGBM"):
        assert said in text
    assert "Left out: 2 columns" in text
    assert "&lt;copies&gt;" in text
    assert "<form" not in text
    assert not [path for _, path, _ in double.requests if path == "/training/jobs" and _ == "POST"]


def test_without_scripts_a_button_shows_it_beside_the_same_choices(browser, double):
    text = browser.get(PATH).text
    assert re.search(rf'<noscript><button [^>]*formaction="{PATH}/plan"', text)
    text = browser.post(f"{PATH}/plan", data=sent(used=["age"], folds="7")).text
    assert "711" in text
    assert 'name="folds" type="text" inputmode="decimal" value="7"' in text
    ticked = re.findall('name="used" value="([^"]*)" checked', text)
    assert ticked == ["age"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"target": "age"}, "The target has 40 different values."),
        ({"folds": "many"}, "must be a whole number, such as 5"),
        ({"algorithms": []}, "choose at least one"),
    ],
)
def test_what_cannot_be_is_said_where_it_would_happen(fragments, more, said):
    answer = fragments.post(f"{PATH}/plan", data=sent(**more))
    assert answer.status_code == 422
    assert said in answer.text


def test_how_long_the_last_one_that_searched_as_long_took_is_told(fragments, double):
    ended = {"state": "succeeded", "started_at": "2026-01-02T12:00:00Z"}
    usual = {"dataset": "titanic", "target": "survived"}
    double.add_job("j6", **ended, ended_at="2026-01-02T12:09:00Z", target="sex")
    slow = usual | {"budget": "balanced"}
    double.add_job("j7", **ended, ended_at="2026-01-02T12:01:07Z", request=slow)
    double.add_job("j8", **ended, ended_at="2026-01-02T12:00:41Z", request=usual)
    for more, said in (
        ({}, "The last such training took 41.0 s in all."),
        ({"budget": "balanced"}, "The last such training took 1 min 7 s in all."),
    ):
        assert said in fragments.post(f"{PATH}/plan", data=sent(**more)).text
    assert "The last such" not in fragments.post(f"{PATH}/plan", data=sent(seconds="9")).text


REQUEST = {
    "dataset": "titanic",
    "target": "alone",
    "model": "lonely",
    "measure": "f1",
    "folds": 3,
    "holdout": 0.25,
    "seed": 7,
    "budget": "balanced",
    "algorithms": ["ridge"],
    "split": {"by": "time", "column": "age"},
    "roles": {"sex": "ignore", "survived": "weight"},
    "goal": {"best": "f1", "at": None, "costs": None},
    "ensemble": False,
    "new_line": True,
    "candidates": None,
    "recipes": [],
}


def test_training_again_keeps_the_settings(browser, double):
    double.add_job("j5", request=REQUEST)
    text = browser.get(f"{PATH}?from=j5").text
    assert "the goal that sets the threshold" in text
    fields = dict(re.findall('<input [^>]*name="([^"]+)"[^>]* value="([^"]*)"', text))
    ticks = re.findall('name="(used|algorithms)" value="([^"]*)" checked', text)
    picked = re.findall('<select [^>]*name="([^"]+)".*?</select>', text, re.DOTALL)
    chosen = re.findall('<option value="([^"]*)" selected>', text)
    assert len(picked) == len(set(picked)) > 5
    assert {"alone", "f1", "balanced", "time", "age", "weight"} <= set(chosen)
    form = {name: fields[name] for name in ("from", "shown", "model", "folds", "holdout", "seed")}
    form |= {"algorithms": ["ridge"], "used": [name for kind, name in ticks if kind == "used"]}
    form |= {"role.survived": "weight", "role.age": "feature", "target": "alone", "split": "time"}
    form |= {"measure": "f1", "budget": "balanced", "split_column": "age", "new_line": "yes"}
    assert 'name="new_line" value="yes" checked' in text
    browser.post(PATH, data=form)
    kept = {name: value for name, value in REQUEST.items() if value not in (None, [])}
    assert asked(double) == kept


@pytest.mark.parametrize("request_", [{}, REQUEST, {"roles": {"gone": "ignore"}}])
def test_a_request_goes_through_the_form_and_back(request_):
    columns = [msgspec.convert(one, Column) for one in answers.COLUMNS]
    dataset = Dataset("titanic", "titanic", "ready", columns=columns)
    whole = {"dataset": "titanic", "target": "survived", **request_}
    whole = {name: value for name, value in whole.items() if value not in (None, [])}
    choices = orders.choices_of(dataset, whole, ["random_forest", "ridge"])
    made = orders.parse_job_request(dataset, choices, ["random_forest", "ridge"])
    usual = {"folds": 5, "holdout": 0.2, "seed": 0}
    roles = {name: role for name, role in whole.pop("roles", {}).items() if name != "gone"}
    assert made == usual | whole | ({"roles": roles} if roles else {})


def test_the_form_s_words_are_the_function_s():
    assert set(orders.BUDGETS) == set(BUDGETS)
    measures = [name for some in orders.MEASURES.values() for name in some]
    assert sorted(measures) == sorted(EVERY)
    assert {field.name for field in msgspec.structs.fields(JobRequest)} >= orders.ASKED


@pytest.mark.parametrize(
    ("column", "fit", "why"),
    [
        (Column("x", "boolean"), "well", "yes or no"),
        (Column("x", "number"), "well", "a value"),
        (Column("x", "integer", suggested={"minimum": 0, "maximum": 1}), "well", "labels"),
        (Column("x", "integer", minimum=0, maximum=500), "well", "a value"),
        (Column("x", "integer"), "well", "a value"),
        (Column("x", "category", levels=["a", "b"]), "well", "2 labels"),
        (Column("x", "category", suggested={"levels": ["a"]}), "not", "always the same"),
        (Column("x", "text"), "perhaps", "free text"),
        (Column("x", "category", levels=[str(n) for n in range(200)]), "perhaps", "many"),
        (Column("x", "datetime"), "not", "a time"),
        (Column("x", "integer", role="identifier"), "perhaps", "names its rows"),
    ],
)
def test_advice_on_targets(column, fit, why):
    found = advice(column)
    assert found.fit == fit
    assert why in found.why


def test_a_column_that_is_called_the_target_is_guessed():
    columns = [Column("y", "category", role="target"), Column("x", "number")]
    assert orders.default_target(columns) == "y"
    assert orders.default_target([Column("x", "datetime")]) == ""


def test_a_page_of_many_columns_is_light(browser, double):
    double.add_dataset("wide", [{"name": f"column {n}", "kind": "number"} for n in range(300)])
    page = browser.get("/datasets/wide/train")
    assert len(zlib.compress(page.data)) < 40_000
    assert page.text.count('name="used"') == 300
