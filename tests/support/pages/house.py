"""An in-memory double of the function `accounts`, as far as the pages need it."""

import datetime as dt
import json
import re
from collections.abc import Callable

import httpx

from tests.support.openapi import JSON, PROBLEM, find_operation

TOKEN = "mfs_owner_1"
MOMENT = "2026-01-02T12:00:00Z"
LATER = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).isoformat()
RIGHTS = {
    "viewer": ["read", "predict"],
    "editor": ["read", "predict", "write"],
    "owner": ["read", "predict", "write", "manage"],
}


def problem(status, detail, *errors, **headers):
    body = {"title": "x", "status": status, "detail": detail, "errors": list(errors)}
    return httpx.Response(status, json=body, headers={"Content-Type": PROBLEM, **headers})


def account(ident, **more):
    return {
        "id": ident,
        "email": f"{ident}@example.org",
        "name": ident.capitalize(),
        "roles": {"main": "owner"},
        "home": "main",
        "plan": "unlimited",
        "operator": False,
        "disabled": False,
        "created_at": MOMENT,
    } | more


def line(**more):
    """Return a line of the activity."""
    return {
        "at": MOMENT,
        "function": "datasets",
        "method": "GET",
        "route": "/datasets",
        "path": "/datasets",
        "status": 200,
        "elapsed_ms": 4.2,
        "caller": "nightly",
        "account": "owner",
        "kind": "key",
        "key": "k0",
        "last_four": "wxyz",
        "workspace": "main",
        "call": "c-1",
        "rows": None,
    } | more


def _fits(value, asked):
    """Tell whether a line's value is asked for: 4xx is all of a kind."""
    return value[0] == asked[0] if asked.endswith("xx") else value == asked


class House:
    """Accounts, sessions, keys; tests look into it and change it."""

    def __init__(self):
        self.accounts = {
            "owner": account("owner", operator=True),
            "bob": account("bob", roles={"main": "viewer"}, plan="freemium"),
        }
        self.sessions = {"mfs_other": "bob", TOKEN: "owner"}
        self.passwords = {"owner": "correct horse", "bob": "battery staple"}
        self.links = {"once": "owner"}
        self.resets = {"reset-1": "bob"}
        self.workspaces = {"main": "Main", "lab": "The lab"}
        self.invitations = {}
        self.keys = {}
        self.mode = "open"
        self.mails = False  # whether an address is proven by a mail first
        self.plans = {
            "freemium": dict.fromkeys(BOUNDS) | {"predictions_per_minute": 5},
            "unlimited": dict.fromkeys(BOUNDS),
        }
        self.lines = []
        self.seen = []  # the headers of each call

    # Who calls.

    def barred(self, request):
        """Return the refusal of a call that no session stands behind; None where one does."""
        self.seen.append(request.headers)
        who = self.who(request)
        if who is None:
            return problem(401, "This session is not known.")
        workspace = request.headers.get("X-Workspace", self.accounts[who]["home"])
        if workspace and workspace not in self.accounts[who]["roles"]:
            return problem(404, f"There is no workspace '{workspace}'.")
        writes = request.method not in ("GET", "HEAD") and "/predict" not in request.url.path
        if writes and "write" not in self.rights(request):
            return problem(403, "Your role here does not let you change things.")
        return None

    def who(self, request):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.sessions.get(token)

    def workspace(self, request):
        return request.headers.get("X-Workspace", self.accounts[self.who(request)]["home"])

    def rights(self, request):
        found = self.accounts[self.who(request)]
        role = found["roles"].get(self.workspace(request))
        return ["self", *(["operate"] if found["operator"] else []), *RIGHTS.get(role, [])]

    def enter(self, name):
        """Begin a session; each has a token of its own."""
        token = f"mfs_{name}_{len(self.sessions)}"
        self.sessions[token] = name
        signed = {"token": token, "ends_at": LATER, "account": self.accounts[name]}
        return httpx.Response(201, json=signed)

    # The routes.

    def answer(self, double, request, path, body):
        """Answer a call of the function."""
        fault = double.answers.get((request.method, f"/accounts{path}"))
        if fault is not None:
            if isinstance(fault, Exception):
                raise fault
            return fault
        self.seen.append(request.headers)
        given = json.loads(body) if body else {}
        described = find_operation("accounts", request.method, path)
        if described is not None:
            kind = request.headers.get("Content-Type", "")
            described.check_request(set(request.url.params), kind, body)
        found = self._found(request, path, given)
        if described is not None:
            kind = found.headers.get("Content-Type", "")
            described.check_answer(found.status_code, kind, found.content)
        return found

    def _found(self, request, path, given):
        for method, pattern, need, handler in ROUTES:
            found = re.fullmatch(pattern, path)
            if method == request.method and found:
                refused = self._refusal(request, need)
                return refused or handler(self, request, given, *found.groups())
        raise AssertionError(f"The double has no {request.method} {path} of accounts")

    def _refusal(self, request, need):
        if need is None:
            assert "Authorization" not in request.headers, "a guest's call is nobody's"
            return None
        if self.who(request) is None:
            return problem(401, "This session is not known.")
        named = self.workspace(request)
        if named not in self.accounts[self.who(request)]["roles"]:
            return problem(404, f"There is no workspace '{named}'.")
        if need not in ("any", *self.rights(request)):
            return problem(403, "Your role here does not let you do that.")
        return None

    def sign_up(self, request, given):
        if self.mode == "off" or (self.mode == "invitation" and not given.get("invitation")):
            return problem(403, "Accounts are made by invitation.")
        if len(given["password"]) < 10:
            return problem(422, "refused", {"column": "password", "reason": "is too short"})
        if self.mails:
            return nothing(202)
        name = given["email"].partition("@")[0]
        self.accounts[name] = account(name, name=given["name"], plan="freemium")
        return self.enter(name)

    def sign_in(self, request, given):
        name = given["email"].partition("@")[0]
        if self.passwords.get(name) != given["password"]:
            return problem(401, "wrong")
        return self.enter(name)

    def by_link(self, request, given):
        name = self.links.pop(given["token"], None)
        return self.enter(name) if name else problem(401, "used")

    def reset(self, request, given):
        name = self.resets.pop(given["token"], None)
        if name is None:
            return problem(401, "used")
        self.passwords[name] = given["password"]
        return self.enter(name)

    def sign_out(self, request, given):
        del self.sessions[request.headers["Authorization"].removeprefix("Bearer ")]
        return httpx.Response(204)

    def me(self, request, given):
        found = self.accounts[self.who(request)]
        return httpx.Response(
            200,
            json={
                "name": found["name"],
                "kind": "session",
                "account": found["id"],
                "workspace": self.workspace(request),
                "rights": self.rights(request),
                "only": None,
                "plan": found["plan"],
            },
        )

    def rename(self, request, given):
        found = self.accounts[self.who(request)]
        found["name"] = given["name"]
        return httpx.Response(200, json=found)

    def change_password(self, request, given):
        name = self.who(request)
        if given.get("current") != self.passwords[name]:
            return problem(422, "refused", {"column": "current", "reason": "is not your password"})
        self.passwords[name] = given["password"]
        return httpx.Response(204)

    def list_sessions(self, request, given):
        name, agent = self.who(request), "Mozilla/5.0 (X11; Linux) Chrome/140.0 Safari/537.36"
        shown = [
            {
                "id": f"s{n}",
                "created_at": MOMENT,
                "ends_at": LATER,
                "agent": agent,
                "address": "127.0.0.1",
                "current": f"Bearer {token}" == request.headers["Authorization"],
            }
            for n, (token, whose) in enumerate(self.sessions.items())
            if whose == name
        ]
        return page(shown)

    def end_session(self, request, given, session):
        token = list(self.sessions)[int(session.removeprefix("s"))]
        del self.sessions[token]
        return httpx.Response(204)

    def list_workspaces(self, request, given):
        found = self.accounts[self.who(request)]
        return page(
            {"id": one, "name": self.workspaces[one], "role": role, "home": one == found["home"]}
            for one, role in found["roles"].items()
        )

    def make_workspace(self, request, given):
        self.workspaces["w3"] = given["name"]
        self.accounts[self.who(request)]["roles"]["w3"] = "owner"
        made = {"id": "w3", "name": given["name"], "role": "owner", "home": False}
        return httpx.Response(201, json=made)

    def accept(self, request, given):
        found = self.invitations.pop(given["token"], None)
        if found is None:
            return problem(404, "There is no such invitation.")
        self.accounts[self.who(request)]["roles"]["lab"] = found["role"]
        return httpx.Response(201, json={"workspace": "lab", "role": found["role"]})

    def list_people(self, request, given):
        where = self.workspace(request)
        return page(
            {"account": one["id"], "name": one["name"], "email": one["email"], "role": role}
            for one in self.accounts.values()
            if (role := one["roles"].get(where))
        )

    def change_role(self, request, given, name):
        found = self.accounts[name]
        found["roles"][self.workspace(request)] = given["role"]
        shown = {"account": name, "name": found["name"], "email": found["email"]}
        return httpx.Response(200, json=shown | given)

    def remove(self, request, given, name):
        if name == "owner":
            return problem(409, "Owner is the last owner of the workspace.")
        del self.accounts[name]["roles"][self.workspace(request)]
        return httpx.Response(204)

    def invite(self, request, given):
        made = {"id": "i1", "created_at": MOMENT, "ends_at": LATER, **given}
        self.invitations["invite-1"] = made
        return httpx.Response(201, json=made | {"token": "invite-1"})

    def withdraw(self, request, given, invitation):
        self.invitations.clear()
        return httpx.Response(204)

    def list_keys(self, request, given):
        everybody = request.url.params.get("of") == "all"
        return page(
            one for one in self.keys.values() if everybody or one["account"] == self.who(request)
        )

    def make_key(self, request, given):
        key = {
            "id": f"k{len(self.keys)}",
            "account": self.who(request),
            "workspace": self.workspace(request),
            "only": None,
            "last_four": "wxyz",
            "created_at": MOMENT,
            "ends_at": LATER if given.pop("days", None) else None,
            "last_used_at": None,
            **given,
        }
        self.keys[key["id"]] = key
        return httpx.Response(201, json=key | {"key": "mf_secret_wxyz"})

    def rotate(self, request, given, key):
        return httpx.Response(201, json=self.keys[key] | {"key": "mf_other_wxyz"})

    def revoke(self, request, given, key):
        del self.keys[key]
        return httpx.Response(204)

    def usage(self, request, given):
        used = {"plan": "freemium", "window": 60, "used": 3, "limit": 5, "resets_at": LATER}
        return httpx.Response(200, json=used)

    def put_plan(self, request, given, plan):
        self.plans[plan] = given
        return httpx.Response(200, json={"name": plan, **given})

    def delete_plan(self, request, given, plan):
        if any(one["plan"] == plan for one in self.accounts.values()):
            return problem(409, f"An account has the plan '{plan}'.")
        del self.plans[plan]
        return httpx.Response(204)

    def activity(self, request, given):
        wanted = request.url.params
        names = ("caller", "function", "status")
        fitting = [
            one
            for one in self.lines
            if all(_fits(str(one[name]), wanted[name]) for name in names if name in wanted)
        ]
        return page(fitting)

    def make_account(self, request, given):
        name = given["email"].partition("@")[0]
        self.accounts[name] = account(name, name=given["name"], plan=given.get("plan", ""))
        return httpx.Response(201, json=self.accounts[name])

    def change_account(self, request, given, name):
        self.accounts[name] |= given
        return httpx.Response(200, json=self.accounts[name])

    def set_mode(self, request, given):
        self.mode = given["sign_up"]
        return httpx.Response(200, json=given)


BOUNDS = ("predictions_per_minute", "concurrency", "rows", "bytes")


def page(items):
    return httpx.Response(200, json={"items": list(items), "next": None})


def nothing(status):
    return httpx.Response(status, content=b"null", headers={"Content-Type": JSON})


ROUTES: list[tuple[str, str, str | None, Callable[..., httpx.Response]]] = [
    ("GET", "/sign-up", None, lambda house, *_: httpx.Response(200, json={"mode": house.mode})),
    ("POST", "/sign-up", None, House.sign_up),
    ("POST", "/sign-in", None, House.sign_in),
    ("POST", "/sign-in/link", None, House.by_link),
    ("POST", "/password/forgotten", None, lambda *_: nothing(202)),
    ("POST", "/password/reset", None, House.reset),
    ("POST", "/sign-out", "self", House.sign_out),
    ("GET", "/me", "any", House.me),
    ("PATCH", "/me", "self", House.rename),
    ("POST", "/password", "self", House.change_password),
    ("GET", "/sessions", "self", House.list_sessions),
    ("DELETE", "/sessions/([^/]+)", "self", House.end_session),
    ("GET", "/workspaces", "self", House.list_workspaces),
    ("POST", "/workspaces", "self", House.make_workspace),
    ("POST", "/invitations/accept", "self", House.accept),
    ("GET", "/people", "read", House.list_people),
    ("PATCH", "/people/([^/]+)", "manage", House.change_role),
    ("DELETE", "/people/([^/]+)", "manage", House.remove),
    ("GET", "/invitations", "manage", lambda house, *_: page(house.invitations.values())),
    ("POST", "/invitations", "manage", House.invite),
    ("DELETE", "/invitations/([^/]+)", "manage", House.withdraw),
    ("GET", "/keys", "self", House.list_keys),
    ("POST", "/keys", "self", House.make_key),
    ("POST", "/keys/([^/]+)/rotate", "self", House.rotate),
    ("DELETE", "/keys/([^/]+)", "self", House.revoke),
    (
        "GET",
        "/plans",
        "any",
        lambda house, *_: page({"name": name, **one} for name, one in house.plans.items()),
    ),
    ("PUT", "/plans/([^/]+)", "operate", House.put_plan),
    ("DELETE", "/plans/([^/]+)", "operate", House.delete_plan),
    ("GET", "/usage", "self", House.usage),
    ("GET", "/activity", "read", House.activity),
    ("GET", "/accounts", "operate", lambda house, *_: page(house.accounts.values())),
    ("POST", "/accounts", "operate", House.make_account),
    ("PATCH", "/accounts/([^/]+)", "operate", House.change_account),
    (
        "GET",
        "/settings",
        "operate",
        lambda house, *_: httpx.Response(200, json={"sign_up": house.mode}),
    ),
    ("PATCH", "/settings", "operate", House.set_mode),
]
