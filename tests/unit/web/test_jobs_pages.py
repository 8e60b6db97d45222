import json
import re

import msgspec
import pytest

from functions.training.model.spec import JobRequest
from web.forms import job_requests as orders


@pytest.fixture(autouse=True)
def table(double):
    double.add_dataset()


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


def test_the_form_is_filled_with_the_function_s_own_defaults(browser):
    text = browser.get("/datasets/titanic/train").text
    assert orders.DEFAULTS
    for name, default in orders.DEFAULTS.items():
        [field] = [one for one in msgspec.structs.fields(JobRequest) if one.name == name]
        assert float(default) == field.default
        assert re.search(f'name="{name}"[^>]* value="{re.escape(default)}"', text)
    assert text.count('name="algorithms"') == text.count(" checked>") == 2
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
    [({"target": "age"}, "40 different values"), ({"target": "sex", "folds": "x"}, "a number")],
)
def test_refused_order_is_explained_in_the_form(fragments, data, said):
    answer = fragments.post("/datasets/titanic/train", data=data | {"algorithms": "ridge"})
    assert answer.status_code == 422
    assert said in answer.text
    assert "<html" not in answer.text


def test_running_job_is_live_and_falls_back_to_asking(browser, double):
    double.add_job()
    text = browser.get("/jobs/j1").text
    assert 'hx-sse:connect="/jobs/j1/live"' in text
    assert 'hx-trigger="every 5s"' in text
    assert '<noscript><meta http-equiv="refresh"' in text


def test_ended_job_asks_no_more(browser, fragments, double):
    double.add_job(state="succeeded", version=3, best=0)
    for answer in (browser.get("/jobs/j1"), fragments.get("/jobs/j1")):
        assert "every 5s" not in answer.text
        assert "hx-sse" not in answer.text
        assert "/models/titanic/versions/3" in answer.text


def test_stream_sends_each_change_and_closes_at_the_end(fragments, double):
    job = double.add_job()
    double.events = [job, None, job | {"state": "failed", "failure": "No <memory>."}]
    answer = fragments.get("/jobs/j1/live")
    assert answer.content_type.startswith("text/event-stream")
    first, *_, closing = answer.text.split("\n\n")[:-1]
    assert first.startswith("data: ")
    assert ": still here\n\n" in answer.text
    assert "No &lt;memory&gt;." in answer.text
    assert closing == "event: end\ndata: done"
    assert all(
        line.startswith(("data: ", "event: ", ": ")) for line in answer.text.split("\n") if line
    )


def test_stream_of_an_unknown_job_is_a_plain_404(fragments):
    assert fragments.get("/jobs/nope/live").status_code == 404


def test_stream_that_breaks_off_ends_without_saying_end(fragments, double):
    job = double.add_job()
    double.events = [job]
    assert "event: end" not in fragments.get("/jobs/j1/live").text


def test_stream_ends_when_the_server_is_told_to_stop(fragments, double, shutdown, monkeypatch):
    job = double.add_job()
    double.events = [job, job, job]
    monkeypatch.setattr(shutdown, "requested", True)
    answer = fragments.get("/jobs/j1/live")
    assert answer.text.count('class="panel job') == 1
    assert "event: end" not in answer.text


def test_cancel(browser, double):
    double.add_job()
    assert browser.post("/jobs/j1/cancel").headers["Location"] == "/jobs/j1"
    assert ("POST", "/training/jobs/j1/cancel", b"") in double.requests


def test_resume(browser, double):
    double.add_job()
    assert 'action="/jobs/j1/resume"' in browser.get("/jobs/j1").get_data(as_text=True)
    assert browser.post("/jobs/j1/resume").headers["Location"] == "/jobs/j1"
    assert ("POST", "/training/jobs/j1/resume", b"") in double.requests
    double.add_job(state="succeeded")
    assert "/jobs/j1/resume" not in browser.get("/jobs/j1").get_data(as_text=True)


def test_list_goes_on_page_by_page(browser, double):
    for number in range(51):
        double.add_job(f"j{number}")
    text = browser.get("/jobs").text
    assert 'href="/jobs/j49"' in text
    assert 'href="/jobs/j50"' not in text
    last = browser.get("/jobs?cursor=50").text
    assert 'href="/jobs?cursor=50"' in text
    assert 'href="/jobs/j50"' in last
    assert ">First page<" in last
    assert "Next page" not in last
