"""A tab that was opened in another workspace than the reader is in now does nothing there."""

import html
import io
import random
import re

import pytest

from tests.support.imports import ROOT

TEMPLATES = ROOT / "web/templates"
SWITCHED = "You have switched to the workspace The lab since this page was opened."
UNTOLD = "This page does not say which workspace it was made for; open it again."
NOTHING = "Nothing was changed."
BY_A_BROWSER = {"Origin": "http://localhost"}
OPEN = {
    "sign_in.sign_in",
    "sign_in.use_link",
    "sign_in.sign_out",
    "sign_up.sign_up",
    "passwords.send",
    "passwords.reset",
    "invitations.accept",
    "workspaces.choose",
}
"""What is done in no workspace, or in one that the request itself names."""
FORM = re.compile(
    r'<form\b(?:[^">]|"[^"]*")*\bmethod="post"(?:[^">]|"[^"]*")*>(.{0,18})', re.DOTALL
)


def changing(app):
    """Yield a method, a path and the endpoint of each route that changes something."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        path = re.sub(r"<(?:\w+:)?\w+>", "x", path)
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
            yield method, path, rule.endpoint


@pytest.fixture
def moved(browser, double):
    """A browser whose reader has gone to the lab; pages of Main are still open."""
    double.house.accounts["owner"]["roles"]["lab"] = "owner"
    double.add_dataset("titanic")
    double.add_job("j1", state="running")
    assert browser.post("/workspaces/lab/choose").headers["Location"] == "/"
    double.requests.clear()
    double.house.seen.clear()
    return browser


def said(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def untouched(double):
    """Tell whether no function was asked for anything but who reads, and where that may go."""
    return {one[:2] for one in double.requests} <= {("GET", "/accounts/workspaces")}


CARRIED = {
    "header": {"headers": {"X-Page-Workspace": "main"}},
    "field": {"data": {"page-workspace": "main", "version": "1"}},
    "address": {"query_string": {"page-workspace": "main"}},
}


@pytest.mark.parametrize("how", CARRIED)
def test_no_change_of_an_old_page_is_made(app, moved, double, how):
    found = list(changing(app))
    assert ("POST", "/datasets/x/delete", "datasets.delete") in found
    assert {endpoint for *_, endpoint in found} >= OPEN
    held = [(method, path) for method, path, endpoint in found if endpoint not in OPEN]
    assert len(held) > 30
    for method, path in held:
        answer = moved.open(path, method=method, **CARRIED[how])
        assert answer.status_code == 409, (method, path)
        assert f"{SWITCHED} {NOTHING}" in said(answer), (method, path)
    assert untouched(double)


def test_no_change_of_a_page_that_does_not_say_where_it_was_made_is_made(app, moved, double):
    held = [(method, path) for method, path, endpoint in changing(app) if endpoint not in OPEN]
    for method, path in held:
        answer = moved.open(path, method=method, headers=BY_A_BROWSER)
        assert answer.status_code == 409, (method, path)
        assert f"{UNTOLD} {NOTHING}" in said(answer), (method, path)
    assert untouched(double)


def test_every_form_says_where_its_page_was_made():
    """Files go by the address: the form that holds one is passed on as it arrives."""
    texts = {p: p.read_text() for p in TEMPLATES.rglob("*.html") if p.parent.name != "sign_in"}
    for path, text in texts.items():
        found = list(FORM.finditer(text))
        assert len(found) == text.count('method="post"'), path.name
        for form in found:
            by_address = "multipart/form-data" in form[0] and "**page_workspace()" in form[0]
            assert by_address or form[1] == "{{ page_field() }}", f"{path.name}: {form[0]}"
    assert sum(text.count('method="post"') for text in texts.values()) > 25


def test_the_wrong_table_is_not_deleted_and_the_right_one_can_be(browser, double):
    double.house.accounts["owner"]["roles"]["lab"] = "owner"
    double.add_dataset("titanic")
    old = browser.get("/datasets/titanic")
    data = dict(re.findall(r'name="(page-workspace)" value="(\w+)"', old.text))
    assert data == {"page-workspace": "main"}
    data["revision"] = "1"
    browser.post("/workspaces/lab/choose", data=data | {"next": "/datasets/titanic"})
    headers = BY_A_BROWSER | {"Referer": "http://localhost/datasets/titanic"}
    answer = browser.post("/datasets/titanic/delete", data=data, headers=headers)
    assert answer.status_code == 409
    assert '<a class="button quiet small" href="/">Open The lab</a>' in answer.text
    assert "Go back to Main" in answer.text
    [way] = re.findall(r'<form method="post" action="(/workspaces/main/choose)">', answer.text)
    [page] = re.findall(r'name="next" value="([^"]+)"', answer.text)
    back = browser.post(way, data={"page-workspace": "lab", "next": page}, headers=BY_A_BROWSER)
    assert back.headers["Location"] == "/datasets/titanic"
    assert ("DELETE", "/datasets/datasets/titanic") not in {one[:2] for one in double.requests}
    browser.post("/datasets/titanic/delete", data=data, headers=BY_A_BROWSER)
    assert double.requests[-1][:2] == ("DELETE", "/datasets/datasets/titanic")
    assert double.house.seen[-1]["X-Workspace"] == "main"


def test_htmx_says_where_its_page_was_made(moved):
    carried = r"""<body hx-headers:inherited='{"X-Page-Workspace": "lab"}'>"""
    assert carried in moved.get("/").text


def test_htmx_is_told_at_the_edge_of_the_page(moved, double):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/datasets/titanic"}
    headers |= CARRIED["header"]["headers"]
    answer = moved.post("/datasets/titanic/delete", headers=headers)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#toasts")
    assert answer.headers["HX-Reswap"] == "beforeend"
    assert answer.text.startswith('<div class="toast" role="alert">')
    assert 'name="next" value="/datasets/titanic"' in answer.text
    assert untouched(double)


@pytest.mark.parametrize(
    "path", ["/datasets/titanic?cursor=2", "/jobs/j1", "/datasets/x/records/1"]
)
def test_htmx_reads_nothing_of_another_workspace_into_an_old_page(moved, double, path):
    headers = {"HX-Request": "true", "HX-Target": "div#rows"} | CARRIED["header"]["headers"]
    answer = moved.get(path, headers=headers)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#main")
    assert (answer.headers["HX-Reswap"], answer.headers["HX-Push-Url"]) == ("innerHTML", "false")
    assert f"{SWITCHED} Nothing more is shown here." in said(answer)
    assert "<body" not in answer.text
    assert untouched(double)


def test_live_events_of_an_old_page_end_with_the_notice(moved, double):
    headers = {"Accept": "text/html, text/event-stream", "HX-Request": "true"}
    answer = moved.get("/jobs/j1/live", headers=headers | CARRIED["header"]["headers"])
    assert answer.content_type == "text/event-stream"
    first, end, rest = answer.text.split("\n\n")
    lines = first.splitlines()
    assert all(line.startswith("data: ") for line in lines)
    assert SWITCHED in " ".join(line.removeprefix("data: ") for line in lines)
    assert (end.splitlines()[0], rest) == ("event: end", "")
    assert untouched(double)


def test_an_old_page_downloads_nothing_of_another_workspace(browser, moved, double):
    assert "export.csv?page-workspace=lab" in moved.get("/datasets/titanic").text
    double.requests.clear()
    old = "/datasets/titanic/export.csv?page-workspace=main"
    answer = moved.get(old)
    assert answer.status_code == 409
    assert f'name="next" value="{old}"' in answer.text
    assert untouched(double)


def test_an_upload_of_an_old_page_is_read_to_its_end_and_passed_on_to_nobody(moved, double):
    assert 'action="/datasets?page-workspace=lab"' in moved.get("/datasets/new").text
    double.requests.clear()
    body = io.BytesIO(b"--b\r\n" + b"a" * 300_000)
    answer = moved.post(
        "/datasets?page-workspace=main",
        input_stream=body,
        content_type="multipart/form-data; boundary=b",
        content_length=len(body.getvalue()),
    )
    assert (answer.status_code, body.read()) == (409, b"")
    assert SWITCHED in said(answer)
    assert untouched(double)


def test_an_upload_of_a_page_of_here_arrives(moved, double):
    file = {"file": (io.BytesIO(b"a\n1\n"), "a.csv")}
    answer = moved.post("/datasets?page-workspace=lab", data=file, headers=BY_A_BROWSER)
    assert (answer.status_code, double.uploads) == (303, {"a": b"a\n1\n"})


def test_no_way_back_is_shown_to_where_the_reader_may_not_go(moved, double):
    del double.house.accounts["owner"]["roles"]["main"]
    answer = moved.post("/datasets/titanic/delete", data=CARRIED["field"]["data"])
    assert (answer.status_code, "Go back to" in answer.text) == (409, False)
    assert "Open The lab" in answer.text


def ways(text):
    return re.findall(r'formaction="/workspaces/(\w+)/choose">Go to ([^<]+)<', text)


def test_the_menu_leads_to_the_other_workspaces(moved, double):
    assert ways(moved.get("/").text) == [("main", "Main")]
    moved.post("/workspaces", data={"name": "Spring"})
    assert ways(moved.get("/jobs").text) == [("lab", "The lab"), ("main", "Main")]
    moved.post("/workspaces/main/choose", data={"page-workspace": "w3"}, headers=BY_A_BROWSER)
    assert ways(moved.get("/jobs").text) == [("lab", "The lab"), ("w3", "Spring")]
    assert double.house.seen[-1]["X-Workspace"] == "main"


def test_the_menu_of_one_workspace_leads_nowhere_else(browser):
    assert ways(browser.get("/").text) == []


def test_many_workspaces_with_long_names_have_room_in_a_cookie(guest, double):
    chance = random.Random(7)
    for n in range(30):
        name = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(100))
        double.house.workspaces[f"w{n}"] = name
        double.house.accounts["owner"]["roles"][f"w{n}"] = "viewer"
    answer = guest.post("/sign-in", data={"email": "owner@x.org", "password": "correct horse"})
    assert len(answer.headers["Set-Cookie"]) < 4000
    found = ways(guest.get("/").text)
    assert [one for one, _ in found] == [f"w{n}" for n in range(5)]
    assert all(len(name) == 40 and name.endswith("…") for _, name in found)
