"""Activity by its routes: who sees what, filters, cursors; over doubles in memory."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from functions.accounts.adapters.memory.key_uses import MemoryKeyUses
from functions.accounts.adapters.memory.lines import MemoryLines
from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.search import Search
from functions.accounts.service.activity.upkeep import Upkeep
from functions.accounts.transport import activity
from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.adapters.stores.untold import Untold
from functions.kit.contract.access.identity import EVERY, RIGHTS, Caller, Identity
from functions.kit.contract.telemetry.activity import UNTOLD, Batch
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.service.latecomers import Latecomers
from tests.support.callers.activity import batch, line

SECRET = "s"
PEOPLE = {
    "ann": Caller(name="ann", kind="session", workspace="w", account="a", rights=RIGHTS["viewer"]),
    "bob": Caller(name="bob", kind="session", workspace="w", account="b", rights=RIGHTS["owner"]),
    "eve": Caller(name="eve", kind="session", workspace="v", account="e", rights=RIGHTS["owner"]),
    "root": Caller(name="root", kind="session", workspace="main", account="r", rights=EVERY),
}
LINES = [
    line(1, workspace="w", account="a", caller="ann", key="k1", last_four="wxyz", path="/1"),
    line(2, workspace="w", account="b", caller="bob", status=404, path="/2"),
    line(3, workspace="w", caller="training", kind="step", path="/3"),
    line(4, workspace="v", account="e", caller="eve", path="/4"),
    line(5, status=401, path="/5"),
    line(6, workspace="w", account="a", caller="ann", status=429, call="c6", path="/6"),
]


class House:
    """The routes over doubles."""

    def __init__(self) -> None:
        self.files, self.uses = MemoryLines(), MemoryKeyUses("k1")
        clock = ManualClock()
        ingestion = Ingestion(
            self.files, self.uses, Upkeep(self.files, clock, dt.timedelta(days=100 * 365))
        )
        identities = {
            name: Identity(callers={who.workspace: who}, home=who.workspace)
            for name, who in PEOPLE.items()
        }
        self._api = Api(
            "accounts", "Accounts.", Access("accounts", SECRET, identities.get), 1 << 20
        )
        self.bucket = MemoryBucket()
        latecomers = Latecomers(
            "activity", Untold(UNTOLD, Batch, self.bucket), ingestion.take, clock
        )
        activity.add(self._api, ingestion, latecomers, Search(self.files, clock))

    def ask(self, method: str, path: str, headers: Any, **more: Any) -> tuple[int, Any]:
        environ = EnvironBuilder(path, method=method, headers=headers, **more).get_environ()
        answer = self._api.handle(Request(environ))
        return answer.status_code, msgspec.json.decode(answer.get_data()) if answer.data else None

    def tell(self, told: Any) -> int:
        call = step_tokens.Call("POST", "accounts", "/activity")
        token = {"Authorization": step_tokens.authorization(SECRET, "datasets", call)}
        body = msgspec.json.encode(told)
        return self.ask("POST", "/activity", token, data=body, content_type="application/json")[0]

    def page(self, who: str, **query: str) -> Any:
        status, page = self.ask("GET", "/activity", {"X-Api-Key": who}, query_string=query)
        assert status == 200, page
        return page

    def paths(self, who: str, **query: str) -> list[str]:
        return [one["path"] for one in self.page(who, **query)["items"]]


@pytest.fixture
def house() -> House:
    house = House()
    assert house.tell(batch(LINES)) == 204
    return house


def test_a_line_is_shown_as_it_was_told(house: House) -> None:
    (shown,) = house.page("ann", key="k1")["items"]
    assert shown == {
        "at": "1970-01-01T00:00:01Z", "function": "datasets", "method": "GET",
        "route": "/{x}", "path": "/1", "status": 200, "elapsed_ms": 1.5, "caller": "ann",
        "account": "a", "kind": "key", "key": "k1", "last_four": "wxyz", "workspace": "w",
        "call": "c", "rows": None, "reason": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "query", "paths"),
    [
        ("ann", {}, ["/6", "/1"]),
        ("ann", {"account": "b"}, []),
        ("ann", {"account": ""}, []),
        ("ann", {"account": "a", "status": "429"}, ["/6"]),
        ("bob", {}, ["/6", "/3", "/2", "/1"]),
        ("bob", {"of": "own"}, ["/2"]),
        ("bob", {"account": "e"}, []),
        ("eve", {}, ["/4"]),
        ("root", {}, []),
        ("root", {"of": "system"}, ["/6", "/5", "/4", "/3", "/2", "/1"]),
        ("root", {"of": "system", "status": "4xx"}, ["/6", "/5", "/2"]),
        ("bob", {"caller": "training"}, ["/3"]),
        ("bob", {"call": "c6"}, ["/6"]),
        ("bob", {"key": "wxyz"}, ["/1"]),
        ("bob", {"function": "models"}, []),
        (
            "bob",
            {"from": "0001-01-01T00:00:00+23:00", "to": "9999-12-31T23:59:59-23:00"},
            ["/6", "/3", "/2", "/1"],
        ),
        ("bob", {"from": "9999-12-31T23:59:59Z"}, []),
        ("bob", {"from": "1970-01-01T00:00:02Z", "to": "1970-01-01T00:00:06"}, ["/3", "/2"]),
    ],
)
def test_who_sees_what(house: House, who: str, query: dict[str, str], paths: list[str]) -> None:
    assert house.paths(who, **query) == paths


@pytest.mark.parametrize(
    ("who", "of"), [("ann", "workspace"), ("ann", "system"), ("bob", "system")]
)
def test_more_than_one_may_see_is_refused(house: House, who: str, of: str) -> None:
    status, problem = house.ask("GET", "/activity", {"X-Api-Key": who}, query_string={"of": of})
    assert (status, "does not let you" in problem["detail"]) == (403, True)


def test_no_other_workspace_s_cursor_shows_more(house: House) -> None:
    cursor = house.page("bob", limit="1")["next"]
    assert house.paths("eve", cursor=cursor) == ["/4"]


def test_pages_go_on_where_the_one_before_ended(house: House) -> None:
    paths: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(4):
        page = house.page("bob", limit="1", **cursor)
        paths += [one["path"] for one in page["items"]]
        cursor = {"cursor": page["next"]}
    assert (paths, page["next"]) == (["/6", "/3", "/2", "/1"], None)


@pytest.mark.parametrize(
    "query", [{"cursor": "MTI"}, {"status": "40"}, {"from": "noon"}, {"of": "all"}, {"limit": "0"}]
)
def test_what_cannot_be_read_is_refused(house: House, query: dict[str, str]) -> None:
    status, problem = house.ask("GET", "/activity", {"X-Api-Key": "bob"}, query_string=query)
    assert (status, next(iter(query)) in problem["detail"]) == (400, True)


def test_a_batch_that_comes_again_changes_nothing(house: House) -> None:
    told = batch(LINES)
    assert [house.tell(told), house.tell(told)] == [204, 204]
    assert len(house.paths("root", of="system")) == 2 * len(LINES)


def test_what_was_lost_is_a_line_for_operators(house: House) -> None:
    house.tell(batch([line(9, workspace="w")], lost=7))
    (lost,) = [one for one in house.page("root", of="system")["items"] if one["kind"] == "lost"]
    assert (lost["caller"], lost["rows"], lost["workspace"]) == ("datasets", 7, "")


def test_people_tell_no_lines(house: House) -> None:
    body = msgspec.json.encode(batch(LINES))
    headers = {"X-Api-Key": "root"}
    status, _ = house.ask("POST", "/activity", headers, data=body, content_type="application/json")
    assert status == 403


@pytest.mark.parametrize("wrong", [{"id": "../x"}, {"lines": []}, {"lost": -1}, {"lines": [[-1]]}])
def test_what_is_no_batch_is_refused(house: House, wrong: dict[str, Any]) -> None:
    told = msgspec.to_builtins(batch(LINES)) | wrong
    assert house.tell(told) == 422


def test_uses_of_keys_are_kept_once_a_minute_and_fail_nothing(house: House) -> None:
    def at(second: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(second, dt.UTC)

    assert house.uses.last == {"k1": at(1)}
    for second in (60, 61):
        house.tell(batch([line(second, key="k1"), line(second, key="gone")]))
        assert house.uses.last == {"k1": at(1) if second == 60 else at(61)}
    house.uses.is_away = True
    assert house.tell(batch([line(200, key="k1")])) == 204


def test_a_full_bucket_says_so(house: House) -> None:
    house.files.is_full = True
    assert house.tell(batch(LINES)) == 503


def test_what_was_put_aside_is_there_for_whoever_looks_first() -> None:
    house = House()
    Untold(UNTOLD, Batch, house.bucket).keep("datasets", [batch(LINES[:2]), batch(LINES[2:])])
    assert house.paths("root", of="system") == [line.path for line in reversed(LINES)]
    assert house.bucket.stored == {}
