"""What each error of the gateway becomes on the wire: one table, for every kind."""

import inspect

import msgspec
import pytest

from emulators.gateway import errors
from emulators.gateway.errors import GatewayError
from emulators.gateway.http.heads import refusal
from emulators.gateway.http.problems import problem, problem_of, status_of

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, GatewayError) and kind is not GatewayError
]


def test_every_kind_of_error_has_a_status() -> None:
    assert {kind.__name__: status_of(kind) for kind in KINDS} == {
        "Invalid": 400, "Unauthenticated": 401, "Forbidden": 403, "NotFound": 404,
        "NotAllowed": 405, "TooSlow": 408, "Conflict": 409, "Exists": 409, "Stale": 409,
        "Expired": 410, "TooLarge": 413, "UnknownFormat": 415, "UnknownExpectation": 417,
        "Misdirected": 421, "Inapplicable": 422, "HeadTooLarge": 431, "Cancelled": 499,
        "Failed": 500,
        "OutOfReach": 500, "Elsewhere": 501, "BadAnswer": 502, "Unavailable": 503, "Away": 503,
        "Overloaded": 503, "NotReady": 503, "TimedOut": 504,
    }  # fmt: skip


def test_a_problem_says_what_is_wrong_and_what_to_do() -> None:
    told = msgspec.json.decode(problem_of(errors.Overloaded("many wait", "try again")))
    assert told == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "many wait",
        "remedy": "try again",
    }
    assert "remedy" not in msgspec.json.decode(problem(404, "there is none"))


def test_a_status_without_a_phrase_has_that_of_its_class() -> None:
    head, _, body = refusal(errors.Cancelled("was cancelled")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 499 \r\n")
    assert msgspec.json.decode(body)["title"] == "Bad Request"
    assert msgspec.json.decode(problem(599, "odd"))["title"] == "Internal Server Error"


@pytest.mark.parametrize(
    ("target", "kind", "key"),
    [
        (b"/function/a", b"application/problem+json", "status"),
        (b"/api/v1/pods", b"application/json", "code"),
    ],
)
def test_the_kubernetes_api_and_the_rest_take_from_one_table(
    target: bytes, kind: bytes, key: str
) -> None:
    error = errors.Away("the queue is away", retry_after=1)
    head, _, body = refusal(error, target=target).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"content-type: " + kind in head
    assert b"retry-after: 1" in head
    assert msgspec.json.decode(body)[key] == 503
