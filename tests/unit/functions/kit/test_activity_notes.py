"""What an API notes of its requests: also of those that it refuses, and when answers end."""

import contextlib
from collections.abc import Generator, Iterator
from typing import Any

import msgspec
import pytest
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.access.identity import OWNER, Caller, of_first_key
from functions.kit.contract.errors import Flaw
from functions.kit.contract.telemetry.activity import Line, Note, line_of
from functions.kit.http.activity import note_rows
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.responses.problems import Problem
from functions.kit.http.wsgi import entry

SECRET = "s"
KEY = {"X-Api-Key": "mf_good", "X-Call-Id": "c1"}


def started(status: str, headers: Any, failed: Any = None) -> Any:
    """Take the head of an answer, as a server does."""


class House:
    """An API, and what it noted."""

    def __init__(self) -> None:
        self.noted: list[Note] = []
        guard = Access("pets", SECRET, {"mf_good": of_first_key("good")}.get)
        self.api = Api("pets", "Pets.", guard, 100, note=self.noted.append)
        self.chunks = [b"a", b"b"]
        self._add_routes()

    def _add_routes(self) -> None:
        @self.api.route("GET", "/pets/{pet}")
        def pet(pet: str) -> dict[str, str]:
            """Show one, or say that there are too many."""
            if pet == "full":
                raise Problem(429, "Too many.")
            return {"name": pet}

        @self.api.route("GET", "/broken")
        def broken() -> None:
            """End as is wanted."""
            raise self.problem

        @self.api.route("POST", "/predict", takes=dict)
        def predict(request: Request) -> dict[str, str]:
            """Predict."""
            note_rows(request, 7)
            return {}

        @self.api.route("GET", "/stream", gives="text/plain")
        def stream() -> Response:
            """Give chunks."""
            return Response(self.source(), content_type="text/plain")

        @self.api.route("POST", "/quiet", access="step", hidden=True, noted=False)
        def quiet() -> None:
            """Do what is not noted."""

        @self.api.route("POST", "/step", access="step", hidden=True)
        def step(caller: Caller) -> None:
            """Do a step."""

    def why(self, problem: Problem) -> str:
        """Return the reason that the line of a request that ends so has."""
        self.problem = problem
        self.noted.clear()
        return self.line("/broken").reason

    def source(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if not chunk:
                raise OSError("the source failed")
            yield chunk

    def begin(self, path: str, method: str = "GET", headers: Any = KEY) -> Generator[bytes]:
        """Yield the answer's chunks as a server takes them, which closes it in the end."""
        environ = EnvironBuilder(path, method=method, headers=headers).get_environ()
        body: Any = entry(self.api)(environ, started)
        with contextlib.closing(body):
            yield from body

    def line(self, path: str, method: str = "GET", headers: Any = KEY) -> Line:
        list(self.begin(path, method, headers))
        (noted,) = self.noted
        return line_of(noted)


@pytest.fixture
def house() -> House:
    return House()


def token(path: str) -> dict[str, str]:
    call = step_tokens.Call("POST", "pets", path)
    return {"Authorization": step_tokens.authorization(SECRET, "shop", call, workspace="w")}


def test_a_request_is_noted_with_who_and_what(house: House) -> None:
    line = house.line("/pets/rex?secret=1")
    assert (line.method, line.route, line.path, line.status) == (
        "GET",
        "/pets/{pet}",
        "/pets/rex",
        200,
    )
    assert (line.caller, line.account, line.kind, line.key) == ("first", OWNER, "key", "first")
    assert (line.last_four, line.workspace, line.call, line.rows) == ("good", "main", "c1", None)


@pytest.mark.parametrize(
    ("path", "headers", "status", "route", "caller"),
    [
        ("/pets/rex", {}, 401, "/pets/{pet}", "anyone"),
        ("/pets/rex", {"X-Api-Key": "mf_guess"}, 401, "/pets/{pet}", "anyone"),
        ("/pets/full", KEY, 429, "/pets/{pet}", "first"),
        ("/nowhere", KEY, 404, "unknown", "anyone"),
        ("/predict", KEY, 405, "unknown", "anyone"),
    ],
)
def test_what_is_refused_is_noted_too(
    house: House, path: str, headers: dict[str, str], status: int, route: str, caller: str
) -> None:
    line = house.line(path, headers=headers)
    assert (line.status, line.route, line.caller, line.path) == (status, route, caller, path)
    assert "guess" not in repr(line)
    assert bool(line.reason) == (status != 200)


def test_why_a_request_was_refused_is_noted_as_its_answer_says_it(house: House) -> None:
    assert house.line("/pets/full").reason == "Too many."


def test_flaws_are_part_of_the_reason_without_the_values_that_were_there(house: House) -> None:
    flaw = Flaw("Expected a name", row=2, column="pet", value="secret")
    assert (
        house.why(Problem(422, "Refused.", [flaw]))
        == "Refused. row 2, column 'pet': Expected a name"
    )
    assert len(house.why(Problem(422, "x" * 5000))) == 300


def test_a_line_of_an_earlier_release_has_no_reason() -> None:
    old = [1, "GET", "/", "/", 200, 1, "c", "a", "key", "k", "wxyz", "w", "c", None]
    assert msgspec.convert(old, Line).reason == ""


def test_rows_are_noted(house: House) -> None:
    assert house.line("/predict", "POST").rows == 7


def test_a_step_is_noted_with_its_function_and_workspace(house: House) -> None:
    line = house.line("/step", "POST", token("/step"))
    assert (line.caller, line.kind, line.workspace, line.account) == ("shop", "step", "w", "")


def test_a_streamed_answer_ends_with_its_last_chunk(house: House) -> None:
    chunks = house.begin("/stream")
    assert next(chunks) == b"a"
    assert house.noted == []
    assert list(chunks) == [b"b"]
    assert [line_of(one).status for one in house.noted] == [200]


def test_an_answer_that_breaks_off_or_whose_client_went_is_noted_once(house: House) -> None:
    house.chunks = [b"a", b""]
    chunks = house.begin("/stream")
    with pytest.raises(OSError, match="source failed"):
        list(chunks)
    assert len(house.noted) == 1
    house.chunks = [b"a", b"b"]
    with contextlib.closing(house.begin("/stream")) as gone:
        next(gone)
    assert len(house.noted) == 2


def test_a_head_of_a_streamed_answer_is_noted(house: House) -> None:
    assert house.line("/stream", "HEAD").method == "HEAD"


@pytest.mark.parametrize("path", ["/_/health", "/_/ready"])
def test_health_is_not_noted(house: House, path: str) -> None:
    assert list(house.begin(path)) != []
    assert house.noted == []


def test_what_is_not_to_be_noted_is_not(house: House) -> None:
    list(house.begin("/quiet", "POST", token("/quiet")))
    assert house.noted == []


def test_what_callers_write_is_cut_before_it_waits(house: House) -> None:
    long = "x" * 5000
    list(house.begin(f"/{long}", long, KEY | {"X-Call-Id": long}))
    [note] = house.noted
    assert [len(one) for one in (note[1], note[3], note[7])] == [64, 300, 64]  # method, path, call
    assert line_of(note).call == "x" * 64
