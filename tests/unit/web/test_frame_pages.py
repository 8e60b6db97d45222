"""The frame of all pages, the one list, search, questions, and what is said once."""

import html
import json
import re
from collections import deque
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import g

from tests.support.pages.questions import asked
from web.client.errors import NotFound
from web.client.parts import Parts
from web.client.schemas import Page
from web.http import toasts
from web.http.confirmations import Confirmations, Question
from web.http.readers import Reader
from web.http.seats import Seat
from web.views.lists import Column, ListView, Look

FRAGMENT = {"HX-Request": "true", "X-Page-Workspace": "main", "Sec-Fetch-Site": "same-origin"}


def test_the_foot_tells_how_the_parts_do_and_one_banner_what_is_away(browser, double):
    assert '<li class="up">Models' in browser.get("/datasets").text
    double.answers["GET", "/models/models"] = httpx.Response(503, text="no replica")
    browser.get("/models")
    del double.answers["GET", "/models/models"]
    text = browser.get("/datasets").text
    assert '<li class="away">Models' in text
    assert text.count('class="outage" role="status"') == 1
    assert "models cannot be looked at or promoted" in text
    browser.get("/models")
    assert 'class="outage" role="status"' not in browser.get("/datasets").text


def test_no_page_waits_for_how_a_part_does():
    now: list[float] = [0.0]
    later: deque = deque()
    looked: deque = deque()

    def ask(name):
        looked.append(name)
        return name == "models" or now[0] > 0

    parts = Parts(["models", "training"], lambda: now[0])
    for _ in range(3):  # many pages, one look
        parts.refresh(ask, later.append)
    assert (len(later), len(looked), set(parts.states.values())) == (1, 0, {"unknown"})
    later.pop()()
    assert parts.states == {"models": "up", "training": "away"}
    now[0] = 6.0
    parts.refresh(ask, later.append)
    later.pop()()
    assert list(looked) == ["models", "training", "training"]  # who is well is not kept awake


def test_search_finds_by_name_and_stands_when_a_part_is_away(browser, double):
    double.add_dataset("titanic")
    double.add_dataset("heart")
    double.add_job("j1")
    double.answers["GET", "/models/models"] = httpx.Response(503, text="no replica")
    text = browser.get("/search?q=titan").text
    assert 'href="/datasets/titanic"' in text
    assert 'href="/jobs/j1"' in text
    assert 'href="/datasets/heart"' not in text
    assert "Models: The function" in text
    assert "No name has that in it." in browser.get("/search?q=nobody").text


def test_search_as_one_types_is_a_fragment(fragments, double):
    double.add_dataset("titanic")
    answer = fragments.get("/search?q=<b>tita")
    assert "<html" not in answer.text
    assert "No name has that" in answer.text
    assert 'href="/datasets/titanic"' in fragments.get("/search?q=tita").text
    assert fragments.get("/search?q=").text.strip() == ""


def test_a_list_is_searched_sorted_and_counted_by_the_function(browser, double):
    for name, rows in (("a", 3), ("b", 2), ("c", 1)):
        double.add_dataset(name, rows=[{}] * rows)
    text = browser.get("/datasets?sort=rows&q=titan").text
    assert "Nothing fits this search." in text
    text = browser.get("/datasets?sort=rows").text
    assert [text.index(f'href="/datasets/{name}"') for name in "cba"] == sorted(
        text.index(f'href="/datasets/{name}"') for name in "abc"
    )
    assert 'aria-sort="ascending"' in text
    assert 'href="/datasets?sort=-rows"' in text
    assert "1–3 of 3" in text  # noqa: RUF001 - a dash


@pytest.mark.parametrize(
    ("look", "items", "count", "shown"),
    [
        (Look(), 25, 1309, "1–25 of 1,309"),  # noqa: RUF001 - the dash of a range
        (Look(at=1301), 9, 1309, "1,301–1,309 of 1,309"),  # noqa: RUF001 - the dash of a range
        (Look(q="x"), 0, 0, "0 of 0"),
        (Look(), 2, None, "1–2"),  # noqa: RUF001 - the dash of a range
    ],
)
def test_what_a_list_says_of_its_place(look, items, count, shown):
    page = Page([None] * items, None, count)
    assert ListView("l", page, look, [], {}).range == shown


def test_a_list_is_sorted_the_other_way_by_the_second_click():
    column = Column("Changed", "updated_at", greatest_first=True)

    def sort(now):
        return ListView("l", Page([]), Look(sort=now), [column], {}).sort(column)["sort"]

    assert [sort(now) for now in ("", "-updated_at", "updated_at")] == [
        "-updated_at",
        "updated_at",
        "-updated_at",
    ]


@pytest.mark.parametrize("at", ["", "0", "-3", "x", "٣", "9" * 30])
def test_a_place_that_makes_no_sense_is_the_beginning(at):
    assert Look.of({"at": at, "cursor": ""}) == Look()


def fields(text):
    found = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', text)
    return {name: html.unescape(value) for name, value in found}


def question(text):
    return text[text.index('<section class="lone ask">') : text.index("</section>")]


def test_chosen_rows_are_asked_about_once_and_then_deleted(browser, double):
    for name in ("one", "two", "three"):
        double.add_model(name, champion=None)
    form = {"chosen": [f"{name} {double.models[name]['revision']}" for name in ("one", "two")]}
    double.models["two"]["revision"] += 1
    asks = browser.post("/models/delete", data=form)
    assert set(double.models) == {"one", "two", "three"}
    assert "Delete 2 models?" in asks.text
    assert "one, two. Calls to them fail from then on." in asks.text
    answer = browser.post("/models/delete", data=fields(question(asks.text)))
    assert answer.headers["Location"] == "/models"
    assert set(double.models) == {"two", "three"}
    text = browser.get("/models").text
    assert "1 model deleted. two: Model &#39;two&#39; was changed after you opened" in text


def test_nothing_chosen_says_what_to_do(browser, double):
    answer = browser.post("/jobs/delete", data={})
    assert answer.status_code == 422
    assert "Choose some rows first" in answer.text


def test_a_job_that_runs_stays_and_the_list_says_why(browser, double):
    double.add_job("ended", state="failed")
    double.add_job("runs", state="running")
    browser.post("/jobs/delete", data={"all": "ended\nruns", "sure": "yes"})
    assert set(double.jobs) == {"runs"}
    assert "1 training deleted. runs: The job has not ended." in browser.get("/jobs").text


def test_what_was_done_is_said_once_with_a_way_back(browser, double):
    double.add_model()
    revision = str(double.models["titanic"]["revision"])
    browser.post("/models/titanic/delete", data={"revision": revision})
    text = browser.get("/models").text
    assert "titanic is deleted." in text
    assert 'action="/models/titanic/restore"' in text
    assert "titanic is deleted." not in browser.get("/models").text
    browser.post("/models/titanic/restore")
    assert "titanic is back, with its versions." in browser.get("/models/titanic").text


@pytest.mark.parametrize("text", ["x", "e30.x", '{"text":"hi"}'])
def test_nobody_else_s_words_are_said_or_asked(browser, text):
    browser.set_cookie("mayfly-said-80", text)
    assert browser.get("/datasets").text.count('class="toast done"') == 1  # the template's
    assert browser.get("/confirm", query_string={"ask": text}).status_code == 404


def test_a_question_is_a_page_and_in_a_dialog_its_form_alone(browser, fragments, double):
    double.add_model()
    page = browser.get("/models/titanic").text
    [href] = [html.unescape(one) for one in re.findall(r'href="(/confirm[^"]+)"', page)][:1]
    whole = asked(browser, "/models/titanic", "Delete…")
    assert '<a class="button quiet" href="/models/titanic?" data-back>' in whole or (
        'href="/models/titanic" data-back' in whole
    )
    part = fragments.get(href).text
    assert "<html" not in part
    assert 'hx-post="/models/titanic/delete"' in part


@pytest.mark.parametrize(("account", "workspace"), [("b", "one"), ("a", "two")])
def test_a_question_is_its_reader_s_alone(app, account, workspace):
    questions = Confirmations("secret")

    def read_by(account, workspace, text):
        with app.test_request_context():
            seat = Seat("t", account, "", workspace, "", 0)
            g.reader = Reader(seat, lambda: pytest.fail("a question needs no call"))
            return questions.read(text) if text else questions.url(asked_for)

    asked_for = Question("/datasets/titanic/delete", "Delete?", "It is gone.", "Delete")
    url = read_by("a", "one", "")
    text = parse_qs(urlsplit(url).query)["ask"][0]
    assert read_by("a", "one", text) == asked_for
    with pytest.raises(NotFound, match="cannot be read any more"):
        read_by(account, workspace, text)


def test_a_fragment_s_answer_says_it_by_a_header(app, fragments, double):
    with app.test_request_context(headers=FRAGMENT):
        g.reader, g.span, g.began = None, None, 0.0
        toasts.say("Saved “é”.", toasts.Undo("/x", {"a": "1"}))
        answer = app.process_response(app.response_class("row"))
    told = json.loads(answer.headers["HX-Trigger"])["mayfly:said"]
    assert told == {
        "text": "Saved “é”.",
        "undo": {"action": "/x", "fields": {"a": "1"}, "label": "Undo"},
    }
    assert answer.headers["HX-Trigger"].isascii()


def test_a_watched_training_tells_what_it_came_to(browser, double):
    double.add_job("runs", state="running")
    double.add_job("ended", state="succeeded", version=3)
    double.add_job("broke", state="failed")
    told = browser.get("/notices?job=runs&job=ended&job=broke&job=nope").json
    assert told["runs"] == {"live": True}
    assert told["nope"] == {"gone": True}
    assert told["ended"]["text"].endswith("titanic version 3 is ready.")
    assert told["broke"]["href"] == "/jobs/broke"
    assert browser.get("/notices").json == {}


@pytest.mark.parametrize(
    ("page", "label", "warning"),
    [
        ("/jobs/j1", "Cancel…", "makes no model"),
        ("/models/titanic", "Delete…", "fail from then on"),
        ("/datasets/titanic", "Delete…", ""),
    ],
)
def test_what_counts_at_once_is_asked_about_with_what_follows(
    browser, double, page, label, warning
):
    double.add_dataset()
    double.add_job()
    double.add_model(versions=2)
    assert warning in asked(browser, page, label)


def test_a_page_names_each_of_its_files_and_they_are_there(browser, double):
    double.add_dataset()
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', browser.get("/").text)
    assert any("/pages/home.css" in one for one in found)
    for one in found:
        with browser.get(html.unescape(one)) as answer:
            assert answer.status_code == 200, one
