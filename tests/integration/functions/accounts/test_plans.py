"""Plans as operators make them, and what an account has used of its own."""

from uuid import uuid4

import pytest

from tests.support.callers.members import on_plan


@pytest.fixture(scope="module")
def client(function_app):
    return function_app("accounts")


@pytest.fixture
def name(client, key):
    made = f"p-{uuid4().hex[:8]}"
    yield made
    client.delete(f"/plans/{made}", headers=key)


def listed(client, key):
    """Return the plans by name, read in pages of two."""
    found: dict[str, dict[str, int | None]] = {}
    cursor = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/plans", query_string=query, headers=key).json
        found |= {one.pop("name"): one for one in page["items"]}
        cursor = page["next"]
        if cursor is None:
            return found


def test_three_plans_are_built_in(client, key):
    found = listed(client, key)
    minutely = {name: found[name]["predictions_per_minute"] for name in found}
    assert minutely.items() >= {"freemium": 5, "premium": 50, "unlimited": None}.items()
    assert list(found["unlimited"].values()) == [None] * 4


def test_a_plan_is_made_changed_and_removed(client, key, name):
    made = client.put(f"/plans/{name}", json={"predictions_per_minute": 7}, headers=key)
    bounds = {"predictions_per_minute": 7, "concurrency": None, "rows": None, "bytes": None}
    assert (made.status_code, made.json) == (200, {"name": name, **bounds})
    changed = client.put(f"/plans/{name}", json={"rows": 9}, headers=key)
    assert listed(client, key)[name] == {**bounds, "predictions_per_minute": None, "rows": 9}
    assert changed.json["rows"] == 9
    assert client.delete(f"/plans/{name}", headers=key).status_code == 204
    assert name not in listed(client, key)
    assert client.delete(f"/plans/{name}", headers=key).status_code == 404


def test_a_plan_that_an_account_has_stays(client, key, name):
    client.put(f"/plans/{name}", json={}, headers=key)
    on_plan(name)
    refused = client.delete(f"/plans/{name}", headers=key)
    assert refused.status_code == 409
    assert name in listed(client, key)


def test_a_built_in_plan_gets_its_own_bounds_back(client, key):
    on_plan("premium")
    client.put("/plans/premium", json={"predictions_per_minute": 70}, headers=key)
    try:
        assert listed(client, key)["premium"]["predictions_per_minute"] == 70
    finally:
        assert client.delete("/plans/premium", headers=key).status_code == 204
    assert listed(client, key)["premium"]["predictions_per_minute"] == 50
    assert client.delete("/plans/premium", headers=key).status_code == 409


@pytest.mark.parametrize(
    ("plan", "body", "status"),
    [
        ("unlimited", {}, 409),
        ("No Name", {}, 422),
        ("p", {"predictions_per_minute": 0}, 422),
        ("p", {"rows": -1}, 422),
        ("p", {"colour": "red"}, 422),
        ("p", {"bytes": 1.5}, 422),
    ],
)
def test_what_can_be_no_plan(client, key, plan, body, status):
    assert client.put(f"/plans/{plan}", json=body, headers=key).status_code == status


def test_only_operators_change_plans_and_everybody_sees_them(client, emulators):
    theirs = on_plan("freemium", role="owner").key().header
    assert "freemium" in listed(client, theirs)
    assert client.put("/plans/freemium", json={}, headers=theirs).status_code == 403
    assert client.delete("/plans/freemium", headers=theirs).status_code == 403
    assert client.get("/usage", headers=theirs).status_code == 403


def test_usage_without_a_bound(client, key):
    answer = client.get("/usage", headers=key).json
    del answer["resets_at"]
    assert answer == {"plan": "unlimited", "window": 60, "used": None, "limit": None}
