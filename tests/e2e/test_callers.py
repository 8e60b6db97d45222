"""Asynchronous calls of Mayfly's own functions: who may make them, who sees what became of them."""

import httpx
import pytest

from tests.support.processes import contents_of, wait_until

pytestmark = pytest.mark.slow

ROUTES = [
    "/datasets/datasets?name=unasked",
    "/models/models/x/versions",
    "/training/jobs",
    "/prediction/models/x/predict",
]
ROWS = "a,b\n1,2\n3,4\n"


@pytest.fixture
def gateway(stack):
    with httpx.Client(base_url=stack.gateway_url, timeout=120) as client:
        yield client


def send(gateway, path, key):
    headers = {"Content-Type": "text/csv"} | ({"Authorization": f"Bearer {key}"} if key else {})
    return gateway.post(f"/async-function{path}", content=ROWS, headers=headers)


def test_a_caller_without_a_right_key_is_refused_instead_of_queued(stack, gateway):
    for path in ROUTES:
        for key in (None, "mf_wrong"):
            answer = send(gateway, path, key)
            assert answer.status_code == 401, (path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == 'Bearer realm="mayfly"'
            assert answer.json()["remedy"] == "the call is not queued"
    step = send(gateway, "/training/jobs/x/steps/start", stack.key)
    assert step.status_code == 403
    assert send(gateway, "/datasets/no/such/route", stack.key).status_code == 404


def test_the_caller_sees_what_became_of_the_call_and_the_queue_keeps_no_key(stack, gateway):
    accepted = send(gateway, "/datasets/datasets?name=later", stack.key)
    assert accepted.status_code == 202
    where = f"/async-function/{accepted.headers['x-call-id']}"
    mine = {"X-Api-Key": stack.key}
    wait_until(lambda: gateway.get(where, headers=mine).json()["state"] == "succeeded")
    assert gateway.get(where).status_code == 404
    assert gateway.get(where, headers={"X-Api-Key": "mf_wrong"}).status_code == 404
    kept = contents_of(stack.home / "data" / "nats")
    assert kept
    assert not any(stack.key.encode() in content for content in kept)
