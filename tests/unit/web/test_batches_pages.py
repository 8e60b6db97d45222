"""Predictions for a whole file: how it is sent, how far it is, what came out, what was refused."""

import datetime as dt
import html
import io

import httpx
import pytest

from tests.support.pages.batched import MOMENT, batch
from tests.support.pages.house import problem
from web.client.batch_schemas import Batch, BatchProgress
from web.client.transport.forms import form_of
from web.forms.row_files import plain_name, refusal
from web.views.files import batches as views

ONE = "/models/titanic/batches/b1"
KEY = "0123456789abcdef" * 2


def send(client, name="people.csv", content=b"age,sex\n29,male\n", **fields):
    sent = {"once": KEY, "join": "on", **fields, "file": (io.BytesIO(content), name)}
    return client.post("/models/titanic/batches", data=sent, content_type="multipart/form-data")


def test_the_try_page_has_a_zone_that_takes_a_file(browser, double):
    double.add_model()
    double.add_dataset()
    text = browser.get("/models/titanic/try?version=1").text
    form = text.partition('<form class="panel file-form"')[2].partition("</form>")[0]
    assert 'action="/models/titanic/batches?page-workspace=main"' in form
    assert '<input type="hidden" name="version" value="1">' in form
    assert form.index('name="once"') < form.index('type="file"')  # fields come first: see Upload
    assert 'href="/models/titanic/batches?version=1"' in text


def test_a_file_is_passed_on_with_its_name_once(browser, double):
    answer = send(browser, version="3")
    assert (answer.status_code, answer.headers["Location"]) == (303, ONE)
    [sent] = double.sent_files
    assert sent["content"] == b"age,sex\n29,male\n"
    assert sent["asked"] == {"version": "3", "form": "parquet", "join": "true"}
    assert sent["once"] == KEY
    assert 'filename="people.csv"' in sent["head"]


def test_htmx_is_sent_on_to_the_batch(fragments, double):
    answer = send(fragments, "rows.JSONL", b"{}\n")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, ONE)
    assert 'filename="rows.JSONL"' in double.sent_files[0]["head"]


def test_a_name_cannot_say_anything_beside_itself():
    parts, headers = form_of([b"x"], 'a"\r\nX: y\\.csv', "text/csv")
    boundary = headers["Content-Type"].partition("boundary=")[2]
    head, _, rest = b"".join(parts).partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        f"--{boundary}",
        'Content-Disposition: form-data; name="file"; filename="a___X: y_.csv"',
        "Content-Type: text/csv",
    ]
    assert rest == f"x\r\n--{boundary}--\r\n".encode()


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "Choose a file first"), ("a.xlsx", "as CSV"), ("a.csv.gz", "Unpack"), ("a", "Parquet")],
)
def test_what_is_no_file_of_rows_is_told_in_place(browser, fragments, double, name, reason):
    for client in (browser, fragments):
        answer = send(client, name)
        assert answer.status_code == 422
        assert reason in answer.text
        assert 'type="file"' in answer.text
    assert not double.sent_files


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422, 429])
def test_what_the_function_refuses_is_told_in_place(fragments, double, status):
    refused = problem(status, "The file is <odd>.", {"column": "age", "reason": "is missing"})
    double.answers["POST", "/prediction/models/titanic/batches/file"] = refused
    answer = send(fragments)
    assert answer.status_code == status
    assert "The file is &lt;odd&gt;." in answer.text
    assert answer.text.count("<form") == 1


def test_a_form_that_is_cut_off_is_told_of(browser, double):
    body = b'--b\r\nContent-Disposition: form-data; name="once"\r\n\r\n1'
    kind = "multipart/form-data; boundary=b"
    answer = browser.post("/models/titanic/batches", data=body, content_type=kind)
    assert answer.status_code == 400
    assert "cut off" in answer.text
    assert not double.sent_files


def test_a_batch_shows_how_far_it_is_and_ends(browser, fragments, double):
    double.batches["b1"] = batch("b1", rows_done=40, progress={"rows_refused": 2})
    double.batches["b1"]["refusals"] = [
        {"row": 7, "reason": "column 'age': Expected `float | null` >= 0.0"}
    ]
    page = browser.get(ONE).text
    assert "<title>40% Predicting for people.csv" in page
    assert "40 of 100 rows predicted for." in page
    assert 'http-equiv="refresh"' in page
    assert "2 rows; here are the first 1." in page
    assert "must be 0 or more" in html.unescape(page)  # in words, not the server's
    live = fragments.get(ONE).text
    assert "<html" not in live
    assert 'hx-trigger="every 1s"' in live
    ended = {"state": "succeeded", "ended_at": "2026-01-02T12:00:09Z"}
    double.batches["b1"] |= ended
    done = fragments.get(ONE).text
    assert "98 of 100 rows have a prediction. 2 rows (2.0%) have none." in done
    assert "It took 9.0 s." in done
    assert "every 1s" not in done
    assert "predictions.csv?page-workspace=main" in done
    assert 'http-equiv="refresh"' not in browser.get(ONE).text


def test_a_batch_that_failed_says_why(browser, double):
    why = "Row 3 has 4 cells <where> the header names 3."
    double.batches["b1"] = batch("b1", state="failed", failure=why, ended_at=MOMENT)
    text = browser.get(ONE).text
    assert html.escape(why) in text
    assert "There is no result." in text
    assert "Download" not in text


def test_what_came_out_can_be_had_in_either_form(browser, double):
    double.batches["b1"] = batch("b1", state="succeeded", ended_at=MOMENT)
    for form, kind in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
        answer = browser.get(f"{ONE}/predictions.{form}")
        assert answer.content_type.startswith(kind)
        assert f"people-predictions.{form}" in answer.headers["Content-Disposition"]
        assert answer.data == b"row,label\n"
    assert browser.get(f"{ONE}/predictions.xml").status_code == 404


def test_a_batch_is_cancelled_resumed_and_deleted(browser, double):
    double.batches["b1"] = batch("b1")
    assert browser.post(f"{ONE}/resume").headers["Location"] == ONE
    assert browser.post(f"{ONE}/cancel").headers["Location"] == ONE
    assert double.batches["b1"]["state"] == "cancelled"
    assert "Stopped before it was done" in browser.get(ONE).text
    assert browser.post(f"{ONE}/delete").headers["Location"] == "/models/titanic/batches"
    assert browser.get(ONE).status_code == 404


def test_files_so_far_are_listed(browser, double):
    assert "No file yet" in browser.get("/models/titanic/batches").text
    for number in range(30):
        double.batches[f"b{number}"] = batch(f"b{number}", file=f"<{number}>.csv")
    text = browser.get("/models/titanic/batches").text
    assert "&lt;24&gt;.csv" in text
    assert "&lt;25&gt;.csv" not in text
    assert "cursor=25" in text


def test_the_list_is_told_to_be_away(browser, double):
    double.answers["GET", "/prediction/models/titanic/batches"] = httpx.ConnectError("x")
    assert browser.get("/models/titanic/batches").status_code == 503


@pytest.mark.parametrize(
    ("state", "done", "seconds", "left"),
    [
        ("running", 50, 10, 10.0),
        ("running", 25, 10, 30.0),
        ("running", 1, 10, None),
        ("queued", 50, 10, None),
        ("succeeded", 100, 10, None),
    ],
)
def test_the_time_left_follows_the_pace(state, done, seconds, left):
    one = Batch(
        id="b",
        model="m",
        version=1,
        state=state,
        rows=100,
        progress=BatchProgress(rows_done=done),
        created_at=MOMENT,
        started_at=MOMENT,
    )
    now = dt.datetime(2026, 1, 2, 12, 0, seconds, tzinfo=dt.UTC)
    assert views.batch_left(one, now) == left


@pytest.mark.parametrize(
    ("rows", "refused", "text"),
    [
        (1, 0, "Each of the 1 row has a prediction."),
        (1200, 1, "1,199 of 1,200 rows have a prediction. 1 row (0.1%) has none."),
        (2, 2, "0 of 2 rows have a prediction. 2 rows (100.0%) have none."),
    ],
)
def test_what_came_of_it_is_a_sentence(rows, refused, text):
    one = Batch(
        id="b",
        model="m",
        version=1,
        state="succeeded",
        rows=rows,
        progress=BatchProgress(rows, refused),
        created_at=MOMENT,
    )
    assert views.batch_outcome(one) == text


def test_names_of_files():
    assert plain_name(r"C:\My files\rows.csv") == "rows.csv"
    assert plain_name("/data/rows.csv") == "rows.csv"
    for name in ("a.csv", "A.TSV", "a.b.parquet", "a.ndjson", "a.jsonl", "a.txt"):
        assert refusal(name) is None
    assert "row a line" in str(refusal("a.json"))
