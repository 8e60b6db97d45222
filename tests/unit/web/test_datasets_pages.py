import html
import io
import json
import re

import httpx
import pytest

from functions.datasets.model.reading.questions import Option, Question, header_asked
from tests.support.pages import answers as shapes

EVIL = "<script>alert(1)</script>"


def test_first_use_offers_an_upload_and_the_samples(browser):
    text = browser.get("/").text
    assert 'href="/datasets/new"' in text
    assert 'action="/samples/titanic"' in text


def test_home_shows_what_there_is(browser, double):
    double.add_dataset()
    double.add_job()
    double.add_model()
    text = browser.get("/").text
    for link in ("/datasets/titanic", "/jobs/j1", "/models/titanic", "/models/titanic/try"):
        assert f'href="{link}"' in text


def test_home_stands_when_a_function_is_away(browser, double):
    double.add_dataset()
    double.answers["GET", "/models/models"] = httpx.Response(503, text="no replica")
    answer = browser.get("/")
    assert answer.status_code == 200
    assert "The function &#39;models&#39; is away" in answer.text
    assert 'href="/datasets/titanic"' in answer.text


@pytest.mark.parametrize("path", ["/models/models", "/training/jobs"])
def test_first_use_does_not_hide_that_a_function_is_away(browser, double, path):
    double.answers["GET", path] = httpx.Response(503, text="no replica")
    assert "is away" in browser.get("/").text


def test_a_dead_gateway_says_so_with_the_remedy(browser, double):
    double.answers["GET", "/datasets/datasets"] = httpx.ConnectError("refused")
    answer = browser.get("/datasets")
    assert answer.status_code == 503
    assert "./mayfly up" in answer.text


def test_a_fragment_s_error_is_a_toast(fragments):
    answer = fragments.get("/datasets/nope", headers={"HX-Target": "div#rows"})
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


def upload(client, name="titanic", content=b"age,sex\n1,male\n", filename="titanic.csv"):
    data = {"name": name, "file": (io.BytesIO(content), filename)}
    return client.post("/datasets", data=data, content_type="multipart/form-data")


def test_upload_passes_the_file_on_byte_for_byte(browser, double):
    content = b"a,b\r\n--boundary,\xc3\xa9\r\n" * 20_000
    answer = upload(browser, content=content)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/datasets/titanic"
    assert double.uploads["titanic"] == content


def test_upload_takes_the_file_s_name_when_none_is_given(browser, double):
    upload(browser, name="", filename="My table.csv")
    assert "My table" in double.uploads


def test_upload_by_htmx_sends_the_page_on(fragments):
    answer = upload(fragments)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/datasets/titanic"


def test_refused_upload_shows_row_column_value_and_reason(browser, double):
    flaw = {"row": 7, "column": "age", "value": "x<y", "reason": "is not a number"}
    body = {"status": 422, "detail": "Row 7 is bad.", "errors": [flaw]}
    double.answers["POST", "/datasets/datasets"] = httpx.Response(422, json=body)
    answer = upload(browser, name="mine")
    assert answer.status_code == 422
    for text in ("Row 7 is bad.", "<td>7</td>", "age", "x&lt;y", "is not a number", 'value="mine"'):
        assert text in answer.text


def test_one_flaw_that_the_sentence_tells_whole_is_not_told_twice(browser, double):
    flaw = {"row": 2, "column": "b", "reason": "NUL byte; remove it"}
    body = {"status": 422, "detail": "row 2, column 'b': NUL byte; remove it.", "errors": [flaw]}
    double.answers["POST", "/datasets/datasets"] = httpx.Response(422, json=body)
    assert upload(browser, name="mine").text.count("NUL byte; remove it") == 1


def test_a_file_that_can_be_read_in_two_ways_is_sent_again_with_the_answer(browser, double):
    assert 'name="reading"' not in browser.get("/datasets/new").text
    asked = {"status": 422, "detail": "send the parameter reading as …", "errors": []}
    double.answers["POST", "/datasets/datasets"] = httpx.Response(422, json=asked)
    assert 'name="reading"' in upload(browser).text
    del double.answers["POST", "/datasets/datasets"]
    answer = '{"dialect":{"header":false}}'
    sent = {"name": "again", "reading": answer, "file": (io.BytesIO(b"1\n2\n"), "a.csv")}
    made = browser.post("/datasets", data=sent, content_type="multipart/form-data")
    assert (made.status_code, double.readings["again"]) == (303, answer)


def test_what_a_file_leaves_open_is_asked_and_the_answers_go_along(browser, double):
    """As the function itself words it."""
    marks = [
        Option("a number with decimal comma", {"columns": [{"source": "a, (b)", "decimal": ","}]}),
        Option("a day written %d/%m/%Y (%q)", {"columns": [{"source": "a, (b)", "decimal": "."}]}),
    ]
    asked = [Question("numbers", "a, (b)", "its cells can be read in 2 ways", marks).flaw]
    asked.append(header_asked("the first row looks like data").flaw)
    flaws = [{"column": one.column, "reason": one.reason} for one in asked]
    body = {"status": 422, "detail": "The file is refused.", "errors": flaws}
    double.answers["POST", "/datasets/datasets"] = httpx.Response(422, json=body)
    answer = upload(browser)
    assert answer.status_code == 422
    fields = re.findall(
        r'name="(choice.[12])" value="([^"]*)" required> <span>([^<]*)<', answer.text
    )
    assert [(name, meaning) for name, _, meaning in fields] == [
        ("choice.1", "a number with decimal comma"),
        ("choice.1", "a day written day/month/year (%q)"),
        ("choice.2", "it is data; the columns are column_1, column_2 …"),
        ("choice.2", "it names the columns"),
    ]
    del double.answers["POST", "/datasets/datasets"]
    values = [html.unescape(value) for _, value, _ in fields]
    said = {"reading": '{"dialect":{"decimal":"."}}', "choice.1": values[0], "choice.2": values[2]}
    sent = {"name": "again", **said, "file": (io.BytesIO(b"1\n2\n"), "a.csv")}
    made = browser.post("/datasets", data=sent, content_type="multipart/form-data")
    assert made.status_code == 303
    assert json.loads(double.readings["again"]) == {
        "dialect": {"decimal": ".", "header": False},
        "columns": [{"source": "a, (b)", "decimal": ","}],
    }


def test_a_question_that_cannot_be_read_is_shown_as_it_is(browser, double):
    reason = "two ways; send the parameter reading as you like"
    body = {"status": 422, "detail": "No.", "errors": [{"reason": reason}]}
    double.answers["POST", "/datasets/datasets"] = httpx.Response(422, json=body)
    text = upload(browser).text
    assert reason in text
    assert "choice." not in text


@pytest.mark.parametrize("body", [b"", b"name=x", b"--x\r\n"])
def test_upload_that_is_no_form_is_refused(browser, body):
    answer = browser.post("/datasets", data=body, content_type="multipart/form-data; boundary=y")
    assert answer.status_code == 422


def test_upload_without_a_file_asks_for_one(browser):
    answer = upload(browser, filename="")
    assert answer.status_code == 422
    assert "Choose a CSV file" in answer.text


def test_sample_is_loaded_with_one_click(browser, double):
    key = re.findall(
        r'action="/samples/titanic">.*?name="once" value="(\w+)"', browser.get("/").text
    )[0]
    answer = browser.post("/samples/titanic", data={"once": key})
    assert answer.headers["Location"] == "/datasets/titanic"
    assert double.keys_of_uploads == [key]
    assert double.names_of_uploads == ["titanic.csv"]
    assert double.uploads["titanic"].startswith(b"age,survived")
    assert browser.post("/samples/passwd").status_code == 404


def test_import_asks_again_until_it_is_done(fragments, double):
    double.add_dataset(state="importing", rows_done=0)
    target = {"HX-Target": "section#importing"}
    running = fragments.get("/datasets/titanic", headers=target)
    assert 'hx-trigger="every 1s"' in running.text
    assert "HX-Refresh" not in running.headers
    assert "waits for its turn" not in running.text
    double.datasets["titanic"]["waits_at"] = 3
    assert "place 3 in the line" in fragments.get("/datasets/titanic", headers=target).text
    double.datasets["titanic"]["state"] = "ready"
    assert fragments.get("/datasets/titanic", headers=target).headers["HX-Refresh"] == "true"


def test_resume(browser, double):
    double.add_dataset(state="importing", rows_done=0)
    assert 'action="/datasets/titanic/resume"' in browser.get("/datasets/titanic").text
    assert browser.post("/datasets/titanic/resume").headers["Location"] == "/datasets/titanic"
    assert ("POST", "/datasets/datasets/titanic/resume", b"") in double.requests
    double.datasets["titanic"]["state"] = "ready"
    assert "/datasets/titanic/resume" not in browser.get("/datasets/titanic").text


def test_failed_import_says_why_and_stops_asking(fragments, double):
    double.add_dataset(state="failed", failure="The disk is full.")
    answer = fragments.get("/datasets/titanic", headers={"HX-Target": "section#importing"})
    assert "The disk is full." in answer.text
    assert answer.headers["HX-Refresh"] == "true"
    assert "every 1s" not in answer.text


def test_rows_fragment_is_rows_alone(fragments, double):
    double.add_dataset()
    answer = fragments.get("/datasets/titanic", headers={"HX-Target": "div#rows"})
    assert "<html" not in answer.text
    assert "female" in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_filters_and_pages_reach_the_function(browser, double):
    double.add_dataset()
    query = "filter=age>=30&column=sex&operator===&value=male&cursor=c1"
    text = browser.get(f"/datasets/titanic?{query}").text
    assert "age is at least 30" in text
    assert "sex is male" in text
    assert "cursor=c2" in text


def test_refused_filter_is_explained_in_place(browser, double):
    double.add_dataset()
    path = ("GET", "/datasets/datasets/titanic/records")
    body = {"status": 422, "detail": "There is no column 'x'.", "errors": []}
    double.answers[path] = httpx.Response(422, json=body)
    answer = browser.get("/datasets/titanic?filter=x==1")
    assert answer.status_code == 422
    assert "There is no column &#39;x&#39;." in answer.text


def test_names_and_cells_are_escaped_everywhere(browser, double):
    columns = [{"name": EVIL, "kind": "text"}, {"name": "t", "kind": "category", "levels": [EVIL]}]
    double.add_dataset("evil", columns=columns, rows=[{EVIL: EVIL, "t": EVIL}])
    double.datasets["evil"]["name"] = EVIL
    double.add_job("evil", target=EVIL, dataset="evil", state="failed", failure=EVIL)
    pages = ("/", "/datasets", "/datasets/evil", f"/datasets/evil?filter={EVIL}==1", "/jobs")
    more = ("/datasets/evil/train", "/datasets/evil/records/r0/edit", "/jobs/evil")
    schema = (f"/datasets/evil/column?name={EVIL}", "/datasets/evil/column?name=t")
    for page in pages + more + schema:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert EVIL not in answer.text, page
        assert "&lt;script&gt;" in answer.text, page


def test_two_hundred_columns_with_long_names(browser, double):
    columns = [{"name": f"{'c' * 300}{n}", "kind": "number"} for n in range(200)]
    double.add_dataset("wide", columns=columns, rows=[{c["name"]: 1.5 for c in columns}])
    text = browser.get("/datasets/wide").text
    assert text.count(">1.5<") == 200
    assert browser.get("/datasets/wide/records/r0/edit").text.count('inputmode="decimal"') == 200


def test_export_streams_the_file(browser, double):
    double.add_dataset()
    answer = browser.get("/datasets/titanic/export.csv")
    assert answer.data == b"a,b\n"
    assert "titanic.csv" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == "sandbox"


def test_delete_goes_back_to_the_list(browser, double):
    double.add_dataset()
    answer = browser.post("/datasets/titanic/delete", data={"revision": "1"})
    assert answer.headers["Location"] == "/datasets"
    assert ("DELETE", "/datasets/datasets/titanic", b"") in double.requests


def test_a_table_is_deleted_only_as_it_was_shown(browser, double):
    double.add_dataset(revision=4)
    link = re.findall(
        r'<a class="button quiet" href="(/confirm[^"]+)" data-ask>Delete…',
        browser.get("/datasets/titanic").text,
    )[0]
    question = browser.get(html.unescape(link)).text
    assert '<input type="hidden" name="revision" value="4">' in question
    assert 'value="titanic 4" aria-label="Choose titanic"' in browser.get("/datasets").text
    answer = browser.post("/datasets/titanic/delete", data={"revision": "3"})
    assert answer.status_code == 412
    assert "was changed after you opened the page" in answer.text
    assert browser.post("/datasets/titanic/delete").status_code == 422
    double.add_dataset("second", revision=1)
    sure = {"all": "titanic 3\nsecond 1\nthird", "sure": "yes"}
    said = browser.get(browser.post("/datasets/delete", data=sure).headers["Location"]).text
    assert "1 table deleted." in said
    assert "titanic: Table &#39;titanic&#39; was changed" in said
    assert "third: the list does not say which state" in said


def test_list_goes_on_page_by_page(browser, fragments, double):
    for number in range(51):
        double.add_dataset(f"d{number}")
    text = browser.get("/datasets").text
    assert 'href="/datasets/d49"' in text
    assert 'href="/datasets?cursor=50&amp;at=51"' in text
    last = fragments.get("/datasets?cursor=50", headers={"HX-Target": "div#list"}).text
    assert 'href="/datasets/d50"' in last
    assert "First page" in last
    assert "Next page" not in last
    assert "<html" not in last
    home = browser.get("/").text
    assert 'href="/datasets/d0"' in home
    assert "All 51 tables" in home


def test_the_last_change_is_shown_and_undone_as_it_was_shown(browser, double):
    double.add_dataset(revision=4)
    assert "Undo" not in browser.get("/datasets/titanic").text  # of a change that no log knows
    double.changes["titanic", 4] = shapes.change(4, summary="3 <records>: changed")
    text = browser.get("/datasets/titanic").text
    assert "Last change: 3 &lt;records&gt;: changed" in text
    assert '<input type="hidden" name="revision" value="4">' in text
    sent = {"revision": "4", "once": "ab" * 16}
    answer = browser.post("/datasets/titanic/undo", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/datasets/titanic")
    assert ("POST", "/datasets/datasets/titanic/undo", b'{"revision":4}') in double.requests
    assert double.datasets["titanic"]["revision"] == 5
    late = browser.post("/datasets/titanic/undo", data=sent)
    assert late.status_code == 412
    assert "Look at its last change" in late.text
    assert browser.post("/datasets/titanic/undo", data={}).status_code == 422


def test_what_cannot_be_undone_says_why(browser, double):
    double.add_dataset(revision=4)
    said = {"status": 409, "title": "c", "detail": "Record r0 was changed later."}
    double.answers["POST", "/datasets/datasets/titanic/undo"] = httpx.Response(409, json=said)
    answer = browser.post("/datasets/titanic/undo", data={"revision": "4"})
    assert answer.status_code == 409
    assert "Record r0 was changed later." in answer.text


def test_an_upload_has_nothing_to_undo(browser, double):
    double.add_dataset()
    assert "Undo" not in browser.get("/datasets/titanic").text
    assert not [path for _, path, _ in double.requests if "changes" in path]


def test_a_change_of_many_rows_says_how_far_it_has_come_until_it_is_done(
    browser, fragments, double
):
    double.add_dataset(revision=4, changing=5)
    running = {"state": "running", "written": 1200, "total": 5000, "summary": "age is 3: deleted"}
    double.changes["titanic", 5] = shapes.change(5, **running)
    text = browser.get("/datasets/titanic").text
    assert "age is 3: deleted: 1,200 of 5,000 rows." in text
    assert "Undo" not in text
    assert '<noscript><meta http-equiv="refresh"' in text
    target = {"HX-Target": "section#changing"}
    asked = fragments.get("/datasets/titanic", headers=target)
    assert 'hx-trigger="every 2s"' in asked.text
    assert "HX-Refresh" not in asked.headers
    double.datasets["titanic"] |= {"changing": None, "revision": 5}
    assert fragments.get("/datasets/titanic", headers=target).headers["HX-Refresh"] == "true"
