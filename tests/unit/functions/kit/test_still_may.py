"""An answer that goes on for long asks whether its caller may still have it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Request, Response, request
from msgspec.structs import replace

from functions.kit.contract.access.identity import RIGHTS, Caller, IdentitiesAway, Identity, Subject
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.routing.routes import StillMay

KEY = {"Authorization": "Bearer good"}
ANN = Caller(name="ann", kind="session", workspace="w", account="a", rights=RIGHTS["editor"])
SIGNED_IN = Identity(callers={"w": ANN, "v": replace(ANN, workspace="v")}, home="w")


def ended() -> None:
    """Is what is known of an ended session."""


def expired() -> Identity:
    return replace(SIGNED_IN, ends=1.0)


def elsewhere() -> Identity:
    return replace(SIGNED_IN, home="v")


def left() -> Identity:
    return Identity(callers={"v": SIGNED_IN.callers["v"]}, home="v")


def lowered() -> Identity:
    return only(replace(ANN, rights=frozenset(("self",))))


def narrowed() -> Identity:
    return only(replace(ANN, only=Subject("model", "other")))


def away() -> Identity:
    raise IdentitiesAway("away")


def only(caller: Caller) -> Identity:
    return Identity(callers={"w": caller}, home="w")


def _whole(proxy: Any) -> Request:
    """Return the request itself, as functions-framework does: the proxy ends with the handler."""
    found: Request = proxy._get_current_object()
    return found


class House:
    """A function that counts for as long as its caller may listen."""

    def __init__(self) -> None:
        self.identity: Callable[[], Identity | None] = lambda: SIGNED_IN
        api = Api("pets", "Pets.", Access("pets", "x", lambda _: self.identity()), 100)

        @api.route("GET", "/models/{model}/counts", gives="text/plain")
        def count(model: str, still_may: StillMay) -> Response:
            """Count."""
            return Response(numbers(still_may), content_type="text/plain")

        def numbers(still_may: StillMay) -> Iterator[str]:
            for number in range(10):
                if not still_may():
                    return
                yield str(number)

        app = Flask("test")
        app.add_url_rule("/<path:path>", "all", lambda path: api.handle(_whole(request)))
        self.client = app.test_client()


@pytest.mark.parametrize(
    "identity",
    [ended, expired, elsewhere, left, lowered, narrowed, away],
    ids=lambda one: one.__name__,
)
def test_whoever_may_not_any_more_is_told_no_more(identity: Any) -> None:
    house = House()
    answer = house.client.get("/models/m/counts", headers=KEY, buffered=False)
    told = iter(answer.response)
    assert [next(told), next(told)] == [b"0", b"1"]
    house.identity = identity
    assert list(told) == []


def test_what_does_not_concern_the_call_does_not_end_it() -> None:
    house = House()
    told = iter(house.client.get("/models/m/counts", headers=KEY, buffered=False).response)
    assert next(told) == b"0"
    house.identity = lambda: only(
        replace(ANN, name="renamed", plan="premium", rights=RIGHTS["viewer"])
    )
    assert list(told) == [str(number).encode() for number in range(1, 10)]
