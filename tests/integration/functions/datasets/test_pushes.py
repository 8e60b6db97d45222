"""Records that are pushed: as JSON, and as the CloudEvents that a broker brings."""

import pytest

TABLE = "id,town\n1,Rome\n2,Oslo\n"
EVENTS = "/records/pushed"


@pytest.fixture
def path(api, name):
    return api.load(TABLE, name)


def rows(api, path):
    return [tuple(one["values"].values()) for one in api.get(f"{path}/records").json["items"]]


def test_records_are_pushed_once_as_one_revision(api, path):
    body = {"records": [{"id": 3, "town": "Bern"}, {"town": "Lima", "id": 4}]}
    for _ in range(2):
        made = api.post(f"{path}/records/bulk", json=body, headers={"Idempotency-Key": "k"})
        assert made.status_code == 201, made.json
        assert made.json == {"count": 2, "first": "000000003", "last": "000000004"}
    assert rows(api, path) == [(1, "Rome"), (2, "Oslo"), (3, "Bern"), (4, "Lima")]
    assert [api.get(path).json[name] for name in ("revision", "rows")] == [2, 4]
    other = {"records": [{"id": 9, "town": "Ulm"}]}
    again = api.post(f"{path}/records/bulk", json=other, headers={"Idempotency-Key": "k"})
    assert again.status_code == 409


def test_bad_records_refuse_the_whole_push(api, path):
    body = {"records": [{"id": 3, "town": "Bern"}, {"id": "x", "town": "Ulm"}, {"id": 5}]}
    answer = api.post(f"{path}/records/bulk", json=body)
    assert answer.status_code == 422
    assert [(one["row"], one.get("column")) for one in answer.json["errors"]] == [
        (2, "id"),
        (3, "town"),
    ]
    assert rows(api, path) == [(1, "Rome"), (2, "Oslo")]
    for records in ([], [{"id": 1, "town": "x"}] * 451):
        assert api.post(f"{path}/records/bulk", json={"records": records}).status_code == 422


def test_many_records_at_once(api, path):
    body = {"records": [{"id": number, "town": "x"} for number in range(450)]}
    assert api.post(f"{path}/records/bulk", json=body).json["count"] == 450
    assert api.get(path).json["rows"] == 452


def binary(api, event, data):
    headers = {f"ce-{name}": value for name, value in event.items()}
    return api.client.post(EVENTS, json=data, headers=headers)


def structured(api, event, data):
    kind = "application/cloudevents+json"
    return api.client.post(EVENTS, json={**event, "data": data}, content_type=kind)


@pytest.mark.parametrize("send", [binary, structured])
def test_an_event_counts_once(api, name, path, send, key):
    word = key["Authorization"].removeprefix("Bearer ")
    event = {
        "specversion": "1.0",
        "id": "7",
        "source": "/shop",
        "type": "dev.mayfly.records.pushed",
    }
    data = {"dataset": name, "records": [{"id": 3, "town": "Bern"}], "key": word}
    for _ in range(2):
        assert send(api, event, data).status_code == 204
    assert send(api, event | {"id": "8"}, data).status_code == 204
    assert rows(api, path) == [(1, "Rome"), (2, "Oslo"), (3, "Bern"), (3, "Bern")]
    assert send(api, event, data | {"key": "mf_nobody"}).status_code == 401
    assert send(api, event | {"id": "9"}, data | {"dataset": "nowhere"}).status_code == 404
    assert send(api, event | {"type": "other"}, data).status_code == 400
    assert send(api, event | {"id": ""}, data).status_code == 400
    bad = data | {"records": [{"id": "x", "town": "Bern"}]}
    assert send(api, event | {"id": "10"}, bad).status_code == 422
    assert len(rows(api, path)) == 4
