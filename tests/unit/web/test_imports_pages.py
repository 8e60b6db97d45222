"""New rows from a file: what they would do, whether that is meant, then how far it is."""

import datetime as dt
import html
import io
import json
import re

import pytest

from tests.support.pages.house import problem
from tests.support.pages.imported import MOMENT, import_, report
from web.client.import_schemas import Import, ImportAsked, ImportReport
from web.forms.imports import ImportForm, parse_import
from web.views.files import imports as views

ALL = "/datasets/titanic/imports"
ONE = f"{ALL}/1"
KEY = "0123456789abcdef" * 2
BAD = [{"reason": "Expected `float | null` >= 0", "row": 3, "column": "age", "value": "<-1>"}]


@pytest.fixture(autouse=True)
def table(double):
    double.add_dataset()


def send(client, name="more.csv", content=b"age\n1\n", **fields):
    sent = {"once": KEY, **fields, "file": (io.BytesIO(content), name)}
    return client.post(ALL, data=sent, content_type="multipart/form-data")


def checked(double, mode="append", **counts):
    asked = {"mode": mode} | ({"key": ["age"]} if mode == "upsert" else {})
    double.imports["1"] = import_("1", asked=asked, report=report(**counts))


def test_the_rows_lead_to_the_form_and_its_fields_come_first(browser):
    assert f'href="{ALL}"' in browser.get("/datasets/titanic").text
    text = browser.get(ALL).text
    form = text.partition('<form class="panel import-form"')[2].partition("</form>")[0]
    assert f'action="{ALL}?page-workspace=main"' in form
    last = form.index('type="file"')
    assert all(form.index(f'name="{name}"') < last for name in ("once", "mode", "key", "url"))
    assert "The upload of “more.csv”" in text


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"mode": "append"}, [("mode", "append")]),
        ({"mode": "replace", "key": "age"}, [("mode", "replace")]),
        ({"mode": "upsert", "key": "age"}, [("mode", "upsert"), ("key", "age")]),
    ],
)
def test_a_file_is_passed_on_to_be_checked_once(browser, double, fields, query):
    answer = send(browser, **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, ONE)
    [sent] = double.sent_files
    assert sent["query"] == [*query, ("dry_run", "true"), ("bad_rows", "separate")]
    assert (sent["content"], sent["once"]) == (b"age\n1\n", KEY)


def test_an_address_is_fetched(browser, double):
    answer = send(browser, "", b"", mode="append", url="https://example.org/a.csv")
    assert answer.status_code == 303
    body = double.sent_files[0]["body"]
    assert body["source"] == {"url": "https://example.org/a.csv"}
    assert (body["mode"], body["dry_run"], body["bad_rows"]) == ("append", True, "separate")


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("", {"mode": "append"}, "Choose a file first"),
        ("a.csv", {"mode": "append", "url": "https://x"}, "not both"),
        ("", {"mode": "append", "url": "ftp://x"}, "https://"),
        ("a.csv", {"mode": "upsert"}, "tells rows apart"),
        ("a.csv", {"mode": "upsert", "key": "gone"}, "tells rows apart"),
        ("a.csv", {"mode": "burn"}, "Choose what is done"),
    ],
)
def test_choices_that_do_not_do_are_told_of_in_place(
    browser, fragments, double, name, fields, reason
):
    for client in (browser, fragments):
        answer = send(client, name, **fields)
        assert answer.status_code == 422
        assert reason in answer.text
        assert 'aria-invalid="true"' in answer.text or fields["mode"] == "burn"
    assert not double.sent_files


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_the_function_refuses_is_told_in_place(fragments, double, status):
    refused = problem(
        status, "Odd <file>.", {"column": "town", "reason": "there is none", "row": 2}
    )
    double.answers["POST", "/datasets/datasets/titanic/imports"] = refused
    answer = send(fragments, mode="append")
    assert answer.status_code == status
    assert "Odd &lt;file&gt;." in answer.text
    assert "Row 2: town: there is none" in answer.text


def test_what_adds_alone_goes_on_by_a_button(browser, double):
    checked(double, new=12, bad=2, flaws=BAD)
    text = html.unescape(browser.get(ONE).text)
    assert "Nothing has been changed yet." in text
    assert "Add 12 rows, leave out 2</button>" in text
    assert "must be 0 or more" in text  # in words, not the server's
    assert f'{ONE}/bad-rows.csv?page-workspace=main"' in text
    assert '<input type="hidden" name="revision" value="1">' in text
    answer = browser.post(f"{ONE}/go", data={"revision": "1"})
    assert answer.headers["Location"] == ONE
    assert double.imports["1"]["state"] == "importing"


def test_what_changes_rows_that_are_there_asks_first(browser, double):
    checked(double, "replace", new=5, removed=891)
    text = browser.get(ONE).text
    [link] = re.findall(r'data-ask href="(/confirm[^"]+)"', text)
    question = html.unescape(browser.get(html.unescape(link)).text)
    assert "Replace 891 rows by 5?" in question
    assert "891 rows are taken out of the table. Undo brings the table back." in question
    assert '<input type="hidden" name="revision" value="1">' in question


def test_a_table_that_was_changed_after_the_check_is_checked_again(browser, fragments, double):
    checked(double, new=1)
    double.datasets["titanic"]["revision"] = 2
    text = browser.get(ONE).text
    assert "changed after the check, to revision 2" in text
    assert f"{ONE}/go" not in text
    for client in (browser, fragments):
        answer = client.post(f"{ONE}/go", data={"revision": "1"})
        assert answer.status_code == 412
        assert "nothing was done. Check it again" in answer.text
    assert double.imports["1"]["state"] == "waiting"
    assert browser.post(f"{ONE}/check").headers["Location"] == ONE
    assert double.imports["1"]["state"] == "checking"
    assert browser.post(f"{ONE}/go", data={}).status_code == 422


def test_it_is_watched_cancelled_and_looked_at(browser, fragments, double):
    checked(double, new=100)
    double.imports["1"] |= {"state": "importing", "rows": 100, "rows_done": 40, "waits_at": 2}
    page = browser.get(ONE).text
    assert "40 of 100 rows written." in page
    assert "place 2 in the line" in page
    assert 'http-equiv="refresh"' in page
    assert 'hx-trigger="every 1s"' in fragments.get(ONE).text
    assert browser.post(f"{ONE}/resume").headers["Location"] == ONE
    assert browser.post(f"{ONE}/cancel").headers["Location"] == ONE
    text = browser.get(ONE).text
    assert "The table stayed as it was." in text
    assert "every 1s" not in text


def test_what_was_done_is_said_with_a_way_back(browser, fragments, double):
    checked(double, new=3, changed=1)
    double.imports["1"] |= {"state": "done", "rows": 4, "rows_done": 4, "revision": 2}
    double.datasets["titanic"]["revision"] = 2
    answer = fragments.get(ONE, headers={"HX-Target": "div#live"})
    said = json.loads(answer.headers["HX-Trigger"])["mayfly:said"]
    assert said["text"] == "3 rows added, 1 row changed."
    assert said["undo"]["action"] == "/datasets/titanic/history/2/undo"
    assert re.fullmatch("[0-9a-f]{32}", said["undo"]["fields"]["once"])
    page = browser.get(ONE)
    assert "HX-Trigger" not in page.headers
    assert 'action="/datasets/titanic/history/2/undo"' in page.text
    double.datasets["titanic"]["revision"] = 3  # something came since: not from here
    assert "history/2/undo" not in browser.get(ONE).text


@pytest.mark.parametrize(
    ("state", "text"), [("refused", "None of the rows fits."), ("failed", "The source is gone.")]
)
def test_why_it_came_to_nothing_is_told(browser, double, state, text):
    double.imports["1"] = import_("1", state=state, failure=text, report=report(bad=1, flaws=BAD))
    page = browser.get(ONE).text
    assert text in page
    assert "The table stayed as it was." in page
    assert (f"{ONE}/resume" in page) == (state == "failed")
    assert browser.get(f"{ONE}/bad-rows.csv").text == "row,reason\n"


def test_a_reader_who_may_not_write_only_looks(browser, double):
    double.house.accounts["owner"]["roles"]["main"] = "viewer"
    checked(double, new=1)
    text = browser.get(ONE).text
    assert f"{ONE}/go" not in text
    assert "import-form" not in browser.get(ALL).text
    assert send(browser, mode="append").status_code == 403


def one(mode, state="waiting", key=(), **counts):
    return Import(
        id="1",
        dataset="d",
        asked=ImportAsked(mode, list(key)),
        state=state,
        report=ImportReport(**counts),
        created_at=MOMENT,
        updated_at=MOMENT,
    )


@pytest.mark.parametrize(
    ("found", "act", "done"),
    [
        (one("append", new=1), "Add 1 row", "1 row added."),
        (
            one("upsert", new=2, changed=1500, bad=1),
            "Add 2 and change 1,500 rows, leave out 1",
            "2 rows added, 1,500 rows changed. 1 row left out.",
        ),
        (one("upsert", changed=1), "Change 1 row", "1 row changed."),
        (
            one("replace", new=3, removed=1),
            "Replace 1 row by 3",
            "3 rows added, 1 row removed.",
        ),
    ],
)
def test_what_it_does_is_said_before_and_after(found, act, done):
    assert views.import_act(found) == act
    assert views.import_done(found) == done
    assert views.import_does(found)
    assert views.import_changes(found) == (found.report.changed + found.report.removed > 0)


def test_what_does_nothing_says_so():
    found = one("upsert", same=3)
    assert not views.import_does(found)
    assert "all of it already" in views.import_done(found)
    assert views.import_counts(found) == [("added", 0), ("as they are", 3)]


def test_the_time_left_follows_the_pace():
    found = one("append", "importing", new=100)
    now = dt.datetime(2026, 1, 2, 12, 0, 30, tzinfo=dt.UTC)
    assert views.import_left(found, now) is None
    found.rows, found.rows_done = 100, 75
    assert views.import_left(found, now) == 10.0


def test_choices_become_what_is_asked():
    asked, flaws = parse_import(ImportForm("upsert", "id"), "a.csv", ["id"])
    assert (asked, flaws) == (ImportAsked("upsert", ["id"]), [])
