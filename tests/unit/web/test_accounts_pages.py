"""Account, workspaces, people, keys, plans, activity, all accounts; and what a role leaves out."""

import json
import re

import httpx
import pytest

from tests.support.pages.house import line, problem

PLACES = ("/account", "/workspaces", "/people", "/keys", "/plans", "/activity", "/accounts")


@pytest.fixture
def role(double):
    """Let the reader of the page have another role."""

    def become(name, *, operator=False):
        double.house.accounts["owner"] |= {"roles": {"main": name}, "operator": operator}

    return become


def sent(double, method, path):
    [body] = [body for verb, place, body in double.requests if (verb, place) == (method, path)]
    return json.loads(body)


@pytest.mark.parametrize("path", PLACES)
def test_each_page_has_its_place_in_the_menu_and_one_filled_button_at_most(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    assert f'href="{path}" aria-current="page"' in answer.text
    assert answer.text.count('<button class="button">') <= 1


@pytest.mark.parametrize("path", PLACES[2:])
def test_a_page_whose_function_is_away_says_so(browser, double, path):
    for route in ("people", "keys", "plans", "activity", "accounts"):
        double.answers["GET", f"/accounts/{route}"] = httpx.Response(503)
    answer = browser.get(path)
    assert answer.status_code == 503
    assert "is away" in answer.text


def test_a_name_and_a_password(browser, double):
    answer = browser.post("/account", data={"name": "Ada"})
    assert answer.headers["Location"] == "/account"
    page = browser.get("/account")
    assert "Your name is changed." in page.text
    assert '<span class="clip">Ada</span>' in page.text
    assert browser.post("/account", data={"name": " "}).status_code == 422
    wrong = browser.post("/account/password", data={"current": "x", "password": "new enough!"})
    assert wrong.status_code == 422
    assert "Current password is not your password." in wrong.text
    data = {"current": "correct horse", "password": "new enough!"}
    assert browser.post("/account/password", data=data).status_code == 303
    assert double.house.passwords["owner"] == "new enough!"
    assert "is missing" in browser.post("/account/password", data={"current": "x"}).text


def test_sessions_are_listed_and_ended(browser, double):
    double.house.sessions["mfs_phone"] = "owner"
    text = browser.get("/account").text
    assert text.count("Chrome on Linux") == 2
    assert text.count("this one") == 1
    assert browser.post("/account/sessions/s2/end").status_code == 303
    assert "mfs_phone" not in double.house.sessions


def test_workspaces_are_made_and_chosen(browser, double):
    made = browser.post("/workspaces", data={"name": "Spring"})
    assert made.headers["Location"] == "/"
    browser.get("/jobs")
    assert double.house.seen[-1]["X-Workspace"] == "w3"
    text = browser.get("/workspaces").text
    assert text.count("you are here") == 1
    assert browser.post("/workspaces/main/choose").status_code == 303
    browser.get("/jobs")
    assert double.house.seen[-1]["X-Workspace"] == "main"
    assert browser.post("/workspaces/secret/choose").status_code == 404
    assert browser.post("/workspaces", data={"name": ""}).status_code == 422


def test_who_was_taken_out_of_a_workspace_finds_another(browser, double):
    browser.post("/workspaces", data={"name": "Spring"})
    del double.house.accounts["owner"]["roles"]["w3"]
    answer = browser.get("/jobs")
    assert answer.status_code == 404
    assert 'href="/workspaces"' in answer.text
    assert "Go there" in browser.get("/workspaces").text
    assert browser.post("/workspaces/main/choose").status_code == 303
    assert browser.get("/jobs").status_code == 200
    browser.post("/sign-out")
    assert double.house.who(httpx.Request("GET", "http://x", headers={})) is None


def test_people_change_roles_go_and_are_invited(browser, double):
    text = browser.get("/people").text
    assert "bob@example.org" in text
    assert browser.post("/people/bob/role", data={"role": "editor"}).status_code == 303
    assert double.house.accounts["bob"]["roles"]["main"] == "editor"
    last = browser.post("/people/owner/remove")
    assert (last.status_code, "the last owner" in last.text) == (409, True)
    assert browser.post("/people/bob/remove").status_code == 303
    assert "bob@example.org" not in browser.get("/people").text
    assert browser.post("/people/invitations", data={"email": "x"}).status_code == 422
    data = {"email": "eve@example.org", "role": "viewer"}
    invited = browser.post("/people/invitations", data=data)
    assert invited.status_code == 201
    assert "http://localhost/invitation?token=invite-1" in invited.text
    assert sent(double, "POST", "/accounts/invitations") == data
    listed = browser.get("/people").text
    assert "eve@example.org" in listed
    assert "invite-1" not in listed
    assert browser.post("/people/invitations/i1/withdraw").status_code == 303
    assert double.house.invitations == {}


def test_a_key_is_made_shown_once_rotated_and_revoked(browser, double):
    data = {"name": "nightly", "scopes": ["read", "predict"], "days": "90"}
    subject = {"kind": "model", "subject": "titanic"}
    made = browser.post("/keys", data=data | subject)
    assert made.status_code == 201
    assert "mf_secret_wxyz" in made.text
    assert 'data-copy="#secret"' in made.text
    assert sent(double, "POST", "/accounts/keys") == {
        "name": "nightly",
        "scopes": ["read", "predict"],
        "days": 90,
        "only": {"kind": "model", "name": "titanic"},
    }
    listed = browser.get("/keys").text
    assert "mf_secret_wxyz" not in listed
    assert "model titanic" in listed
    assert "…wxyz" in listed
    rotated = browser.post("/keys/k0/rotate", data={"overlap": "3600"})
    assert "mf_other_wxyz" in rotated.text
    assert sent(double, "POST", "/accounts/keys/k0/rotate") == {"overlap_seconds": 3600}
    assert browser.post("/keys/k0/rotate", data={"overlap": "1e9"}).status_code == 422
    assert browser.post("/keys/k0/revoke").status_code == 303
    assert double.house.keys == {}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/keys", {"name": "nightly", "scopes": "read"}),
        ("/people/invitations", {"email": "eve@example.org", "role": "viewer"}),
        ("/workspaces", {"name": "Spring"}),
        ("/accounts", {"email": "eve@example.org", "name": "Eve"}),
    ],
)
def test_a_form_that_is_sent_twice_carries_one_key(browser, double, path, data):
    [once] = set(
        re.findall(
            r'name="once" value="([0-9a-f]{32})"',
            browser.get(path.removesuffix("/invitations")).text,
        )[-1:]
    )
    for _ in range(2):
        browser.post(path, data=data | {"once": once})
    browser.post(path, data=data | {"once": "x"})
    keys = [one["Idempotency-Key"] for one in double.house.seen if "Idempotency-Key" in one]
    assert keys[:2] == [once, once]
    assert len(keys) == 3
    assert re.fullmatch("[0-9a-f]{32}", keys[2])
    assert keys[2] != once


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"scopes": "read"}, "Name is missing"),
        ({"name": "x"}, "choose at least one"),
        ({"name": "x", "scopes": "read", "kind": "dataset"}, "which dataset is it for?"),
    ],
)
def test_a_key_that_is_not_said_asks_nobody(browser, double, data, said):
    answer = browser.post("/keys", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert ("POST", "/accounts/keys") not in [one[:2] for one in double.requests]


def test_usage_and_plans(browser, double):
    text = browser.get("/plans").text
    assert "3 of 5" in text
    assert "no bound" in text
    assert 'value="5"' in browser.get("/plans?edit=freemium").text
    data = {"name": "team", "predictions_per_minute": "1,000", "rows": ""}
    assert browser.post("/plans", data=data).status_code == 303
    assert double.house.plans["team"]["predictions_per_minute"] == 1000
    assert double.house.plans["team"]["rows"] is None
    wrong = browser.post("/plans", data=data | {"rows": "many"})
    assert wrong.status_code == 422
    assert "is no whole number" in wrong.text
    taken = browser.post("/plans/freemium/delete")
    assert (taken.status_code, "An account has the plan" in taken.text) == (409, True)
    assert browser.post("/plans/team/delete").status_code == 303


def test_a_plan_without_a_bound_is_not_counted_and_stays(browser, double):
    uncounted = {"plan": "unlimited", "window": 60, "used": None, "limit": None}
    double.answers["GET", "/accounts/usage"] = httpx.Response(200, json=uncounted)
    text = browser.get("/plans").text
    assert "Your plan: unlimited" in text
    assert "It has no bound." in text
    assert "cannot read" not in text
    assert "Change freemium" in text
    assert "Change unlimited" not in text


def test_activity_is_searched(browser, double):
    lost = line(kind="lost", caller="", path="", method="", status=0, rows=7)
    double.house.lines = [line(), line(caller="bob", function="models", status=404), lost]
    text = browser.get("/activity").text
    assert "nightly" in text
    assert "2 Jan 12:00:00" in text
    assert "7 requests could not be told of" in text
    search = "?caller=bob&status=404&function=models&from=2026-01-01T00:00&of=system"
    text = browser.get(f"/activity{search}").text
    assert "nightly" not in text
    assert 'value="bob"' in text
    assert "Every request to every function." in text
    asked = double.house.seen
    assert asked
    nothing = browser.get("/activity?caller=nobody").text
    assert "Nothing fits this search." in nothing


@pytest.mark.parametrize("query", ["status=many", "from=yesterday"])
def test_a_search_that_cannot_be_made_is_told_in_place(browser, query):
    answer = browser.get(f"/activity?{query}")
    assert answer.status_code == 422
    assert "must be a" in answer.text


def test_the_operator_looks_after_all_accounts(browser, double):
    assert browser.post("/accounts/sign-up", data={"sign_up": "off"}).status_code == 303
    assert double.house.mode == "off"
    data = {"email": "eve@example.org", "name": "Eve", "plan": "freemium", "password": ""}
    assert browser.post("/accounts", data=data).status_code == 303
    assert sent(double, "POST", "/accounts/accounts") == {
        "email": "eve@example.org",
        "name": "Eve",
        "plan": "freemium",
    }
    assert browser.post("/accounts/eve/plan", data={"plan": "unlimited"}).status_code == 303
    assert browser.post("/accounts/eve/disable").status_code == 303
    text = browser.get("/accounts").text
    assert "shut out" in text
    assert "Let in again" in text
    assert browser.post("/accounts/eve/enable").status_code == 303
    assert (
        double.house.accounts["eve"] | {"plan": "unlimited", "disabled": False}
        == (double.house.accounts["eve"])
    )
    assert browser.post("/accounts", data={"email": "x"}).status_code == 422


WRITES = {
    "/": ("Upload data",),
    "/datasets": ("Upload a CSV file",),
    "/datasets/titanic": (
        "Train a model",
        "Make a report",
        "Delete",
        "Edit",
        "Add a row",
        "/train",
    ),
    "/jobs/j1": ("Cancel", "Resume"),
    "/models/titanic": ("Delete", "Promote…"),
    "/models/titanic/versions/2": ("Delete", "Make a report", "Promote…"),
    "/reports": ("Make a report",),
}


@pytest.mark.parametrize("path", WRITES)
def test_what_a_viewer_may_not_do_is_not_shown(browser, double, role, path):
    double.add_dataset()
    double.add_job()
    double.add_model(versions=2)
    text = browser.get(path).text
    assert [what for what in WRITES[path] if what not in text] == []
    role("viewer")
    text = browser.get(path).text
    assert [what for what in WRITES[path] if what in text] == []


@pytest.mark.parametrize(
    "path",
    [
        "/datasets/new",
        "/datasets/titanic/train",
        "/reports/new?dataset=titanic",
        "/datasets/titanic/records/new",
        "/datasets/titanic/records/r0/edit",
        "/datasets/titanic/column?name=age",
    ],
)
def test_a_form_that_a_viewer_could_not_send_says_why(browser, double, role, path):
    double.add_dataset()
    role("viewer")
    answer = browser.get(path)
    assert answer.status_code == 403
    assert "That is not allowed" in answer.text
    assert "ask an owner of the workspace" in answer.text


def test_a_viewer_s_change_is_refused_in_words(browser, fragments, double, role):
    double.add_dataset()
    role("viewer")
    answer = browser.post("/datasets/titanic/delete", data={"revision": "1"})
    assert answer.status_code == 403
    assert "Your role here does not let you change things." in answer.text
    toast = fragments.post("/datasets/titanic/delete", data={"revision": "1"})
    assert toast.status_code == 403
    assert toast.headers["HX-Retarget"] == "#toasts"


def test_people_are_managed_by_owners_and_the_system_by_operators(browser, role):
    role("editor")
    people = browser.get("/people").text
    assert "bob@example.org" in people
    for absent in ("Invite", "Remove", "<select", "All accounts"):
        assert absent not in people
    assert "Everybody" not in browser.get("/keys").text
    plans = browser.get("/plans").text
    assert "Make the plan" not in plans
    assert "Delete" not in plans
    assert "of all workspaces" not in browser.get("/activity?of=system").text
    assert browser.get("/accounts").status_code == 403


def test_a_quota_that_is_used_up_is_told_beside_the_form(fragments, double):
    double.add_model()
    double.answers["POST", "/prediction/models/titanic/predict"] = problem(
        429, "Your plan allows 5 predictions a minute; wait 20 s."
    )
    answer = fragments.post("/models/titanic/try", data={"column.sex": "male"})
    assert answer.status_code == 429
    assert "wait 20 s" in answer.text


def test_a_command_names_a_key_of_the_reader_s_own(browser, double, guest):
    double.add_dataset()
    double.add_model()
    assert "$(cat" in browser.get("/models/titanic/try").text
    guest.post("/sign-in", data={"email": "bob@example.org", "password": "battery staple"})
    text = guest.get("/models/titanic/try").text
    assert "$MAYFLY_KEY" in text
    assert "$(cat" not in text
    assert 'href="/keys"' in text.partition("The same call")[2]
