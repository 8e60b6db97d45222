"""Two workspaces: neither reads, lists, guesses or infers anything of the other by any route.

The routes are those of the API descriptions, so a new one is asked, too; one whose parameter or
body these tests do not know fails until they are told. What `north` has is asked for by `south`,
whose people may do everything in a workspace of their own: they hear what they hear of things that
are not. So do who runs the system, from a workspace of its own and by the first key; a function of
ours that acts for `south`; and a gateway that asks what `south` may call.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.calls.step_tokens import Call, authorization
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.pages import cursor_after
from functions.kit.contract.telemetry.predictions import BATCH_TYPE
from functions.kit.http.api import MAY_CALL
from functions.monitoring.model.alerts.due import evaluate_step
from tests.integration.functions.conftest import STEP_SECRET
from tests.support.callers.members import Founder
from tests.support.in_memory.monitoring import event, id_of
from tests.support.in_memory.platform import Platform, platform_of
from tests.support.openapi import NAMES, described

# What south may call by the same name, too.
SHARED = {"revision", "version", "number", "alias", "plan", "column", "act"}
# Who runs the system manages these, of whatever workspace.
OPERATED = {"/accounts", "/accounts/{account}", "/settings", "/plans/{plan}"}
# In every name and value of north's, and in nothing of south's.
MARK = "north"
TABLE = "age,town\n" + "\n".join(f"{n * 7 % 50},{MARK}-{'ab'[n % 2]}" for n in range(60)) + "\n"
OWN = {  # routes that are about the caller alone, or about nobody's things
    *(("accounts", path) for path in ("/me", "/sign-out", "/password", "/sign-in/links")),
    *((name, "/openapi.json") for name in NAMES),
    ("datasets", "/datasets/preview"),
}
# What begins a session, or is for who has none: no workspace is meant.
STRANGERS = {"/sign-in", "/sign-in/link", "/sign-up", "/password/forgotten", "/password/reset"}
PREDICTION = id_of(1)
TENSOR = {"name": "age", "datatype": "FP64", "shape": [1, 1], "data": [3.0]}
RULE = {  # it always fires
    "name": "north-rule",
    "measure": "age",
    "span": "day",
    "condition": {"when": "above", "value": -1},
    "for_windows": 1,
    "acts": [{"do": "retrain"}],
}
CHANNEL = {"kind": "email", "to": ["north@example.com"], "name": "north-mail"}
BODIES: dict[str, dict[str, Any]] = {
    "accept_invitation": {"token": "mfi_none"},
    "amend_record": {"values": {"age": 1}},
    "change_password": {"password": "correct horse battery"},
    "change_account": {"plan": "premium"},
    "change_named_records": {"records": [{"id": "000000001", "values": {"age": 1}}]},
    "change_role": {"role": "viewer"},
    "change_settings": {"sign_up": "off"},
    "create_account": {"email": "new@example.com", "name": "new"},
    "create_batch": {"dataset": "north-people"},
    "create_job": {"dataset": "north-people", "target": "town", "model": "north-people"},
    "plan_job": {"dataset": "north-people", "target": "town", "model": "north-people"},
    "create_report": {"dataset": "north-people", "kinds": ["notebook"]},
    "create_record": {"values": {"age": 1, "town": "x"}},
    "push_records": {"records": [{"age": 1, "town": "x"}]},
    "put_comparison": {"compare_with": "season"},
    "put_connection": {"driver": "sqlite", "database": "x"},
    "put_schedule": {
        "every_minutes": 60,
        "asked": {"mode": "append", "source": {"url": "http://a/"}},
    },
    "create_rule": RULE,
    "replace_rule": RULE,
    "create_channel": CHANNEL,
    "replace_channel": CHANNEL,
    "silence_alert": {"until": None},
    "create_workspace": {"name": "north"},
    "forgotten": {"email": "nobody@example.com"},
    "infer": {"inputs": [TENSOR]},
    "infer_by_version": {"inputs": [TENSOR]},
    "invite": {"email": "guest@example.com", "role": "viewer"},
    "post_labels": {"labels": [{"id": PREDICTION, "label": "x"}]},
    "make_key": {"name": "mine", "scopes": ["read"]},
    "rotate_key": {},
    "put_plan": {"predictions_per_minute": 9},
    "patch_dataset": {"name": "north-people"},
    "predict": {"records": [{"age": 3}]},
    "predict_by_alias": {"records": [{"age": 3}]},
    "predict_by_version": {"records": [{"age": 3}]},
    "promote": {"version": 1},
    "set_traffic": {"shares": {"1": 90, "2": 10}},
    "rename_workspace": {"name": "mine"},
    "rename_me": {"name": "me"},
    "reset": {"token": "mft_none", "password": "correct horse battery"},
    "sign_in": {"email": "nobody@example.com", "password": "correct horse battery"},
    "sign_in_by_link": {"token": "mft_none"},
    "sign_up": {"email": "x@example.com", "name": "x", "password": "correct horse battery"},
    "edit_model": {"note": "mine"},
    "edit_version": {"tags": ["mine"]},
    "amend_records": {"values": {"age": 1}},
    "undo": {"revision": 2},
    "restore": {"revision": 1},
    "replace_record": {"values": {"age": 1, "town": "x"}},
}
# What a query has to say.
QUERIES = {
    "compare_versions": {"a": "1", "b": "2"},
    "create_import": {"mode": "append"},
    "find_window_column": {"name": "age"},
    "get_series": {"measure": "calls"},
}
NAMED_BY_CALLERS = {"put_connection"}  # it makes one of that name: see below
# One takes a whole registration (test_registry asks it), the other calls what it is told to be a
# model (tests/e2e/test_own_models.py).
UNTOUCHED = {"register_version", "register_function"}
OWN_NAMES = {"create_dataset"}  # what south makes may be called as north's: see below


class Route(NamedTuple):
    """One route of a function, as its description has it."""

    function: str
    method: str
    path: str
    operation: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.function}-{self.method}-{self.path}"


def path_of(route: Route, ids: dict[str, str]) -> str:
    """Return the path of a route to things of these ids."""
    return re.sub(r"{(\w+)}", lambda found: ids[found[1]], route.path)


ROUTES = [
    Route(name, method.upper(), path, operation)
    for name in NAMES
    for path, operations in described(name)["paths"].items()
    for method, operation in operations.items()
    if operation["operationId"] not in UNTOUCHED
]
OF_A_THING = [
    route
    for route in ROUTES
    if "{" in route.path and route.operation["operationId"] not in NAMED_BY_CALLERS
]
OF_NONE = [
    route
    for route in ROUTES
    if "{" not in route.path
    and route.operation["operationId"] not in OWN_NAMES
    and (route.function, route.path) not in OWN
    and "security" in route.operation
]


Headers = dict[str, str]


class Seat(NamedTuple):
    """Somebody who owns a workspace, and how calls say who it is."""

    account: str
    key: Headers
    session: Headers
    key_id: str
    session_id: str


def seat(workspace: str, *, operator: bool = False) -> Seat:
    """Make a workspace, its owner, and a key and a session of that."""
    owner = Founder(workspace, "unlimited", operator=operator)
    key, session = owner.key(), owner.session()
    return Seat(owner.account, key.header, session.header, key.id, session.id)


class World(NamedTuple):
    """North, with everything that one can have; who asks; and the ids of what north has."""

    platform: Platform
    north: Seat
    south: Seat
    askers: dict[str, Headers]
    ids: dict[str, str]

    def ask(self, route: Route, ids: dict[str, str], who: Headers, **query: str) -> Any:
        """Call a route."""
        path = path_of(route, ids)
        options: dict[str, Any] = {}
        query = QUERIES.get(route.operation["operationId"], {}) | query
        if "requestBody" in route.operation:
            options = self._body(route)
        client = self.platform.clients[route.function]
        return client.open(path, method=route.method, headers=who, query_string=query, **options)

    def _body(self, route: Route) -> dict[str, Any]:
        name = route.operation["operationId"]
        if name in {"create_dataset", "create_import", "preview_dataset", "create_batch_of_file"}:
            return {"data": TABLE.replace(MARK, "south"), "content_type": "text/csv"}
        return {"json": BODIES[name]}


@pytest.fixture(scope="module")
def world(
    emulators: dict[str, str], key: Headers, function_app: Callable[[str], FlaskClient]
) -> Iterator[World]:
    north, south, west = seat("north"), seat("south"), seat("west", operator=True)
    conditions = {"If-Match": "*", "If-None-Match": "*", "Idempotency-Key": "k"}
    askers = {
        "key": south.key,
        "session": south.session | conditions,
        "operator": west.session,
        "first key": key,
    }
    with platform_of(NAMES, function_app) as platform:
        yield World(platform, north, south, askers, _ids(platform, north))


def _ids(platform: Platform, north: Seat) -> dict[str, str]:
    """Let north have one of each thing; return their ids."""

    def post(function: str, path: str, **options: Any) -> Any:
        answer = platform.clients[function].post(path, headers=north.session, **options)
        assert answer.status_code in {200, 201, 202}, answer.text
        platform.deliver_all()
        return answer.get_json()

    csv = {"data": TABLE, "content_type": "text/csv"}
    dataset = post("datasets", "/datasets?name=north-people", **csv)["id"]
    record = post(
        "datasets", f"/datasets/{dataset}/records", json={"values": {"age": 1, "town": "north-a"}}
    )
    post("datasets", f"/datasets/{dataset}/snapshots")
    more = {"data": f"age,town\nx,{MARK}-c\n3,{MARK}-d\n", "content_type": "text/csv"}
    query = "mode=append&bad_rows=separate&dry_run=true"
    post("datasets", f"/datasets/{dataset}/imports?{query}", **more)
    put = platform.clients["datasets"].put
    connection = {"driver": "sqlite", "database": "north.db"}
    assert put("/connections/north-shop", json=connection, headers=north.session).status_code == 200
    schedule = BODIES["put_schedule"]
    path = f"/datasets/{dataset}/schedule"
    assert put(path, json=schedule, headers=north.session).status_code == 200
    asked = {
        "dataset": dataset,
        "target": "town",
        "algorithms": ["logistic_regression"],
        "folds": 2,
    }
    job = post("training", "/jobs", json=asked)["id"]
    done = platform.clients["training"].get(f"/jobs/{job}", headers=north.session).get_json()
    assert done["state"] == "succeeded", done
    _log_prediction(platform, done["model"])
    watched = _watched(platform, north, post, done["model"])
    batch = post("prediction", f"/models/{done['model']}/batches", json={"dataset": dataset})["id"]
    later = north.session | {"Prefer": "respond-async"}
    path, rows = f"/models/{done['model']}/predict", BODIES["predict"]
    task = platform.clients["prediction"].post(path, json=rows, headers=later).get_json()["id"]
    platform.deliver_all()
    report = post("reports", "/reports", json=BODIES["create_report"])["id"]
    guest = {"email": "north-guest@example.com", "role": "viewer"}
    invitation = post("accounts", "/invitations", json=guest)["id"]
    return {
        "dataset": dataset,
        "record": record["id"],
        "number": "1",
        "connection": "north-shop",
        "job_id": job,
        "model": done["model"],
        "prediction": PREDICTION,
        "batch": batch,
        "task": task,
        "report": report,
        "version": "1",
        "revision": "1",
        "alias": "champion",
        **watched,
        "account": north.account,
        "session": north.session_id,
        "workspace": "north",
        "invitation": invitation,
        "key": north.key_id,
        "plan": "premium",
    }


def _watched(
    platform: Platform, north: Seat, post: Callable[..., Any], model: str
) -> dict[str, str]:
    """Let a rule of the model fire, and tell of it; return the ids of all that there is then."""
    channel = post("monitoring", "/channels", json=CHANNEL)["id"]
    rule = post("monitoring", f"/models/{model}/rules", json=RULE)["id"]
    # Not by a look at all that is due: other tests have left steps, and a look takes some alone.
    path = evaluate_step(Place(MARK, model)).path
    token = authorization(STEP_SECRET, "monitoring", Call("POST", "monitoring", path))
    client = platform.clients["monitoring"]
    looked = client.post(path, headers={"Authorization": token})
    assert looked.status_code in {200, 204}, looked.text
    platform.deliver_all()
    [alert] = client.get("/alerts", headers=north.session).get_json()["items"]
    return {
        "channel": channel,
        "rule": rule,
        "alert": alert["id"],
        "notice": alert["notices"][0],
        "act": str(alert["acts"][0]["number"]),
        "window": "hour-1000",
        "column": "age",
    }


def _log_prediction(platform: Platform, model: str) -> None:
    token = authorization(STEP_SECRET, "prediction", Call("POST", "monitoring", "/predictions"))
    answer = platform.clients["monitoring"].post(
        "/predictions",
        data=msgspec.json.encode([event(1, workspace=MARK, model=model, caller=MARK)]),
        content_type=BATCH_TYPE,
        headers={"Authorization": token},
    )
    assert answer.status_code == 204, answer.text


def asked_by(routes: list[Route], *askers: str) -> list[tuple[str, Route]]:
    """Return each asker with the routes that tell it nothing of another's workspace."""
    return [
        (shown, route)
        for shown in askers
        for route in routes
        if shown in {"key", "session"} or route.path not in OPERATED
    ]


def strange(ids: dict[str, str]) -> dict[str, str]:
    """Return ids of the same lengths that nothing has."""
    turned = str.maketrans(
        "0123456789abcdefghijklmnopqrstuvwxyz", "987654321zyxwvutsrqponmlkjihgfedcba0"
    )
    return {kind: name.translate(turned) for kind, name in ids.items()} | {
        kind: name for kind, name in ids.items() if kind in SHARED
    }


def told(answer: Any, ids: dict[str, str]) -> tuple[Any, ...]:
    """Return all that an answer tells, but for the names that were asked for."""
    text = answer.get_data(as_text=True)
    for kind, name in sorted(ids.items(), key=lambda pair: -len(pair[1])):
        if kind not in SHARED:
            text = text.replace(name, kind)
    headers = {name: value for name, value in answer.headers if name != "Content-Length"}
    return answer.status_code, text, headers


@pytest.mark.parametrize(
    ("shown", "route"), asked_by(OF_A_THING, "key", "session", "operator", "first key"), ids=str
)
def test_what_is_another_s_is_as_if_it_were_not(world: World, route: Route, shown: str) -> None:
    who = world.askers[shown]
    found = world.ask(route, world.ids, who)
    assert found.status_code in {401, 403, 404, 501}, found.text
    other = strange(world.ids)
    assert told(found, world.ids) == told(world.ask(route, other, who), other)


@pytest.mark.parametrize("route", OF_A_THING, ids=str)
def test_a_function_that_acts_for_another_finds_no_more(world: World, route: Route) -> None:
    def asked(ids: dict[str, str]) -> Any:
        call = Call(route.method, route.function, path_of(route, ids))
        shown = authorization(STEP_SECRET, "training", call, workspace="south")
        return world.ask(route, ids, {"Authorization": shown})

    found, other = asked(world.ids), strange(world.ids)
    assert found.status_code in {403, 404}, found.text
    assert told(found, world.ids) == told(asked(other), other)


@pytest.mark.parametrize("route", OF_A_THING, ids=str)
def test_a_gateway_hears_no_more_before_it_queues_a_call(world: World, route: Route) -> None:
    def asked(ids: dict[str, str]) -> Any:
        meant = {"X-Original-Method": route.method, "X-Original-URI": path_of(route, ids)}
        client = world.platform.clients[route.function]
        return client.get(MAY_CALL, headers=world.south.key | meant)

    other = strange(world.ids)
    assert told(asked(world.ids), world.ids) == told(asked(other), other)


@pytest.mark.parametrize("route", [one for one in OF_A_THING if one.method == "GET"], ids=str)
def test_the_head_of_what_is_another_s_tells_no_more(world: World, route: Route) -> None:
    def asked(ids: dict[str, str]) -> Any:
        client = world.platform.clients[route.function]
        query = QUERIES.get(route.operation["operationId"])
        path = path_of(route, ids)
        return client.head(path, headers=world.south.session, query_string=query)

    found, other = asked(world.ids), strange(world.ids)
    assert found.status_code in {403, 404}
    assert told(found, world.ids) == told(asked(other), other)


@pytest.mark.parametrize(("shown", "route"), asked_by(OF_NONE, "session", "operator"), ids=str)
def test_what_names_nothing_tells_nothing_of_another_s(
    world: World, route: Route, shown: str
) -> None:
    answer = world.ask(route, world.ids, world.askers[shown])
    asked = json.dumps(BODIES.get(route.operation["operationId"], {}))
    seen = answer.get_data(as_text=True)
    for name in {*world.ids.values(), MARK} - {world.ids[kind] for kind in SHARED}:
        assert name not in seen or name in asked, seen
    assert answer.status_code < 500


LISTS = [
    route
    for route in OF_NONE
    if any(parameter.get("name") == "cursor" for parameter in route.operation["parameters"])
]


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_a_cursor_of_another_s_leads_where_a_made_up_one_does(world: World, route: Route) -> None:
    for name in set(world.ids.values()):
        other = strange({"x": name})["x"]
        found, made_up = (
            world.ask(route, world.ids, world.south.key, cursor=cursor_after(one))
            for one in (name, other)
        )
        assert found.status_code == made_up.status_code
        assert MARK not in found.get_data(as_text=True)


def test_another_s_workspace_cannot_be_meant(world: World) -> None:
    for function, path in (("datasets", "/datasets"), ("models", "/models"), ("training", "/jobs")):
        answers = [
            world.platform.clients[function].get(
                path, headers=world.south.session | {"X-Workspace": name}
            )
            for name in ("north", "htron")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert (
            len({answer.get_data(as_text=True).replace("north", "htron") for answer in answers})
            == 1
        )


def test_both_may_use_one_name(world: World) -> None:
    csv = {"data": TABLE.replace(MARK, "south"), "content_type": "text/csv"}
    datasets = world.platform.clients["datasets"]
    path = "/datasets?name=north-people"
    made = datasets.post(path, headers=world.south.session, **csv)
    assert made.status_code in {200, 202}
    world.platform.deliver_all()
    for who, mark in ((world.north, MARK), (world.south, "south")):
        text = datasets.get("/datasets/north-people/export.csv", headers=who.session).text
        assert (f"{mark}-a" in text, text.count("south" if mark == MARK else MARK)) == (True, 0)


def test_both_may_define_a_connection_of_one_name(world: World) -> None:
    datasets = world.platform.clients["datasets"]
    path, mine = "/connections/north-shop", {"driver": "sqlite", "database": "south.db"}
    made = datasets.put(path, json=mine, headers=world.south.session)
    assert made.get_json()["secret"] == "mayfly-sql.south.north-shop"
    for who, database in ((world.north, "north.db"), (world.south, "south.db")):
        assert datasets.get(path, headers=who.session).get_json()["database"] == database
    assert datasets.delete(path, headers=world.south.session).status_code == 204
    assert datasets.get(path, headers=world.north.session).status_code == 200


def test_what_was_asked_of_north_s_things_has_changed_none(world: World) -> None:
    north = world.north.session
    get = world.platform.clients["datasets"].get
    assert get("/datasets/north-people", headers=north).get_json()["rows"] == 61
    model = world.platform.clients["models"].get("/models/north-people", headers=north).get_json()
    # Its own rule had it trained once more.
    assert (model["aliases"], model["latest"]) == ({"champion": 1}, 2)
    people = world.platform.clients["accounts"].get("/people", headers=north).get_json()["items"]
    assert [one["account"] for one in people] == [world.north.account]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_nothing_but_health_answers_who_does_not_say_who_asks(world: World, route: Route) -> None:
    answer = world.ask(route, world.ids, {})
    if route.path in STRANGERS or route.path.startswith("/v2/health/"):
        assert "security" not in route.operation
    else:
        assert answer.status_code == 401, answer.text
