"""No page without a session, the cookie that holds it, and whose calls go out."""

import io
import re

import httpx
import pytest
from flask import Request
from itsdangerous import URLSafeSerializer
from werkzeug.test import EnvironBuilder

from tests.support.callers.seats import cookie
from tests.support.pages.house import TOKEN, problem
from web.addresses import BY_PATH, Addresses
from web.app import create_app
from web.client.functions import Functions
from web.http.destinations import checked, page_of
from web.http.seats import Seats
from web.http.shutdown import Shutdown
from web.settings import Settings

SIGNED_OUT = ("sign_in", "sign_up", "passwords", "invitations")
BY_KEY = ("realtime",)  # who may is asked on the connection: tests/integration/web/test_realtime.py
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/datasets/titanic?cursor=2#rows"}
OWNER = {"email": "owner@example.org", "password": "correct horse"}


def addresses(app):
    """Yield a method and a path for each route of the pages that is not open."""
    for rule in app.url_map.iter_rules():
        part = rule.endpoint.partition(".")[0]
        if part in (*SIGNED_OUT, *BY_KEY) or rule.endpoint in {
            "asset",
            "favicon",
            "healthz",
            "metrics",
        }:
            continue
        path = re.sub(r"<int:\w+>", "1", rule.rule)
        path = re.sub(r"<\w+>", "x", path)
        yield from ((method, path) for method in sorted(rule.methods - {"OPTIONS"}))


def test_nothing_is_shown_or_done_without_a_session(app, guest, double):
    found = list(addresses(app))
    assert ("POST", "/datasets/x/delete") in found
    assert ("GET", "/jobs/x/live") in found
    assert ("GET", "/models/x/versions/1/model.onnx") in found
    assert len(found) > 80
    for method, path in found:
        answer = guest.open(path, method=method)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (
            303,
            "/sign-in",
        ), (method, path)
        answer = guest.open(path, method=method, headers=HTMX)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["HX-Redirect"].startswith("/sign-in?next=/datasets/titanic")
    assert double.house.seen == []
    assert double.requests == []


def test_what_is_open_is_open(guest, double):
    for path in ("/healthz", "/favicon.ico", "/static/mark.svg", "/sign-in", "/sign-up"):
        answer = guest.get(path)
        assert answer.status_code in (200, 301), path
        answer.close()
    for path in ("/password/forgotten", "/password/reset?token=x", "/invitation?token=x"):
        assert guest.get(path).status_code == 200, path


def test_live_events_are_refused_with_401(guest):
    answer = guest.get("/jobs/j1/live", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401
    assert "HX-Redirect" in answer.headers


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2fevil.example",
        "/%2Fevil.example",
        "/%5cevil.example",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/a\\b",
        "/\t/evil.example",
        "/ /evil.example",
        "/\r\nSet-Cookie: a=b",
        "/\x00",
        "/ü",
        "///evil.example",
        "/sign-out",
        "/sign-in?next=/sign-in",
        "/sign-in/link?token=x",
        "/password/reset?token=x",
        "/" + "a" * 2001,
    ],
)
def test_no_other_site_is_gone_to(browser, guest, text):
    assert checked(text) == "/"
    data = OWNER | ({"next": text} if text is not None else {})
    assert guest.post("/sign-in", data=data).headers["Location"] == "/"


@pytest.mark.parametrize("text", ["/", "/jobs", "/datasets/a%20b?filter=age%3E%3D30&cursor=x"])
def test_a_page_of_ours_is_gone_back_to(guest, text):
    assert checked(text) == text
    assert guest.post("/sign-in", data=OWNER | {"next": text}).headers["Location"] == text


@pytest.mark.parametrize(
    ("method", "headers", "page"),
    [
        ("GET", {}, "/datasets/a%20b?cursor=2"),
        ("POST", {}, "/"),
        ("POST", {"Referer": "http://localhost/keys?of=all"}, "/keys?of=all"),
        ("POST", {"Referer": "http://evil.example/keys"}, "/"),
        ("POST", {"Referer": "http://[evil/keys"}, "/"),
        ("GET", {"HX-Current-URL": "http://localhost/jobs/j1#live"}, "/jobs/j1"),
        ("GET", {"HX-Current-URL": "http://localhost//evil.example"}, "/"),
        ("GET", {"HX-Current-URL": "//evil.example/jobs"}, "/"),
    ],
)
def test_the_page_that_one_was_on(method, headers, page):
    made = EnvironBuilder("/datasets/a b?cursor=2", method=method, headers=headers)
    assert page_of(Request(made.get_environ())) == page


def test_calls_carry_the_reader_s_own_session_and_workspace(browser, guest, double):
    browser.get("/")
    assert len(double.house.seen) == 6  # lists, alerts and usage, each in a thread, and who it is
    for headers in double.house.seen:
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert headers["X-Workspace"] == "main"
    double.house.seen.clear()
    guest.post("/sign-in", data={"email": "bob@example.org", "password": "battery staple"})
    double.house.seen.clear()
    guest.get("/")
    assert {one["Authorization"] for one in double.house.seen} == {"Bearer mfs_bob_2"}
    browser.get("/jobs")
    assert double.house.seen[-1]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "path", ["/", "/jobs", "/datasets/new", "/nowhere", "/models/m/versions/1/model.onnx"]
)
def test_a_session_that_has_ended_leads_to_the_door_and_back(browser, double, path):
    double.house.sessions.clear()
    answer = browser.get(path)
    assert answer.status_code == 303
    door = browser.get(answer.headers["Location"])
    assert "Your session has ended." in door.text
    assert "Sign out" not in door.text
    back = browser.post("/sign-in", data=OWNER | {"next": path})
    assert back.headers["Location"] == path


def test_an_upload_whose_session_ends_meanwhile_leads_to_the_door(fragments, double):
    double.answers["POST", "/datasets/datasets"] = problem(401, "ended")
    headers = {"HX-Current-URL": "http://localhost/datasets/new"}
    file = {"file": (io.BytesIO(b"a\n1\n"), "a.csv")}
    answer = fragments.post("/datasets", data=file, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/datasets/new&why=ended"


@pytest.mark.parametrize(
    ("base", "name", "secure"),
    [
        ("http://localhost:8000", "mayfly-session-8000", False),
        ("http://localhost", "mayfly-session-80", False),
        ("http://[::1]:9", "mayfly-session-9", False),
        ("https://localhost", "__Host-mayfly-session-443", True),
        ("https://localhost:8443", "__Host-mayfly-session-8443", True),
    ],
)
def test_the_cookie_s_name_and_attributes(guest, base, name, secure):
    answer = guest.post("/sign-in", data=OWNER, base_url=base)
    [text] = answer.headers.getlist("Set-Cookie")
    first, *attributes = [part.strip() for part in text.split(";")]
    assert first.partition("=")[0] == name
    names = {part.partition("=")[0] for part in attributes}
    assert names == {"Expires", "HttpOnly", "SameSite", "Path"} | ({"Secure"} if secure else set())
    assert "Path=/" in attributes
    assert "SameSite=Lax" in attributes


def test_what_a_proxy_says_is_believed_only_where_one_is_set(guest, double):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    answer = guest.post("/sign-in", data=OWNER, headers=headers)
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert double.house.seen[0]["X-Forwarded-For"] == "127.0.0.1"


def test_a_cookie_of_somebody_s_own_making_opens_nothing(app, guest, double):
    name, text = cookie("another secret", token=TOKEN)
    seat: dict[str, object] = {
        "token": TOKEN,
        "account": "owner",
        "name": "x",
        "workspace": "",
        "place": "",
    }
    for forged in (
        text,
        text[:-1],
        "",
        URLSafeSerializer("cookies are signed", salt="other").dumps(seat | {"ends": 2**40}),
    ):
        guest.set_cookie(name, str(forged))
        assert guest.get("/jobs").status_code == 303, forged
    assert double.house.seen == []


@pytest.mark.parametrize(("ends", "counts"), [(1, False), (2**40, True)])
def test_a_session_whose_time_is_over_is_none(ends, counts):
    seats = Seats("s")
    seat = {"token": "t", "account": "a", "name": "n", "workspace": "", "place": "", "ends": ends}
    text = seats._serializer.dumps(seat)
    made = EnvironBuilder(headers=[("Cookie", f"mayfly-session-80={text!s}")])
    found = seats.read(Request(made.get_environ()))
    assert (found is not None) is counts


def test_each_sign_in_has_a_session_of_its_own_and_ends_the_one_before(guest, double):
    planted = cookie("cookies are signed", token="mfs_other")
    guest.set_cookie(*planted)
    guest.post("/sign-in", data=OWNER)
    [kept] = guest._cookies.values()
    assert kept.value != planted[1]
    assert "mfs_other" not in double.house.sessions
    before = set(double.house.sessions)
    guest.post("/sign-in", data=OWNER)
    assert len(before - set(double.house.sessions)) == 1


def test_signing_out_ends_the_session_and_clears_the_cookie(browser, double):
    answer = browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.headers["Location"] == "/sign-in?why=out"
    assert TOKEN not in double.house.sessions
    assert "Expires=Thu, 01 Jan 1970" in answer.headers["Set-Cookie"]
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert browser.get("/").status_code == 303
    assert "You are signed out." in browser.get("/sign-in?why=out").text


def test_signing_out_says_so_where_the_session_could_not_be_ended(browser, double):
    double.answers["POST", "/accounts/sign-out"] = httpx.Response(503)
    answer = browser.post("/sign-out")
    assert answer.headers["Location"] == "/sign-in?why=left"
    assert "could not be ended" in browser.get("/sign-in?why=left").text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/sign-up", "/sign-in/link", "/keys"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_no_other_site_signs_anybody_in_or_out(browser, double, path, headers):
    data = OWNER | {"token": "once", "name": "Eve"}
    assert browser.post(path, data=data, headers=headers).status_code == 403
    assert double.house.seen == []
    assert TOKEN in double.house.sessions
    assert "once" in double.house.links


def test_one_proxy_is_believed_and_no_more(double):
    addresses = Addresses("http://gateway.test" + BY_PATH)
    functions = Functions(addresses, httpx.MockTransport(double))
    app = create_app(Settings(addresses, addresses, "s", proxies=1), functions, Shutdown())
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    answer = app.test_client().post("/sign-in", data=OWNER, headers=headers)
    assert answer.headers["Set-Cookie"].startswith("__Host-mayfly-session-443=")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert double.house.seen[0]["X-Forwarded-For"] == "203.0.113.9"
