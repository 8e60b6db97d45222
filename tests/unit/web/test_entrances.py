"""The ways in: a password, a link that counts once, a new account, a forgotten password."""

import httpx
import pytest

from tests.support.pages.house import TOKEN, problem

OWNER = {"email": "owner@example.org", "password": "correct horse"}
NEW = {"email": "eve@example.org", "name": "Eve", "password": "long enough it is"}


def test_the_browser_s_address_and_name_go_along(guest, double):
    guest.post("/sign-in", data=OWNER, headers={"User-Agent": "Tester/1"})
    first = double.house.seen[0]
    assert (first["X-Forwarded-For"], first["User-Agent"]) == ("127.0.0.1", "Tester/1")
    assert "Authorization" not in first


def test_a_wrong_password_is_told_in_place(guest):
    answer = guest.post("/sign-in", data=OWNER | {"password": "x", "next": "/jobs"})
    assert answer.status_code == 401
    assert "The e-mail address or the password is wrong." in answer.text
    assert 'value="owner@example.org"' in answer.text
    assert 'name="next" value="/jobs"' in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("data", [{}, {"email": "a@b"}, {"password": "x"}])
def test_a_form_that_is_not_filled_in_asks_nobody(guest, double, data):
    assert guest.post("/sign-in", data=data).status_code == 422
    assert double.house.seen == []


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (problem(429, "Too many tries; wait 30 s.", **{"Retry-After": "30"}), 429, "wait 30 s"),
        (httpx.Response(503), 503, "is away"),
        (httpx.ConnectError("no"), 503, "does not answer"),
    ],
)
def test_what_hinders_a_sign_in_is_told_in_place(guest, double, fault, status, said):
    double.answers["POST", "/accounts/sign-in"] = fault
    answer = guest.post("/sign-in", data=OWNER)
    assert answer.status_code == status
    assert said in answer.text
    assert 'name="password"' in answer.text


def test_a_link_signs_in_once(guest, double):
    answer = guest.get("/sign-in/link?token=once")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Set-Cookie" in answer.headers
    guest.post("/sign-out")
    again = guest.get("/sign-in/link?token=once")
    assert again.status_code == 401
    assert "This link has been used" in again.text
    assert "./mayfly up" in again.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch"},
    ],
)
def test_a_link_that_another_site_or_a_prefetch_opens_asks_first(guest, double, headers):
    answer = guest.get("/sign-in/link?token=once", headers=headers)
    assert answer.status_code == 200
    assert "Sign in by this link?" in answer.text
    assert "once" in double.house.links
    assert guest.head("/sign-in/link?token=once").status_code == 200
    assert "once" in double.house.links
    answer = guest.post("/sign-in/link", data={"token": "once"})
    assert (answer.status_code, double.house.links) == (303, {})


def test_a_link_does_not_put_somebody_else_in_a_signed_in_reader_s_place(browser, double):
    double.house.links["bobs"] = "bob"
    answer = browser.get("/sign-in/link?token=bobs")
    assert answer.status_code == 200
    assert "You are signed in already" in answer.text
    assert "bobs" in double.house.links
    assert browser.post("/sign-in/link", data={"token": "bobs"}).status_code == 303
    assert TOKEN not in double.house.sessions
    assert ">Bob<" in browser.get("/account").text


def test_a_link_counts_where_the_session_before_has_ended(browser, double):
    double.house.sessions.clear()
    assert browser.get("/sign-in/link?token=once").headers["Location"] == "/"


def test_an_account_of_one_s_own(guest, double):
    assert "At least ten characters" in guest.get("/sign-up").text
    short = guest.post("/sign-up", data=NEW | {"password": "short"})
    assert short.status_code == 422
    assert "Password is too short." in short.text
    assert 'value="Eve"' in short.text
    answer = guest.post("/sign-up", data=NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert ">Eve<" in guest.get("/account").text


def test_an_account_whose_address_is_proven_by_a_mail_first(guest, double):
    double.house.mails = True
    answer = guest.post("/sign-up", data=NEW)
    assert answer.status_code == 202
    assert "A link is on its way to <strong>eve@example.org</strong>" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_form_for_an_account_names_what_is_missing(guest, double):
    answer = guest.post("/sign-up", data={"email": " "})
    assert answer.status_code == 422
    for label in ("Your name", "E-mail address", "Password"):
        assert f"{label} is missing." in answer.text


@pytest.mark.parametrize(
    ("mode", "query", "shown"),
    [
        ("open", "", True),
        ("invitation", "", False),
        ("invitation", "?invitation=x", True),
        ("off", "?invitation=x", False),
    ],
)
def test_who_may_make_an_account(guest, double, mode, query, shown):
    double.house.mode = mode
    text = guest.get(f"/sign-up{query}").text
    assert ('name="password"' in text) is shown


def test_a_refused_account_says_why(guest, double):
    double.house.mode = "off"
    answer = guest.post("/sign-up", data=NEW)
    assert answer.status_code == 403
    assert "Accounts are made by invitation." in answer.text


def test_a_forgotten_password(guest, double):
    answers = [
        guest.post("/password/forgotten", data={"email": email})
        for email in ("bob@example.org", "nobody@example.org")
    ]
    texts = {
        one.text.replace("bob", "X").replace("nobody", "X").replace("Nobody", "X")
        for one in answers
    }
    assert len(texts) == 1
    assert "a link is on its way" in texts.pop()
    assert guest.post("/password/forgotten", data={}).status_code == 422
    answer = guest.post("/password/reset", data={"token": "reset-1", "password": "another one!"})
    assert answer.headers["Location"] == "/"
    assert double.house.passwords["bob"] == "another one!"
    used = guest.post("/password/reset", data={"token": "reset-1", "password": "another one!"})
    assert used.status_code == 401
    assert "This link has been used" in used.text
    assert "Ask for another link" in used.text


def test_an_invitation_is_taken_by_whoever_is_signed_in(browser, guest, double):
    double.house.invitations["in"] = {"role": "editor"}
    asked = guest.get("/invitation?token=in")
    assert "/sign-up?invitation=in" in asked.text
    assert "/sign-in?next=/invitation?token%3Din" in asked.text
    assert guest.post("/invitation", data={"token": "in"}).status_code == 303
    assert "in" in double.house.invitations
    assert "Join the workspace as" in browser.get("/invitation?token=in").text
    assert browser.post("/invitation", data={"token": "in"}).headers["Location"] == "/"
    assert "in The lab" in browser.get("/account").text
    assert double.house.seen[-1]["X-Workspace"] == "lab"
    used = browser.post("/invitation", data={"token": "in"})
    assert (used.status_code, "There is no such invitation." in used.text) == (404, True)
