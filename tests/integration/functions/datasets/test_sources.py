"""Rows that are fetched: from URLs, through the guarded client."""

import datetime as dt
from collections.abc import Iterator

import pytest

from functions.kit.adapters.stores import firestore
from tests.support.servers.sites import Site, open_site

TABLE = "id,town\n1,Rome\n2,Oslo\n"
MORE = "id,town\n2,Ulm\n3,Bern\n"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with open_site() as made:
        monkeypatch.setenv("MAYFLY_ALLOWED_ADDRESSES", made.address)
        yield made


def fetch(api, path, source, **asked):
    """Ask for an import that is fetched, have it carried out, and return it as it is then."""
    body = {"mode": "append", **asked, "source": source}
    answer = api.post(f"{path}/imports", json=body)
    assert (answer.status_code, answer.json.get("state")) == (202, "fetching"), answer.json
    api.queue.deliver(api.client)
    return api.get(api.place(answer)).json


def rows(api, path):
    return [tuple(one["values"].values()) for one in api.get(f"{path}/records").json["items"]]


def test_rows_of_a_url(api, name, site):
    path = api.load(TABLE, name)
    url = site.show("/more.csv", MORE)
    site.show("/moved", "", 302, Location="/more.csv")
    found = fetch(api, path, {"url": f"{site.url}/moved"}, mode="upsert", key=["id"])
    assert (found["state"], found["revision"], found["failure"]) == ("done", 2, None)
    assert rows(api, path) == [(1, "Rome"), (2, "Ulm"), (3, "Bern")]
    assert found["source"] == {"kind": "url", "url": f"{site.url}/moved"}
    assert len(found["sha256"]) == 64
    made = api.post("/datasets", json={"name": f"{name}-2", "source": {"url": url}})
    assert made.status_code == 202, made.json
    api.queue.deliver(api.client)
    assert rows(api, api.place(made)) == [(2, "Ulm"), (3, "Bern")]
    [first] = api.get(f"{api.place(made)}/imports").json["items"]
    assert (first["id"], first["source"]) == ("0", {"kind": "url", "url": url})


def test_a_url_that_fails_can_be_tried_again(api, name, site):
    path = api.load(TABLE, name)
    found = fetch(api, path, {"url": f"{site.url}/later.csv"})
    assert (found["state"], "answered 404" in found["failure"]) == ("failed", True)
    site.show("/later.csv", MORE)
    at = f"{path}/imports/{found['id']}"
    assert api.post(f"{at}/resume").json["state"] == "fetching"
    api.queue.deliver(api.client)
    assert api.get(at).json["state"] == "done"
    assert len(rows(api, path)) == 4


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("http://127.0.0.1:1/x", "private address"),
        ("http://169.254.169.254/latest/meta-data/", "private address"),
        ("file:///etc/passwd", "no http address"),
        ("http://[::1", "is no URL"),
    ],
)
def test_a_url_to_a_private_address_is_refused(api, name, site, where, told):
    path = api.load(TABLE, name)
    site.show("/away", "", 302, Location=where)
    for url in (where, f"{site.url}/away"):
        found = fetch(api, path, {"url": url})
        assert (found["state"], told in found["failure"]) == ("failed", True), found["failure"]
    made = api.post("/datasets", json={"name": f"{name}-2", "source": {"url": where}})
    assert (made.status_code, told in made.json["detail"]) == (409, True)
    assert api.get(f"/datasets/{name}-2").status_code == 404


def test_a_url_is_bounded(api, name, site, monkeypatch):
    path = api.load(TABLE, name)
    site.show("/round", "", 302, Location="/round")
    assert "redirects" in fetch(api, path, {"url": f"{site.url}/round"})["failure"]
    site.show("/large", "x" * 20_000_001)  # the limit that these tests set is 20 MB
    assert "over 20,000,000 bytes" in fetch(api, path, {"url": f"{site.url}/large"})["failure"]
    site.pages["/short"] = (200, b"id,town\n", {"Content-Length": "99"})
    monkeypatch.setattr("functions.datasets.adapters.sources.fetching.SECONDS", 1.0)
    found = fetch(api, path, {"url": f"{site.url}/short"})
    assert "no whole answer" in found["failure"]
    assert api.get(path).json["revision"] == 1


@pytest.mark.parametrize(
    "source",
    [{}, {"url": "http://a/", "query": "SELECT 1"}, {"query": "SELECT 1"}, {"file": "/etc/passwd"}],
)
def test_a_source_is_one_thing(api, name, source):
    path = api.load(TABLE, name)
    for body, where in (({"mode": "append"}, f"{path}/imports"), ({"name": "x"}, "/datasets")):
        assert api.post(where, json={**body, "source": source}).status_code == 422


def test_rows_are_fetched_again_and_again(api, name, site, monkeypatch):
    path = api.load(TABLE, name)
    url = site.show("/daily.csv", MORE)
    asked = {"mode": "upsert", "key": ["id"], "source": {"url": url}}
    made = api.put(f"{path}/schedule", json={"every_minutes": 60, "asked": asked})
    assert made.status_code == 200, made.json
    run(api, path)
    first = api.get(f"{path}/schedule").json
    assert (first["last"], first["failure"], first["by"]) == ("1", None, "owner")
    assert first["next_at"] > made.json["next_at"]
    assert rows(api, path) == [(1, "Rome"), (2, "Ulm"), (3, "Bern")]
    site.show("/daily.csv", "id,town\n4,Lima\n")
    run(api, path)  # it is not its time
    assert api.get(f"{path}/imports").json["items"][0]["id"] == "1"
    let_time_come(name)
    run(api, path)
    assert api.get(f"{path}/schedule").json["last"] == "2"
    assert rows(api, path) == [(1, "Rome"), (2, "Ulm"), (3, "Bern"), (4, "Lima")]
    assert api.delete(f"{path}/schedule").status_code == 204
    assert api.get(f"{path}/schedule").status_code == 404
    assert api.put(f"{path}/schedule", json={"every_minutes": 1, "asked": asked}).status_code == 422


def run(api, path):
    """Have the schedule looked at, as whoever looks for overdue steps has it."""
    assert api.step(f"{path}/schedule").status_code == 204
    api.queue.deliver(api.client)


def let_time_come(name):
    """Let the next time of a dataset's schedule be over, as hours do."""
    reference = firestore.client().collection("datasets").document(name)
    reference.update({"schedule.next_at": dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)})
