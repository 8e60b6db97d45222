"""An account that has too many tasks or batches open, as it meets that over HTTP and Firestore."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.over_quota import OpenBound
from functions.kit.contract.access.workspaces import MAIN
from functions.prediction.model.batches import kind as batches
from functions.prediction.model.tasks import kind as tasks
from tests.support.callers.members import Member
from tests.support.in_memory.batch_house import as_csv, people
from tests.support.models.onnx import Trained
from tests.support.models.registrations import register

ROWS = {"records": [{"age": 30, "rooms": 2, "owns home": True, "sex": "female"}]}
QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"
LARGEST_COMMIT = 500
OPEN = {
    "task": (tasks.TASK.collection, tasks.OPEN),
    "batch": (batches.BATCH.collection, batches.OPEN),
}


@pytest.fixture
def ann(emulators: Any) -> Member:
    return Member({MAIN: "editor"})


@pytest.fixture(params=[*OPEN])
def bound(request: pytest.FixtureRequest, ann: Member) -> Iterator[OpenBound]:
    """Let Ann have all but one open that she may: what the count looks at of them is there."""
    collection, bound = OPEN[request.param]
    documents = firestore.client().collection(collection)
    made = [documents.document(uuid4().hex) for _ in range(bound.most - 1)]
    with written(made, lambda write, one: write.set(one, {"open_of": ann.account})):
        yield bound


@contextmanager
def written(documents: list[Any], write: Callable[[Any, Any], None]) -> Iterator[None]:
    """Write documents for as long as the block runs."""
    commit(documents, write)
    try:
        yield
    finally:
        commit(documents, lambda batch, one: batch.delete(one))


def commit(documents: list[Any], write: Callable[[Any, Any], None]) -> None:
    for first in range(0, len(documents), LARGEST_COMMIT):
        batch = firestore.client().batch()
        for one in documents[first : first + LARGEST_COMMIT]:
            write(batch, one)
        batch.commit()


@pytest.fixture
def model(models: FlaskClient, key: dict[str, str], trained: Trained, name: str) -> str:
    register(models, key, name, trained)
    return name


@pytest.fixture
def ask(
    client: FlaskClient, model: str, ann: Member, bound: OpenBound
) -> Callable[[dict[str, str]], Any]:
    """Return what asks for one more."""

    def make(headers: dict[str, str]) -> Any:
        path = f"/models/{model}"
        if bound.things == "tasks":
            wanted = {**headers, "Prefer": "respond-async"}
            return client.post(f"{path}/predict", json=ROWS, headers=wanted)
        wanted = {**headers, "Content-Type": "text/csv"}
        return client.post(f"{path}/batches/file", data=as_csv(people(3)), headers=wanted)

    return make


def test_one_too_many_is_refused_until_one_has_ended(
    client: FlaskClient,
    model: str,
    ann: Member,
    bound: OpenBound,
    ask: Callable[[dict[str, str]], Any],
) -> None:
    hers = ann.key("predict", "read").header
    last = ask(hers)
    assert last.status_code == 202, last.text
    refused = ask(hers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    said = refused.get_json()
    assert (said["type"], said["violated-policies"]) == (QUOTA, [bound.policy])
    assert said["detail"].startswith(f"{bound.most:,} {bound.things} of yours are open")
    assert ask(Member({MAIN: "editor"}).key("predict").header).status_code == 202
    path = f"/models/{model}/{bound.things}/{last.get_json()['id']}"
    ended = (
        client.delete(path, headers=hers)
        if bound.things == "tasks"
        else client.post(f"{path}/cancel", headers=hers)
    )
    assert ended.status_code in {200, 204}, ended.text
    assert ask(hers).status_code == 202
