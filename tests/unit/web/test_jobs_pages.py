import datetime as dt
import html
import re

import msgspec
import pytest

from functions.kit.contract.measures.names import DECIDING, DIRECTIONS
from tests.support.pages.answers import EVALUATION, candidate
from tests.support.pages.questions import asked
from web.client.schemas import Job
from web.views import boards
from web.views.formatting import MOST_SCORES, NOTHING
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


def test_a_board_is_sorted_by_score_with_what_failed_last(browser, double):
    some = [
        candidate(0, state="failed", failure="too <large>"),
        candidate(1, state="pruned", score=0.9),
        candidate(2, state="succeeded", rung=1, score=0.7, algorithm="ridge"),
        candidate(3, state="succeeded", rung=1, score=0.8, algorithm="extra_trees"),
        candidate(4, state="queued"),
        candidate(5, state="running"),
    ]
    job = msgspec.convert(double.add_job(candidates=some), Job)
    assert [one.index for one in boards.ranked(job)] == [3, 2, 1, 5, 4, 0]
    text = browser.get("/jobs/j1").text
    assert text.index("Extra trees") < text.index("Ridge") < text.index("too &lt;large&gt;")


def test_a_board_tells_how_much_folds_differ(browser, double):
    told = {"metrics": {"roc_auc": 0.81}, "spread": {"roc_auc": 0.023}}
    double.add_job(candidates=[candidate(0, state="succeeded", **told)])
    text = browser.get("/jobs/j1").text
    assert "0.8100" in text
    assert "± 0.023" in text


def test_of_many_candidates_the_best_are_shown_until_all_are_wanted(browser, fragments, double):
    many = [candidate(n, state="pruned", score=n / 100) for n in range(100)]
    members = [{"candidate": 0, "weight": 0.5}, {"candidate": 99, "weight": 0.5}]
    job = double.add_job(candidates=many, members=members)
    page = browser.get("/jobs/j1")
    assert page.text.count('<th scope="row">') == boards.FIRST + 1  # a member is never hidden
    assert 'href="/jobs/j1?all=yes"' in page.text
    whole = browser.get("/jobs/j1?all=yes")
    assert whole.text.count('<th scope="row">') == 100
    assert 'hx-sse:connect="/jobs/j1/live?all=yes"' in whole.text
    assert 'hx-get="/jobs/j1?all=yes"' in whole.text
    double.events = [job]
    streamed = fragments.get("/jobs/j1/live?all=yes").text
    assert streamed.count('<th scope="row">') == 100


@pytest.mark.parametrize(
    ("more", "title"),
    [
        ({"progress": 0.414}, "41% Training survived"),
        ({"state": "queued", "candidates": []}, "… Training survived queued"),
        ({"state": "succeeded", "version": 2}, "✓ Training survived succeeded"),
        ({"state": "failed"}, "✗ Training survived failed"),
    ],
)
def test_the_tab_tells_the_state(browser, double, more, title):
    double.add_job(**more)
    text = browser.get("/jobs/j1").text
    assert f"<title>{title} · Mayfly</title>" in text
    assert f'data-title="{title}"' in text


@pytest.mark.parametrize(
    ("more", "left"),
    [
        ({"progress": 0.25}, 30.0),
        ({"progress": 0.25, "deadline": "2026-01-02T12:00:20Z"}, 14.0),
        ({"progress": 0.01}, None),
        ({"state": "queued"}, None),
        ({"progress": 0.5, "started_at": None}, None),
    ],
)
def test_the_time_left(double, more, left):
    job = msgspec.convert(double.add_job(**more), Job)
    now = dt.datetime(2026, 1, 2, 12, 0, 10, tzinfo=dt.UTC)
    assert boards.time_left(job, now) == left


def test_progress_has_a_number_a_bar_and_a_time_left(browser, double):
    now = dt.datetime.now(dt.UTC)
    double.add_job(progress=0.25, started_at=(now - dt.timedelta(seconds=20)).isoformat())
    text = browser.get("/jobs/j1").text
    assert '<progress value="0.25"' in text
    assert "25 %" in text
    assert "about 60 seconds left" in text


def test_the_winner_is_one_sentence(browser, double):
    result = {"measure": "roc_auc", "value": 0.87, "score": 0.87, "interval": [0.82, 0.91]}
    double.add_job(state="succeeded", version=3, best=0, result=result)
    text = browser.get("/jobs/j1").text
    assert "ROC AUC 0.87 (0.82 to 0.91) on rows that it never saw. Given one row of each" in text
    double.add_job("old", state="succeeded", version=3, best=0, evaluation=EVALUATION)
    assert "ROC AUC 0.87 (0.82 to 0.91)" in browser.get("/jobs/old").text


@pytest.mark.parametrize(
    ("failure", "does"),
    [
        ("The process ended 5 times while reading the data (out of memory?).", "more memory"),
        ("The snapshot x is gone; was the dataset deleted meanwhile?", "Upload the table again"),
        ("12 rows with a value of 'y' are too few: 5 folds need at least 27.", "fewer folds"),
        ("No column can be learnt from (x: empty).", "Tick more columns"),
        ("The target 'y' has 400 different values.", "another column to predict"),
        ("Every candidate failed: x", "other algorithms"),
        (
            "It does not fit version 1 of 'm': column 'a': it is new; ask for new_line to x",
            "column 'a': it is new.</strong> Train again under another name",
        ),
        ("x", boards.OTHERWISE),
        (None, "The reason was not recorded."),
    ],
)
def test_a_failure_says_what_to_do(browser, double, failure, does):
    double.add_job(state="failed", failure=failure)
    text = html.unescape(browser.get("/jobs/j1").text)
    assert does in text
    assert 'href="/datasets/titanic/train?from=j1"' in text


def test_cancel_asks_once_also_without_scripts(browser, double):
    double.add_job()
    assert "makes no model" in asked(browser, "/jobs/j1", "Cancel…")
    # What asks stays as it is while the board changes around it.
    text = browser.get("/jobs/j1").text
    assert text.index("Cancel…") < text.index('id="live"')


def test_trainings_are_ranked_by_their_result(browser, double):
    def result(value, **more):
        return {"measure": "rmse", "value": value, "score": -value, "interval": None} | more

    double.add_job("worse", state="succeeded", version=1, result=result(3.0))
    double.add_job("none", state="failed")
    double.add_job("best", state="succeeded", version=2, result=result(2.0, interval=[1.5, 2.5]))
    double.add_job("other", state="succeeded", version=4, target="age", result=result(1.0))
    text = browser.get("/jobs/ranking?dataset=titanic&target=survived").text
    assert re.findall('href="/jobs/(\\w+)">survived', text) == ["best", "worse", "none"]
    assert "RMSE 2 (1.5 to 2.5)" in text
    assert "3 trainings" in text
    assert "RMSE 2 (1.5 to 2.5)" in browser.get("/jobs").text


def test_trainings_are_compared_side_by_side(browser, double):
    usual = {"dataset": "titanic", "target": "survived"}
    one = usual | {"folds": 5, "roles": {"sex": "ignore", "age": "weight"}}
    double.add_job("one", request=one)
    double.add_job("two", request=usual | {"folds": 3, "split": {"by": "time", "column": "age"}})
    text = browser.get("/jobs/compare?job=one&job=two&job=one").text
    assert re.search('class="other"><th scope="row">Folds.*?<td>5</td><td>3</td>', text)
    assert f"<td>without sex; age as weight</td><td>{NOTHING}</td>" in text
    assert "<td>by time, age</td>" in text
    assert '<tr><th scope="row">Table</th>' in text
    assert browser.get("/jobs/compare?job=gone").status_code == 404
    assert "Choose trainings" in browser.get("/jobs/compare").text
