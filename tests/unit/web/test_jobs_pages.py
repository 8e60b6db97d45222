import pytest

from functions.kit.contract.measures.names import DECIDING, DIRECTIONS
from tests.support.pages.answers import candidate
from web.views.formatting import MOST_SCORES
from web.views.metrics import in_order


@pytest.fixture(autouse=True)
def table(double):
    double.add_dataset()


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
    assert 'href="/jobs?cursor=50&amp;at=51"' in text
    assert 'href="/jobs/j50"' in last
    assert ">First page<" in last
    assert "Next page" not in last


def test_a_job_that_waits_says_its_place(browser, double):
    double.add_job(state="queued", place=3, candidates=[])
    assert "Waiting for its turn: number 3 in the queue." in browser.get("/jobs/j1").text
    double.add_job(state="queued", place=None, candidates=[])
    assert "Waiting for its turn." in browser.get("/jobs/j1").text


def test_a_search_says_its_round_and_how_each_candidate_stands(browser, double):
    rounds = [
        {"rows": 1500, "folds": 2, "keep": 4},
        {"rows": 6000, "folds": 3, "keep": 2},
        {"rows": None, "folds": 5, "keep": 1},
    ]
    candidates = [
        candidate(0, rung=1, rows=6000, folds=3, folds_done=1, score=0.8123),
        candidate(1, state="pruned", rows=1500),
        candidate(2, state="pruned", rung=1, rows=6000),
        candidate(3, state="skipped", score=0.7),
        candidate(4, state="cancelled", rung=2),
        candidate(5, state="queued"),
        candidate(6, state="skipped", seconds=0.0),
    ]
    double.add_job(rungs=rounds, rung=1, candidates=candidates)
    text = browser.get("/jobs/j1").text
    for said in (
        "5 of 7 candidates done.",
        "Round 2 of 3: each on 6,000 rows.",
        "round 2, 6,000 rows, score 0.8123",
        "set aside after a first look",
        "set aside after round 2",
        "not tried to the end: the search was over",
        "not tried: the search was over",
        "stopped<small",
        "round 3, all rows",
        "waiting<small",
    ):
        assert said in text
    assert "The search ends" not in text
    double.add_job("timed", rungs=rounds, candidates=candidates, deadline="2026-01-02T12:00:00Z")
    assert "1,500 rows. The time of the search is over" in browser.get("/jobs/timed").text


@pytest.mark.parametrize("task", DIRECTIONS)
def test_a_table_of_candidates_shows_the_measure_that_decides(task):
    assert DECIDING[task] in in_order(DIRECTIONS[task])[:MOST_SCORES]


def test_a_search_of_one_round_does_not_speak_of_rounds(browser, double):
    double.add_job(deadline="2026-01-02T12:00:00Z")
    text = browser.get("/jobs/j1").text
    assert "round" not in text.lower()
    assert "The search ends over" not in text
    assert "The time of the search is over" in text


def test_a_model_of_several_says_what_it_is_made_of_and_what_was_left_out(browser, double):
    members = [{"candidate": 1, "weight": 0.75}, {"candidate": 0, "weight": 0.25}]
    candidates = [candidate(0, state="succeeded"), candidate(1, algorithm="lightgbm")]
    made = {"state": "succeeded", "version": 3, "best": 1, "members": members}
    double.add_job(candidates=candidates, notes=["2 rows <left> out."], **made)
    text = browser.get("/jobs/j1").text
    assert (
        "asks 2 candidates and weighs their answers: LightGBM 75.0%, Random forest 25.0%." in text
    )
    assert "75.0% of the model" in text
    assert "2 rows &lt;left&gt; out." in text


def test_a_model_of_one_has_no_weights(browser, double):
    members = [{"candidate": 0, "weight": 1.0}]
    double.add_job(state="succeeded", version=3, best=0, members=members)
    assert "of the model" not in browser.get("/jobs/j1").text
