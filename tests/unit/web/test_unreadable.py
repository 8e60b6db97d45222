"""Answers that are no JSON, no UTF-8 or too deep: a page that says so, never a fault of ours."""

import httpx
import pytest

from web.addresses import BY_PATH, Addresses
from web.client.calls.datasets import Datasets
from web.client.calls.training import Training
from web.client.errors import Unreadable
from web.client.transport.endpoint import Endpoint

UNREADABLE = [b"<html>", b'{"name": "\xff"}', b'{"\xff": 1}', b'{"x": ' + b"[" * 100_000]


def wire(status, body):
    network = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    addresses = Addresses("http://gateway.test" + BY_PATH)
    return Endpoint(httpx.Client(transport=network), addresses, "training")


@pytest.mark.parametrize("body", UNREADABLE, ids=["html", "value", "name", "deep"])
@pytest.mark.parametrize(("status", "told"), [(200, "cannot read"), (502, "away")])
def test_an_answer_that_cannot_be_read_is_named(status, told, body):
    with pytest.raises(Unreadable, match=told):
        Datasets(wire(status, body)).get("titanic")


def test_an_event_that_cannot_be_read_is_named():
    stream = b'data: {"id": "\\ud800"}\n\n'
    with pytest.raises(Unreadable, match="cannot read"):
        next(Training(wire(200, stream)).watch("j"))
