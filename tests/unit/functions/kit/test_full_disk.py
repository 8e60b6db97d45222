"""A store without room: 507 for a caller, "come again" for the queue."""

import errno
import re

import pytest
import requests
from flask import Flask, request
from google.api_core.exceptions import ResourceExhausted, from_http_status
from google.cloud.storage.exceptions import InvalidResponse

from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.stores.full_disk import full
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from tests.support.callers.identities import NOBODY

SECRET = "secret"


def answer(status: int, body: bytes) -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found._content = body
    return found


WORDS = b'{"error": {"code": 507, "message": "the disk does not take it"}}'
FULL = [
    (ResourceExhausted("The disk of /data is full."), "document store.*disk of /data is full"),
    (from_http_status(507, "full"), "file store has no room"),
    (InvalidResponse(answer(507, WORDS), "bad"), "file store.*the disk does not take it"),
    (InvalidResponse(answer(507, b"?"), "bad"), "file store.*refused the write"),
    (OSError(errno.ENOSPC, "No space left on device"), "disk of this function is full"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "Disk quota exceeded"),
]


def asked(error: Exception, method: str, headers: dict[str, str]):
    api = Api("pets", "Pets.", Access("pets", SECRET, NOBODY.get), max_json_bytes=100)

    @api.route("GET", "/pets", access="open")
    def call() -> None:
        """Fail."""
        raise error

    @api.route("POST", "/pets", access="step", hidden=True)
    def step() -> None:
        """Fail."""
        raise error

    with Flask("test").test_request_context("/pets", method=method, headers=headers):
        return api.handle(request)


@pytest.mark.parametrize(("error", "said"), FULL)
def test_a_caller_hears_507_and_what_is_full(error, said):
    response = asked(error, "GET", {})

    assert response.status_code == 507
    assert response.content_type == "application/problem+json"
    assert re.search(said, response.json["detail"])
    assert response.json["title"] == "Insufficient Storage"


@pytest.mark.parametrize(("error", "said"), FULL)
def test_a_step_is_to_be_sent_again(error, said):
    token = step_tokens.authorization(SECRET, "shop", step_tokens.Call("POST", "pets", "/pets"))

    response = asked(error, "POST", {"Authorization": token})

    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")


@pytest.mark.parametrize(
    "error",
    [RuntimeError("x"), OSError(errno.EACCES, "no"), from_http_status(500, "x"), KeyError("code")],
)
def test_other_errors_are_not_about_room(error):
    assert full(error) == ""
