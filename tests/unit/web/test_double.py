"""The double of the functions is held to their own API descriptions: what that finds."""

import httpx
import pytest

from tests.support.openapi import JSON, PROBLEM, operation
from tests.support.pages.web import Double


@pytest.fixture
def held():
    """A double with a table."""
    double = Double()
    double.add_dataset()
    return double


@pytest.fixture
def client(held):
    headers = {"Authorization": "Bearer mfs_owner_1"}
    network = httpx.MockTransport(held)
    url = "http://gateway.test/function"
    with httpx.Client(base_url=url, headers=headers, transport=network) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/datasets/tables", None, "datasets has no route GET /tables"),
        ("PUT", "/datasets/datasets", None, "datasets has no route PUT /datasets"),
        ("GET", "/datasets/datasets?limit=1&offset=2", None, "does not know {'offset'}"),
        ("POST", "/training/jobs", {"dataset": "x"}, "'target' is a required property"),
        (
            "POST",
            "/training/jobs",
            {"target": "x", "dataset": "y", "purpose": 1},
            "('purpose' was unex",
        ),
        ("POST", "/models/models/x/aliases/a/rollback", {"version": 1}, JSON),
    ],
)
def test_a_call_that_no_function_takes_is_refused(client, held, method, path, body, said):
    with pytest.raises(AssertionError):
        client.request(method, path, json=body)
    [unlike] = held.unlike
    assert said in unlike


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows": "many"}, "'many' is not of type 'integer'"),
        ({"rowsDone": 1}, "'rowsDone' was unexpected"),
        ({"state": "new"}, "'new' is not one of"),
    ],
)
def test_an_answer_that_no_function_gives_is_refused(client, held, change, said):
    held.datasets["titanic"] |= change
    with pytest.raises(AssertionError):
        client.get("/datasets/datasets/titanic")
    [unlike] = held.unlike
    assert "the 200 of GET /datasets/{dataset} of datasets" in unlike
    assert said in unlike


def test_what_fits_is_let_through(client, held):
    assert client.get("/datasets/datasets/titanic").json()["rows"] == 1
    assert client.get("/datasets/datasets/nope").status_code == 404
    assert held.unlike == []


def test_statuses_media_types_and_problems_are_held_too():
    show, remove = (operation("datasets", verb, "/datasets/x") for verb in ("GET", "DELETE"))
    remove.check_answer(204, "", b"")
    show.check_answer(404, PROBLEM, b'{"title": "t", "status": 404, "detail": "d"}')
    for described, answer, said in (
        (remove, (200, JSON, b"{}"), "never answers 200"),
        (remove, (204, JSON, b"{}"), JSON),
        (show, (200, "text/html", b""), "text/html"),
        (show, (404, JSON, b"{}"), JSON),
        (show, (404, PROBLEM, b'{"title": "t"}'), "'status' is a required property"),
    ):
        with pytest.raises(AssertionError, match=said):
            described.check_answer(*answer)
