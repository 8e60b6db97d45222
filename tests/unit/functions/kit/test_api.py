import time

import msgspec
import pytest
from flask import Flask, Response, request

from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.access.identity import EVERY, Caller, Subject
from functions.kit.contract.errors import Conflict
from functions.kit.contract.requests.pages import PageQuery
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.problems import Problem
from tests.support.callers.identities import caller, identity

SECRET = "secret"
OTHER = caller("ann", "editor", "other")
CREDENTIALS = {
    "good": identity(caller("ann"), OTHER),
    "looker": identity(caller("bob", "viewer")),
    "rex": identity(caller("eve", only=Subject("model", "rex"))),
    "ended": identity(caller("ann"), ends=time.time()),
    "runner": identity(msgspec.structs.replace(caller("ann"), rights=EVERY)),
}


class Pet(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    age: int


def new_api() -> Api:
    guard = Access("pets", SECRET, CREDENTIALS.get)
    api = Api("pets", "Pets.", guard, max_json_bytes=100)

    @api.route("POST", "/pets", status=201)
    def add_pet(body: Pet, caller: Caller) -> dict[str, str]:
        """Add a pet."""
        return {"name": body.name, "by": caller.name}

    @api.route("GET", "/pets")
    def list_pets(query: PageQuery) -> dict[str, int]:
        """List pets."""
        return {"limit": query.limit}

    @api.route("GET", "/pets/{name}", access="open")
    def get_pet(name: str) -> dict[str, str]:
        """One pet."""
        if name == "boom":
            raise RuntimeError(name)
        raise Conflict(f"{name} is taken.")

    @api.route("POST", "/pets/{name}/step", access="step", hidden=True)
    def step(name: str) -> None:
        """Go on."""

    @api.route("POST", "/pets/{name}/visit", access="both", hidden=True)
    def visit(name: str, caller: Caller) -> Caller:
        """Say who comes."""
        return caller

    @api.route("GET", "/raw", access="both")
    def raw() -> Response:
        """Raw."""
        return Response("x", content_type="text/plain")

    @api.route("GET", "/kennels/{model}")
    def kennel(model: str, caller: Caller) -> dict[str, str]:
        """Show a kennel."""
        return {"model": model, "workspace": caller.workspace}

    @api.route("GET", "/kennels", filters=True)
    def kennels(caller: Caller) -> list[str]:
        """List kennels."""
        return [name for name in ("rex", "tom") if caller.sees("model", name)]

    return api


@pytest.fixture
def client():
    app = Flask("test")
    api = new_api()
    app.add_url_rule(
        "/<path:path>",
        view_func=lambda path: api.handle(request),
        methods=["GET", "POST", "PUT", "HEAD"],
    )
    return app.test_client()


KEY = {"Authorization": "Bearer good"}


def step_token(path: str, workspace: str = "", now: float | None = None) -> str:
    call = step_tokens.Call("POST", "pets", path)
    return step_tokens.authorization(SECRET, "shop", call, workspace=workspace, now=now)


def test_a_typed_body_reaches_the_handler(client):
    answer = client.post("/pets", json={"name": "Rex", "age": 3}, headers=KEY)
    assert (answer.status_code, answer.json) == (201, {"name": "Rex", "by": "ann"})


def test_the_other_key_header(client):
    assert client.get("/pets", headers={"X-Api-Key": "good"}).json == {"limit": 50}


@pytest.mark.parametrize(
    ("call", "status", "detail"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400, "not JSON"),
        ({"data": b'{"age": NaN}', "content_type": "application/json"}, 422, "finite"),
        ({"data": b"a,b", "content_type": "text/csv"}, 415, "application/json"),
        ({"data": b" " * 101, "content_type": "application/json"}, 413, "100 bytes"),
        ({"json": {"name": "Rex"}}, 422, "The body was refused: field "),
    ],
)
def test_bad_bodies(client, call, status, detail):
    answer = client.post("/pets", headers=KEY, **call)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert detail in answer.json["detail"]
    assert answer.json["instance"] == "/pets"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "Rex", "age": "x"}, {"column": "age", "reason": "Expected `int`, got `str`"}),
        (
            {"name": "Rex"},
            {"column": "age", "reason": "Object missing required field `age`"},
        ),
        (
            {"name": "Rex", "age": 1, "x": 1},
            {"column": "x", "reason": "Object contains unknown field `x`"},
        ),
    ],
)
def test_a_refused_value_is_named(client, body, error):
    assert client.post("/pets", json=body, headers=KEY).json["errors"] == [error]


def test_query_parameters_are_checked(client):
    assert client.get("/pets?limit=7", headers=KEY).json == {"limit": 7}
    answer = client.get("/pets?limit=0", headers=KEY)
    assert answer.status_code == 400
    assert "'limit'" in answer.json["detail"]
    answer = client.get("/pets?limits=7", headers=KEY)
    assert answer.status_code == 400
    assert "'limits': there is no such parameter; there are limit, cursor" in answer.json["detail"]


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "bad"}, {"Authorization": "Basic x"}])
def test_no_key_no_answer(client, headers):
    answer = client.get("/pets", headers=headers)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_routes_that_are_not_there(client):
    assert client.get("/nope", headers=KEY).status_code == 404
    answer = client.put("/pets", headers=KEY)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


def test_errors_keep_one_shape(client):
    assert client.get("/pets/rex").json["detail"] == "rex is taken."
    answer = client.get("/pets/boom")
    assert answer.status_code == 500
    assert "boom" not in answer.json["detail"]


def test_a_step_token_opens_its_own_call_alone(client):
    def post(path, token):
        return client.post(path, headers={"Authorization": token}).status_code

    token = step_token("/pets/rex/step")
    assert post("/pets/rex/step", token) == 204
    assert post("/pets/tom/step", token) == 401
    assert post("/pets", token) == 403
    assert client.post("/pets/rex/step", headers=KEY).status_code == 403
    old = step_token("/pets/rex/step", now=0)
    assert post("/pets/rex/step", old) == 401
    assert post("/pets/rex/step", "Step x") == 401


def test_a_handler_hears_which_function_calls(client):
    def who(headers):
        return client.post("/pets/rex/visit", headers=headers).json

    token = {"Authorization": step_token("/pets/rex/visit", "other")}
    told = who(token)
    assert (told["name"], told["kind"], told["workspace"]) == ("shop", "step", "other")
    told = who(KEY)
    assert (told["name"], told["kind"], told["workspace"]) == ("ann", "key", "main")


def test_head_is_a_get_without_a_body(client):
    answer = client.head("/raw", headers=KEY)
    assert (answer.status_code, answer.data) == (200, b"")


def test_what_an_answer_varies_by_itself_is_kept() -> None:
    api = new_api()

    @api.route("GET", "/tongues", access="open")
    def tongues() -> Response:
        """Say it in the caller's language."""
        return Response("hi", headers={"Vary": "Accept-Language"})

    with Flask("test").test_request_context("/tongues"):
        vary = api.handle(request).headers["Vary"]
    assert vary == "Accept-Language, Authorization, X-Api-Key, X-Workspace"


@pytest.mark.parametrize("path", ["/pets", "/raw", "/pets/rex", "/nowhere", "/kennels/rex"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("key", ["good", "bad"])
def test_no_cache_gives_one_caller_s_answer_to_another(client, method, path, key):
    answer = client.open(path, method=method, headers={"X-Api-Key": key})
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Vary"] == "Authorization, X-Api-Key, X-Workspace"


def test_the_description_names_every_route_but_hidden_ones(client):
    paths = client.get("/openapi.json", headers=KEY).json["paths"]
    assert set(paths) == {
        *("/pets", "/pets/{name}", "/raw", "/kennels", "/kennels/{model}", "/openapi.json")
    }
    assert paths["/pets"]["get"]["parameters"][0]["name"] == "limit"


def test_a_prefix_may_shape_its_errors():
    api = new_api()
    api.answer_errors_below("/pets", lambda problem, path: Answer(b"mine", problem.status), str)
    with Flask("test").test_request_context("/pets"):
        assert api.handle(request).get_data(as_text=True) == "mine"


def test_a_handler_may_not_ask_for_what_its_path_lacks():
    with pytest.raises(TypeError, match="nobody"):
        new_api().route("GET", "/x")(lambda nobody: None)


def test_health_and_ready_are_open_and_nothing_else_is(client):
    for path in ("/_/health", "/_/ready"):
        assert client.get(path).status_code == 200
    for path in ("/metrics", "/openapi.json", "/kennels"):
        assert client.get(path).status_code == 401


@pytest.mark.parametrize(("path", "status"), [("/none", 404), ("/pets/rex/visit", 405)])
def test_what_is_no_route_is_told_to_who_says_who_asks(client, path, status):
    assert client.put(path).status_code == 401
    assert client.put(path, headers=KEY).status_code == status
    token = {"Authorization": step_token("/none")}
    assert client.post("/none", headers=token).status_code == 404


def test_metrics_are_of_all_workspaces_and_for_who_runs_the_system(client):
    assert client.get("/metrics", headers=bearer("good")).status_code == 403
    assert client.get("/metrics", headers=bearer("runner")).status_code == 200


def bearer(credential, **more):
    return {"Authorization": f"Bearer {credential}", **more}


@pytest.mark.parametrize(
    ("credential", "workspace", "status"),
    [
        ("good", None, 200),
        ("good", "main", 200),
        ("good", "other", 200),
        ("good", "third", 404),
        ("good", "", 404),
        ("looker", "other", 404),
        ("ended", None, 401),
        ("nobody", None, 401),
    ],
)
def test_a_call_means_a_workspace_of_the_caller_s(client, credential, workspace, status):
    more = {} if workspace is None else {"X-Workspace": workspace}
    answer = client.get("/kennels/rex", headers=bearer(credential, **more))
    assert answer.status_code == status
    if status == 200:
        assert answer.json["workspace"] == (workspace or "main")


def test_a_workspace_that_is_not_the_caller_s_reads_like_one_that_is_not(client):
    def told(name):
        answer = client.get("/kennels/rex", headers=bearer("looker", **{"X-Workspace": name}))
        return answer.get_data(as_text=True).replace(name, "X")

    assert told("other") == told("nowhere")


def test_a_role_bounds_what_may_be_done(client):
    answer = client.post("/pets", json={"name": "Rex", "age": 3}, headers=bearer("looker"))
    assert answer.status_code == 403
    assert "does not let you change things" in answer.json["detail"]


def test_the_description_shows_what_the_caller_may_do(client):
    told = client.get("/openapi.json", headers=bearer("looker")).json["paths"]
    assert ("get" in told["/pets"], "post" in told["/pets"]) == (True, False)


def test_a_key_for_one_thing_opens_that_alone(client):
    rex = bearer("rex")
    assert client.get("/kennels/rex", headers=rex).status_code == 200
    answer = client.get("/kennels/tom", headers=rex)
    assert (answer.status_code, answer.json["detail"]) == (404, "There is no model 'tom'.")
    assert client.get("/kennels", headers=rex).json == ["rex"]
    barred = client.get("/pets", headers=rex)
    assert (barred.status_code, "alone" in barred.json["detail"]) == (403, True)
    assert may_call(client, "GET", "/kennels/tom", rex).status_code == 404
    assert may_call(client, "POST", "/pets", bearer("looker")).status_code == 403


def test_a_function_acts_in_the_workspace_that_its_token_names(client):
    token = {"Authorization": step_token("/pets/rex/visit")}
    assert client.post("/pets/rex/visit", headers=token).status_code == 403


def test_problem_needs_a_known_status():
    assert Problem(404, "x").status == 404


def may_call(client, method, uri, headers=None):
    fields = {"X-Original-Method": method, "X-Original-URI": uri, **(headers or {})}
    return client.get("/_/may-call", headers=fields)


@pytest.mark.parametrize(
    ("method", "uri", "headers", "status"),
    [
        ("POST", "/pets", KEY, 204),
        ("POST", "/pets?a=/b", {"X-Api-Key": "good"}, 204),
        ("POST", "/pets", {}, 401),
        ("POST", "/pets", {"Authorization": "Bearer bad"}, 401),
        ("GET", "/pets/rex", {}, 204),
        ("HEAD", "/pets", KEY, 204),
        ("POST", "/pets/rex/step", KEY, 403),
        ("POST", "/raw", KEY, 405),
        ("POST", "/nothing", KEY, 404),
        ("GET", "/_/may-call", {}, 204),
    ],
)
def test_a_caller_is_checked_for_a_call_that_he_is_about_to_make(
    client, method, uri, headers, status
):
    answer = may_call(client, method, uri, headers)
    assert answer.status_code == status
    if status != 204:
        assert answer.content_type == "application/problem+json"
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_step_token_is_checked_for_its_own_call(client):
    token = {"Authorization": step_token("/pets/a b/step")}
    assert may_call(client, "POST", "/pets/a%20b/step?x=1", token).status_code == 204
    assert may_call(client, "POST", "/pets/other/step", token).status_code == 401
    assert may_call(client, "POST", "/pets", token).status_code == 403
    assert client.post("/pets/other/step", headers=token).status_code == 401


def test_the_check_itself_calls_nothing(client):
    assert may_call(client, "GET", "/pets/boom").status_code == 204
    assert client.get("/pets/boom").status_code == 500


def test_who_has_the_description_is_told_so(client):
    tag = client.get("/openapi.json", headers=bearer("good")).headers["ETag"]
    again = client.get("/openapi.json", headers=bearer("good", **{"If-None-Match": tag}))
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    other = client.get("/openapi.json", headers=bearer("looker", **{"If-None-Match": tag}))
    assert (other.status_code, other.headers["ETag"] != tag) == (200, True)
