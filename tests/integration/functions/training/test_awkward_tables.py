"""Tables that programs trip over: each becomes a served model, or gets a clear, early reason."""

import re
import uuid
from typing import Any

import pytest

from tests.integration.functions.training.conftest import Api
from tests.support.awkward_tables import TABLES, Awkward

QUICK = {
    "candidates": [{"algorithm": "hist_gradient_boosting", "settings": {"max_iter": 5}}],
    "folds": 2,
}


def uploaded(api: Api, table: Awkward, name: str) -> str | None:
    """Upload a table; return why it is refused, if it is."""
    headers = api.key | {"Content-Type": "text/csv"}
    client = api.platform.clients["datasets"]
    answer = client.post(f"/datasets?name={name}", data=table.content, headers=headers)
    if answer.status_code == 422:
        return answer.text
    assert answer.status_code == 202, answer.text
    api.platform.deliver_all()
    return None


def trained(api: Api, table: Awkward, name: str) -> tuple[str | None, Any]:
    """Train on it; return why that cannot be, if so, and else the version."""
    body = {"dataset": name, "target": table.target, **QUICK}
    answer: Any = api.platform.clients["training"].post("/jobs", json=body, headers=api.key)
    if answer.status_code == 422:
        return answer.text, None
    assert answer.status_code == 202, answer.text
    api.platform.deliver_all()
    job = api.get("training", f"/jobs/{answer.json['id']}")
    if job["state"] == "failed":
        return job["failure"], None
    assert job["state"] == "succeeded"
    return None, api.get("models", f"/models/{name}/versions/{job['version']}")


def records(api: Api, name: str, target: str) -> list[dict[str, Any]]:
    """Return the first rows as records for a prediction."""
    found = api.get("datasets", f"/datasets/{name}/records?limit=5")["items"]
    return [{key: one for key, one in row["values"].items() if key != target} for row in found]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_awkward_table_is_served_or_gets_a_reason(api: Api, table: Awkward) -> None:
    name = f"awkward-{uuid.uuid4().hex[:8]}"
    reason = uploaded(api, table, name)
    version: Any = None
    if reason is None:
        reason, version = trained(api, table, name)
    if table.reason is not None:
        assert re.search(table.reason, reason or "it trains")
        return
    assert reason is None
    asked = records(api, name, table.target)
    path = f"/models/{name}/predict"
    assert len(api.post("prediction", path, 200, json={"records": asked})["predictions"]) == 5
    every = {column["name"] for column in version["signature"]["columns"]}
    assert every == asked[0].keys()
    assert [one for one in every if f"| {one} |" not in version["card"]] == []


def test_the_tables_are_sixty_and_more_each_of_its_own() -> None:
    assert len(TABLES) >= 60
    assert len({table.name for table in TABLES}) == len(TABLES)
