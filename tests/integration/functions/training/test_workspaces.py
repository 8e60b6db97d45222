"""Jobs of two workspaces: neither knows of the other's; and who may do what with one's own."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.identity import Subject
from functions.kit.contract.access.workspaces import Place
from functions.training.model.due import start_step
from tests.integration.functions.training.conftest import Api
from tests.integration.functions.training.test_jobs import QUICK
from tests.integration.functions.training.test_step_events import SMALL
from tests.support.callers.members import Member

TEAM, OTHERS = (f"w{uuid4().hex[:12]}" for _ in range(2))
ENDS_WITHIN = 2.0
"""Seconds after which a stream's end is late: a credential is looked at again within one."""


@pytest.fixture(scope="module")
def ann(emulators: dict[str, str]) -> Member:
    return Member({TEAM: "editor"})


@pytest.fixture(scope="module")
def bob(emulators: dict[str, str]) -> Member:
    return Member({OTHERS: "owner"})


@pytest.fixture
def training(api: Api) -> FlaskClient:
    return api.platform.clients["training"]


@pytest.fixture
def ours(api: Api, ann: Member) -> Api:
    """Ann's client."""
    return Api(api.platform, ann.session().header)


@pytest.fixture
def job(ours: Api) -> str:
    """A job of Ann's, which waits for its first step."""
    name = f"small-{TEAM}"
    known = ours.platform.clients["datasets"].get(f"/datasets/{name}", headers=ours.key)
    if known.status_code == 404:
        ours.load(SMALL, name)
    made = ours.post("training", "/jobs", json={"dataset": name, "target": "y", **QUICK})
    return str(made["id"])


def test_a_job_is_made_and_worked_at_in_its_workspace(ours: Api, ann: Member, job: str) -> None:
    [step] = ours.platform.queue
    assert step[:2] == ("training", start_step(Place(TEAM, job)).path)
    assert step[1].startswith(f"/workspaces/{TEAM}/jobs/")
    ours.platform.deliver()  # the first step
    ours.platform.deliver_side_by_side(threads=1)  # its candidates
    found = ours.get("training", f"/jobs/{job}")
    assert (found["state"], found["owner"]) == ("running", ann.account)
    assert [one["state"] for one in found["candidates"]] == ["succeeded", "succeeded"]
    kept = firestore.client().collection(f"workspaces/{TEAM}/jobs/{job}/candidates")
    assert [one.id for one in kept.list_documents()] == ["0", "1"]
    assert not firestore.client().document(f"jobs/{job}").get().exists


@pytest.mark.parametrize("who", ["another workspace", "the first owner"])
def test_to_others_it_is_as_if_there_were_no_job(
    api: Api, bob: Member, training: FlaskClient, job: str, who: str
) -> None:
    header = bob.session().header if who == "another workspace" else api.key
    nothing = uuid4().hex
    for method, end in (("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("POST", "/resume")):
        there, missing = (
            training.open(f"/jobs/{name}{end}", method=method, headers=header)
            for name in (job, nothing)
        )
        assert there.status_code == missing.status_code == 404
        assert there.text == missing.text.replace(nothing, job)
    assert (
        firestore.client().document(f"workspaces/{TEAM}/jobs/{job}").get().get("state") == "queued"
    )


def test_a_list_and_its_cursors_are_of_one_workspace(
    ours: Api, bob: Member, training: FlaskClient, job: str
) -> None:
    page = ours.get("training", "/jobs?limit=1")
    assert [(one["id"], one["owner"]) for one in page["items"]] == [(job, _account(ours))]
    header = bob.session().header
    assert training.get("/jobs", headers=header).json == {"items": [], "next": None}
    ours.post("training", "/jobs", json=_request(ours, job))
    cursor = ours.get("training", "/jobs?limit=1")["next"]
    theirs = training.get(f"/jobs?cursor={cursor}", headers=header)
    made_up = training.get("/jobs?cursor=bm90aGluZw", headers=header)
    assert theirs.status_code == made_up.status_code == 400
    assert theirs.json == made_up.json


def _account(ours: Api) -> str:
    return str(ours.get("training", "/jobs?limit=1")["items"][0]["owner"])


def _request(ours: Api, job: str) -> Any:
    return {"dataset": ours.get("training", f"/jobs/{job}")["dataset"], "target": "y", **QUICK}


def test_an_idempotency_key_is_its_account_s_in_its_workspace(
    ours: Api, bob: Member, job: str
) -> None:
    both = Member({TEAM: "owner", OTHERS: "owner"}).session().header
    here, there = Api(ours.platform, both), Api(ours.platform, both | {"X-Workspace": OTHERS})
    there.load(SMALL, f"small-{OTHERS}")
    body = _request(ours, job)

    def made(api: Api, **more: str) -> str:
        key = {"Idempotency-Key": "k"}
        return str(api.post("training", "/jobs", json=body | more, headers=key)["id"])

    assert made(ours) == made(ours)
    ids = [made(ours), made(here), made(there, dataset=f"small-{OTHERS}")]
    assert len(set(ids)) == 3


def test_a_viewer_sees_and_changes_nothing(training: FlaskClient, job: str) -> None:
    header = Member({TEAM: "viewer"}).session().header
    assert training.get(f"/jobs/{job}", headers=header).status_code == 200
    for path in ("/jobs", f"/jobs/{job}/cancel", f"/jobs/{job}/resume"):
        assert training.post(path, headers=header, json={}).status_code == 403, path


def test_a_key_for_one_thing_sees_no_jobs(ann: Member, training: FlaskClient, job: str) -> None:
    header = ann.key(only=Subject("dataset", f"small-{TEAM}")).header
    for method, path in (
        ("POST", "/jobs"),
        ("GET", "/jobs"),
        ("GET", f"/jobs/{job}"),
        ("GET", f"/jobs/{job}/events"),
        ("POST", f"/jobs/{job}/cancel"),
        ("POST", f"/jobs/{job}/resume"),
    ):
        answer = training.open(path, method=method, headers=header, json={})
        assert (answer.status_code, "alone." in answer.text) == (403, True), path
    assert training.get("/algorithms", headers=header).status_code == 200


def _told(training: FlaskClient, job: str, header: dict[str, str]) -> Iterator[bytes]:
    """Return the rest of a stream that has told the job once."""
    answer = training.get(f"/jobs/{job}/events", headers=header, buffered=False)
    assert answer.status_code == 200
    told = answer.iter_encoded()
    assert next(told).startswith(b"event: job")
    return told


@pytest.mark.parametrize("kind", ["session", "key"])
def test_a_stream_ends_soon_after_what_opened_it(
    ann: Member, training: FlaskClient, job: str, kind: str
) -> None:
    credential = ann.session() if kind == "session" else ann.key("read")
    told = _told(training, job, credential.header)
    began = time.monotonic()
    credential.end()
    assert next(told, b"the end") == b"the end"
    assert time.monotonic() - began < ENDS_WITHIN
    assert training.get(f"/jobs/{job}/events", headers=credential.header).status_code == 401
