"""Changes of many records, their log, undo and restore, over HTTP and Firestore."""

import io
import json
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from functions.datasets.service.changing import batches, changer, starter
from tests.integration.functions.datasets.conftest import Api

TABLE = "n,t\n" + "".join(f"{row},{'ab'[row % 2]}\n" for row in range(20))


@pytest.fixture
def path(api: Api, name: str) -> str:
    return api.load(TABLE, name)


def numbers(api: Api, path: str) -> list[int]:
    return [one["values"]["n"] for one in api.get(f"{path}/records?limit=99").json["items"]]


def test_who_changed_a_record_and_how_is_kept(api: Api, path: str) -> None:
    api.patch(f"{path}/records/000000003", json={"values": {"n": 7}})
    api.delete(f"{path}/records/000000003")
    answer = api.get(f"{path}/records/000000003/history")
    assert answer.status_code == 200, answer.text
    told = [
        (one["revision"], one["kind"], one["version"], one["before"], one["after"])
        for one in answer.json["items"]
    ]
    old, new = {"n": 2, "t": "a"}, {"n": 7, "t": "a"}
    assert told == [
        (3, "delete", 2, new, None),
        (2, "update", 2, old, new),
        (1, "import", 1, None, old),
    ]
    assert {one["by"] for one in answer.json["items"]} == {"owner"}
    untouched = api.get(f"{path}/records/000000004/history").json["items"]
    assert [one["after"] for one in untouched] == [{"n": 3, "t": "b"}]
    assert api.get(f"{path}/records/000000099/history").status_code == 404


def test_the_log_is_paged_newest_first(api: Api, path: str) -> None:
    api.post(f"{path}/records", json={"values": {"n": 50, "t": "a"}})
    api.patch(path, json={"name": "another name"})
    pages = list(api.pages(f"{path}/changes?limit=2"))
    assert [[one["revision"] for one in page] for page in pages] == [[3, 2], [1]]
    listed = [(one["kind"], one["summary"], one["records"]) for page in pages for one in page]
    assert listed == [
        ("schema", "Called it 'another name'", 0),
        ("create", "Record 000000021: made", 1),
        ("import", "20 rows of the uploaded file", 20),
    ]
    parts = list(api.pages(f"{path}/records/000000021/history?limit=1"))
    assert [one["revision"] for page in parts for one in page] == [2]


def test_records_are_changed_and_removed_by_filter_and_come_back(api: Api, path: str) -> None:
    counted = api.delete(f"{path}/records?filter=n>=5&dry_run=true")
    assert (counted.status_code, counted.json) == (200, {"records": 15})
    amended = api.patch(f"{path}/records?filter=t==a", json={"values": {"n": -1}})
    assert (amended.status_code, amended.json["records"], amended.json["revision"]) == (200, 10, 2)
    assert numbers(api, path).count(-1) == 10
    removed = api.delete(f"{path}/records?filter=n==-1", headers={"If-Match": '"2"'})
    assert (removed.json["kind"], removed.json["by"]) == ("bulk", "owner")
    assert api.get(path).json["rows"] == 10
    undone = api.post(f"{path}/undo", json={})
    assert (undone.status_code, undone.json["undoes"]) == (200, 3)
    assert api.post(f"{path}/undo", json={"revision": 2}).status_code == 200
    assert numbers(api, path) == list(range(20))
    refused = api.delete(f"{path}/records")
    assert refused.status_code == 400
    assert "all=true" in refused.json["detail"]


def test_named_records_are_changed_as_they_were_seen_or_not_at_all(api: Api, path: str) -> None:
    ids = ["000000001", "000000002", "000000003"]
    seen = [{"id": one, "version": 1, "values": {"n": 70}} for one in ids]
    done = api.post(f"{path}/records/named", json={"records": seen[1:]})
    assert (done.status_code, done.json["records"], done.json["revision"]) == (200, 2, 2)
    again = api.post(f"{path}/records/named", json={"records": seen})
    assert again.status_code == 409
    assert [one["row"] for one in again.json["errors"]] == [2, 3]
    assert "row 2: record '000000002' is at version 2 by now (1 more" in again.json["detail"]
    assert numbers(api, path)[:3] == [0, 70, 70]


def test_a_later_change_of_the_record_is_named(api: Api, path: str) -> None:
    api.patch(f"{path}/records?filter=n<3", json={"values": {"t": "c"}})
    api.patch(f"{path}/records/000000002", json={"values": {"n": 8}})
    answer = api.post(f"{path}/undo", json={"revision": 2})
    assert answer.status_code == 409
    assert "Record '000000002' was changed again by revision 3" in answer.json["detail"]


def test_a_large_change_goes_on_in_steps_and_is_seen_at_once(
    api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "EDITS", 2)
    monkeypatch.setattr(batches, "EDITS", 3)
    begun = api.delete(f"{path}/records?filter=t==a")
    assert (begun.status_code, begun.json["state"]) == (202, "running")
    assert api.get(path).json["changing"] == 2
    assert numbers(api, path) == list(range(20))
    waiting = api.post(f"{path}/records", json={"values": {"n": 1, "t": "a"}})
    assert (waiting.status_code, "changes/2" in waiting.json["detail"]) == (409, True)
    api.queue.deliver(api.client)
    done = api.get(f"{path}/{begun.headers['Location']}").json
    assert (done["state"], done["written"], done["total"]) == ("done", 10, 10)
    assert numbers(api, path) == list(range(1, 20, 2))
    for method, route, body in (
        ("post", "undo", {}),
        ("patch", "records?filter=t==a", {"values": {"n": 99}}),
        ("post", "restore", {"revision": 3}),
    ):
        assert getattr(api, method)(f"{path}/{route}", json=body).status_code == 202
        api.queue.deliver(api.client)
        assert numbers(api, path) == [99 if "r=" in route and n % 2 == 0 else n for n in range(20)]
    shown = api.get(path).json
    assert (shown["rows"], shown["revision"], shown["changing"]) == (20, 5, None)
    history = api.get(f"{path}/records/000000001/history").json["items"]
    assert [one["kind"] for one in history] == ["restore", "bulk", "undo", "bulk", "import"]
    unknown = api.post(f"{path}/restore", json={"revision": 9})
    assert (unknown.status_code, unknown.json["detail"].startswith("There is no")) == (404, True)


def test_lists_exports_and_counts_show_the_state_before_until_a_change_is_done(
    api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "EDITS", 0)
    monkeypatch.setattr(batches, "EDITS", 3)
    monkeypatch.setattr(changer.Changer, "seconds", -1.0)  # a turn ends after its first batch
    api.patch(f"{path}/records/000000001", json={"values": {"t": "z"}})
    asked = f"{path}/records?limit=99&sort=-n&count=true&filter=t==a"
    before, exported = api.get(asked).json, api.get(f"{path}/export.csv").data
    begun = api.patch(f"{path}/records?filter=n>=0", json={"values": {"n": -5, "t": "a"}})
    assert (begun.status_code, before["count"]) == (202, 9)
    written = set()
    while api.get(path).json["changing"]:
        assert api.get(asked).json == before
        assert api.get(f"{path}/export.csv").data == exported
        counted = api.delete(f"{path}/records?filter=n==-5&dry_run=true").json
        assert counted == {"records": 0}
        written.add(api.get(f"{path}/changes/3").json["written"])
        call, authorization = api.queue.calls.popleft()
        api.client.post(call, headers={"Authorization": authorization})
    assert written >= {0, 3, 6, 18}
    after = api.get(asked).json
    assert (after["count"], after["revision"]) == (20, 3)
    assert {one["values"]["n"] for one in after["items"]} == {-5}


DAYS = "day,n\n" + "".join(f"{row % 12 + 1:02}/{row % 9 + 1:02}/2026,{row}\n" for row in range(20))
READ = {"columns": [{"name": "day", "kind": "date", "date_format": "%m/%d/%Y"}]}


@pytest.mark.parametrize("at_once", [2, 400])
def test_days_come_back_as_days_from_the_log_and_from_steps(
    api: Api, name: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(starter, "EDITS", at_once)
    sent = api.upload(DAYS, f"{name}&reading={quote(json.dumps(READ))}")
    assert sent.status_code == 202, sent.text
    api.queue.deliver(api.client)
    path = api.place(sent)

    def days(filters: str = "") -> list[str]:
        items = api.get(f"{path}/records?limit=99&sort=n{filters}").json["items"]
        return [one["values"]["day"] for one in items]

    before = days()
    assert before[:2] == ["2026-01-01", "2026-02-02"]
    where = quote('{"column": "day", "op": "<=", "value": "03/03/2026"}')
    chosen = f"{path}/records?where={where}"
    values = {"values": {"day": "12/24/2026"}}
    counted = api.patch(f"{chosen}&dry_run=true", json=values).json["records"]
    assert counted == len(days("&filter=day<=03/03/2026")) == 5
    begun = api.patch(chosen, json=values)
    api.queue.deliver(api.client)
    again = api.patch(f"{path}/records?filter=day==12/24/2026", json=values)
    assert (again.status_code, again.json["records"]) == (200, 0)  # they have it already
    assert days("&filter=day==2026-12-24") == ["2026-12-24"] * 5
    record = api.get(f"{path}/records/000000001/history").json["items"][0]
    told = [record[state]["day"] for state in ("before", "after")]
    assert told == ["2026-01-01", "2026-12-24"]
    after = days()
    for route, body, expected in (
        ("undo", {}, before),
        ("restore", {"revision": 2}, after),
        ("undo", {}, before),
    ):
        assert api.post(f"{path}/{route}", json=body).status_code == begun.status_code
        api.queue.deliver(api.client)
        assert days() == expected
    schema = pq.read_schema(io.BytesIO(api.get(f"{path}/export.parquet").data))
    assert schema.field("day").type == pa.date32()


def test_a_repeated_undo_is_one(api: Api, path: str) -> None:
    api.patch(f"{path}/records/000000001", json={"values": {"n": 8}})
    once = {"headers": {"Idempotency-Key": "undo"}}
    answers = [api.post(f"{path}/undo", json={}, **once) for _ in range(2)]
    assert [answer.json["revision"] for answer in answers] == [3, 3]
    assert numbers(api, path)[0] == 0
    other = api.post(f"{path}/restore", json={"revision": 1}, **once)
    assert (other.status_code, "Idempotency-Key" in other.json["detail"]) == (409, True)


def column(api: Api, path: str, name: str) -> Any:
    return next(one for one in api.get(path).json["columns"] if one["name"] == name)


def test_what_is_unlike_all_that_was_there_is_taken_with_a_warning(api: Api, path: str) -> None:
    suggested = {"n": {"minimum": 0, "maximum": 19}, "t": {"levels": ["a", "b"]}}
    columns = [column(api, path, name) | {"suggested": suggested[name]} for name in suggested]
    columns[1]["kind"] = "category"
    assert api.patch(path, json={"columns": columns}).status_code == 200

    made = api.post(f"{path}/records", json={"values": {"n": 20, "t": "z"}}).json
    assert made["warnings"] == [
        {"column": "n", "value": "20", "reason": "more than 19, the most that the column had"},
        {
            "column": "t",
            "value": "z",
            "reason": "a new word: none of the 2 that the column had",
        },
    ]
    amended = api.patch(f"{path}/records/{made['id']}", json={"values": {"n": -1}}).json
    assert [one["reason"] for one in amended["warnings"]] == [
        "less than 0, the least that the column had"
    ]
    replaced = api.put(f"{path}/records/{made['id']}", json={"values": {"n": 3, "t": "a"}})
    assert replaced.json["warnings"] == []
    bulk = api.patch(f"{path}/records?filter=n<2", json={"values": {"t": "y"}}).json
    assert [one["value"] for one in bulk["warnings"]] == ["y"]
    assert "warnings" not in api.get(f"{path}/records/{made['id']}").json

    refused = api.patch(path, json={"adopt": ["n", "t"]})
    assert (refused.status_code, refused.json["errors"][0]["value"]) == (422, "y")
    api.post(f"{path}/undo", json={})
    assert api.patch(path, json={"adopt": ["n", "t"]}).status_code == 200
    assert column(api, path, "t")["levels"] == ["a", "b"]
    for values in ({"n": 20, "t": "a"}, {"n": 1, "t": "z"}):
        assert api.post(f"{path}/records", json={"values": values}).status_code == 422
    assert api.patch(path, json={"adopt": ["m"]}).status_code == 422
    assert api.post(f"{path}/undo", json={}).json["kind"] == "undo"
    assert "levels" not in column(api, path, "t")
