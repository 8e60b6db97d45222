"""`./mayfly users`, `keys`, `plans` and `activity`: what they ask, and how they tell the answer."""

import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Request, Response, jsonify, request
from werkzeug.serving import make_server

from functions.accounts.adapters.memory.keys import MemoryKeys
from functions.accounts.service.keys import Keys
from functions.accounts.transport import keys, me
from functions.kit.adapters.access.identities import Identities
from functions.kit.adapters.calls.function_addresses import BY_PATH, FunctionAddresses
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.contract.access import accounts
from functions.kit.contract.access.api_key import digest, new_key
from functions.kit.contract.access.identity import OWNER
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from infra.local import settings
from infra.local.calling import sign_in
from infra.local.cli import mayfly

Call = Callable[..., Result]
FIRST = new_key()
ANN: dict[str, Any] = {
    "id": "a1",
    "email": "Ann@example.org",
    "name": "Ann",
    "roles": {"main": "viewer"},
}
ANN |= {"plan": "freemium", "operator": False, "disabled": False}
BOB = {**ANN, "id": "b2", "email": "bob@example.org", "name": "[bold]Bob[/]"}
PLAN = {"name": "freemium", "predictions_per_minute": 5, "concurrency": 2, "rows": None}
LINE = {"at": "2026-11-27T12:00:01Z", "function": "prediction", "status": 429, "rows": 3}


class Function:
    """The function `accounts`, served: keys by its own code, the rest as the contract has it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []
        store = MemoryKeys({OWNER: accounts.owner("", START)})
        access = Access("accounts", "secret", Identities(lambda *_: None, digest(FIRST)).of)
        self._api = Api("accounts", "", access, 1_000_000)
        me.add(self._api)
        keys.add(self._api, Keys(store, ManualClock(tick=1.0), "secret"))
        self.app = Flask("accounts")
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        self.app.add_url_rule("/function/accounts/<path:path>", None, self._answer, methods=methods)

    def _answer(self, path: str) -> Response:
        body = request.get_json(silent=True)
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        self.seen.append((f"{request.method} /{path}{query}", body))
        if path.partition("/")[0] in {"keys", "me"}:
            content = io.BytesIO(request.get_data())
            environ = request.environ | {"PATH_INFO": f"/{path}", "wsgi.input": content}
            return self._api.handle(Request(environ))
        return jsonify(self._told(f"{request.method} /{path}", body))

    def _told(self, asked: str, body: Any) -> Any:
        if asked.startswith("GET /accounts"):
            first = "cursor" not in request.args
            return {"items": [ANN if first else BOB], "next": "more" if first else None}
        lists = {"GET /plans": PLAN, "GET /activity": LINE}
        if asked in lists:
            return (
                {"items": [lists[asked]], "next": "more"}
                if asked == "GET /activity"
                else {"items": [PLAN], "next": None}
            )
        if asked == "POST /sign-in/links":
            return {"token": "a/b", "ends_at": "2026-11-27T12:10:00Z"}
        return {**(ANN if "accounts" in asked else {}), **(body or {})}


@pytest.fixture
def function() -> Function:
    return Function()


@pytest.fixture
def env(function: Function, tmp_path: Path) -> Iterator[dict[str, str]]:
    server = make_server("127.0.0.1", 0, function.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "key").write_text(FIRST + "\n")
    yield {"MAYFLY_HOME": str(tmp_path), "MAYFLY_GATEWAY_PORT": str(server.server_port)}
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def call(env: dict[str, str]) -> Call:
    return lambda *words, **options: CliRunner().invoke(mayfly, words, env=env, **options)


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_key_is_told_once_listed_rotated_and_revoked(call: Call, tmp_path: Path) -> None:
    made = call("keys", "make", "ci", "--scope", "read", "--scope", "predict", "--model", "titanic")
    assert re.fullmatch(r"mfk_\w{49}\n", made.stdout)
    assert "told this once" in made.stderr
    [listed] = told(call("keys", "list", "--json"))
    assert listed["only"] == {"kind": "model", "name": "titanic"}
    assert made.stdout.strip() not in call("keys", "list", "--all").output
    new = told(call("keys", "rotate", listed["id"], "--overlap", "60", "--json"))
    assert (new["name"], new["key"][:4]) == ("ci", "mfk_")
    by_id = {key["id"]: key for key in told(call("keys", "list", "--json"))}
    assert by_id[listed["id"]]["ends_at"] is not None
    gone = call("keys", "revoke", listed["id"], new["id"])
    assert gone.output == f"key {listed['id']} is revoked\nkey {new['id']} is revoked\n"
    assert told(call("keys", "list", "--json")) == []


def test_a_key_goes_into_a_file_for_its_owner_alone(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "ci.key"
    made = call("keys", "make", "ci", "--scope", "write", "--days", "3", "--out", str(file))
    assert file.read_text().startswith("mfk_")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "mfk_" not in made.output


def test_a_table_tells_seconds_and_whole_ids(call: Call) -> None:
    call("keys", "make", "ci", "--scope", "read", "--days", "1")
    [key] = told(call("keys", "list", "--json"))
    shown = call("keys", "list", "--all").output
    for part in (key["id"], "owner", "ci", key["last_four"], key["ends_at"][:19].replace("T", " ")):
        assert part in shown


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("keys", "make", "x", "--scope", "all"), 2, "'all' is not one of 'read', 'predict'"),
        (("keys", "make", "x"), 2, "Missing option '--scope'"),
        (("keys", "revoke", "a"), 1, "404 There is no key 'a'."),
        (("keys", "rotate", "none"), 1, "404 There is no key 'none'."),
        (("keys", "make", "", "--scope", "read"), 1, "422 The body was refused"),
        (("keys", "list", "--key-file", "/nowhere"), 1, "There is no API key at /nowhere"),
        (("keys", "list", "--key-file", "/"), 1, "/ cannot be read: Is a directory."),
        (("keys", "list", "--gateway", "http://127.0.0.1:1"), 1, "accounts does not answer at"),
        (("plans", "set", "p", "--rows", "many"), 2, "'many' is not a valid integer"),
        (("plans", "set", "premuim"), 2, "Say at least one bound"),
        (("activity", "--from", "yesterday"), 2, "'yesterday' is no time, such as 2026-11-27"),
        (("activity", "--status", "4x"), 2, "'4x' is no status, such as 404 or 4xx"),
        (("users", "plan", "eve@example.org", "p"), 1, "Nobody has the e-mail eve@example.org"),
        (("users", "add", "x@y", "--password-stdin"), 1, "no password on the standard input"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    call: Call, words: tuple[str, ...], code: int, says: str
) -> None:
    found = call(*words)
    assert (found.exit_code, says in found.output) == (code, True), found.output


def test_a_model_and_a_dataset_are_one_too_many(call: Call) -> None:
    words = ("keys", "make", "x", "--scope", "read", "--model", "m", "--dataset", "d")
    assert "not both" in call(*words).output


@pytest.mark.parametrize(
    ("words", "lists"),
    [
        (("users",), "GET /accounts"),
        (("keys", "--all"), "GET /keys"),
        (("plans",), "GET /plans"),
        (("activity", "--status", "4xx", "--limit", "1"), "GET /activity"),
    ],
)
def test_without_a_command_a_list_is_meant(
    call: Call, function: Function, words: tuple[str, ...], lists: str
) -> None:
    assert isinstance(told(call(*words, "--json")), list)
    assert {asked.partition("?")[0] for asked, _ in function.seen} == {lists}
    assert "Examples:" in call(words[0], "-h").output


def test_an_empty_list_says_how_it_gets_longer(call: Call) -> None:
    assert call("keys").output.startswith("No key was made here yet: ./mayfly keys make")
    call("keys", "make", "ci", "--scope", "read", "--model", "titanic")
    assert "model titanic" in call("keys").output


def test_a_role_alone_is_one_in_the_first_workspace(call: Call, function: Function) -> None:
    call("users", "add", "new@x.org", "--role", "editor")
    call("users", "add", "new@x.org")
    assert [body.get("workspace") for _, body in function.seen] == ["main", None]


def test_users_are_listed_over_pages_and_shown_as_they_are(call: Call) -> None:
    assert [one["id"] for one in told(call("users", "list", "--json"))] == ["a1", "b2"]
    shown = call("users", "list").output
    assert "Ann@example.org" in shown
    assert "[bold]Bob[/]" in shown
    assert "main: viewer" in shown


def test_users_are_added_moved_to_a_plan_and_shut_out(call: Call, function: Function) -> None:
    words = ("users", "add", "new@x.org", "--role", "editor", "--workspace", "main", "--plan", "p")
    assert call(*words, "--password-stdin", input="a long password\n").exit_code == 0
    assert "is on plan premium" in call("users", "plan", "ann@EXAMPLE.org", "premium").output
    assert "is shut out" in call("users", "disable", "a1").output
    assert "is let in" in call("users", "disable", "b2", "--undo").output
    changes = [one for one in function.seen if not one[0].startswith("GET")]
    made = {"email": "new@x.org", "name": "new", "plan": "p", "role": "editor"}
    assert changes == [
        ("POST /accounts", {**made, "workspace": "main", "password": "a long password"}),
        ("PATCH /accounts/a1", {"plan": "premium"}),
        ("PATCH /accounts/a1", {"disabled": True}),
        ("PATCH /accounts/b2", {"disabled": False}),
    ]


def test_a_link_signs_in_once_where_the_pages_are(call: Call) -> None:
    url = "https://mayfly.example.org/sign-in/link?token=a%2Fb"
    assert call("users", "link", "--web", "https://mayfly.example.org/").output == url + "\n"
    assert told(call("users", "link", "--json"))["url"].startswith("http://127.0.0.1:8000/sign-in/")


def test_a_start_tells_where_to_sign_in_or_why_not(env: dict[str, str]) -> None:
    found = settings.from_env(env)
    url = "http://127.0.0.1:8000/sign-in/link?token=a%2Fb (once)"
    assert sign_in.told(found.addresses, FIRST, found.web_url) == url
    away = FunctionAddresses("http://127.0.0.1:1" + BY_PATH)
    why = sign_in.told(away, FIRST, found.web_url)
    assert why.startswith("not now (accounts does not answer at http://127.0.0.1:1/function/")
    assert why.endswith("later: ./mayfly users link")


def test_a_plan_keeps_the_bounds_that_are_not_given(call: Call, function: Function) -> None:
    done = call(
        "plans", "set", "freemium", "--predictions-per-minute", "10", "--concurrency", "none"
    )
    assert "predictions_per_minute: 10" in done.output
    body = {"predictions_per_minute": 10, "concurrency": None, "rows": None, "bytes": None}
    assert function.seen[-1] == ("PUT /plans/freemium", body)
    assert told(call("plans", "list", "--json")) == [PLAN]
    assert call("plans", "remove", "team").output == "plan team is removed\n"
    assert "DELETE /plans/team" in [asked for asked, _ in function.seen]


def test_activity_is_searched_as_far_as_asked(call: Call, function: Function) -> None:
    words = ("--function", "prediction", "--status", "4xx", "--from", "2026-11-27", "--limit", "1")
    assert told(call("activity", "search", *words, "--json")) == [LINE]
    [(asked, _)] = function.seen
    path, _, query = asked.partition("?")
    assert path == "GET /activity"
    since = "from=2026-11-27T00%3A00%3A00%2B00%3A00"
    wanted = {"function=prediction", "status=4xx", since, "limit=1"}
    assert set(query.split("&")) == wanted
    assert "2026-11-27 12:00:01" in call("activity", "search", "--limit", "1").output


def test_each_post_is_named_so_that_it_is_safe_to_repeat(call: Call, function: Function) -> None:
    named: list[str | None] = []

    @function.app.before_request
    def note() -> None:
        named.append(request.headers.get("Idempotency-Key"))

    for words in (("users", "link"), ("users", "link"), ("plans", "list")):
        assert call(*words).exit_code == 0
    first, second, third = named
    assert first != second
    assert None not in {first, second}
    assert third is None
