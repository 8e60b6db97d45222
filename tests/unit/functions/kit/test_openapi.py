"""The API description says what goes in and what comes out, however a handler answers."""

import msgspec
import pytest
from flask import Request, Response

from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.requests.idempotency import Repeatable
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.problems import Problem
from functions.kit.http.routing import openapi
from functions.kit.http.routing.routes import Reply
from tests.support.callers.identities import NOBODY

FEWER = {413: 400, 415: 400, 422: 400}


class Pet(msgspec.Struct):
    name: str


class Order(msgspec.Struct):
    pet: str


def _pets(base_path: str = "") -> Api:
    guard = Access("pets", "secret", NOBODY.get)
    api = Api("pets", "Pets.", guard, 100, base_path)

    @api.route("GET", "/pets/{name}")
    def get_pet(name: str) -> Reply[Pet]:
        return Reply(Pet(name), headers={"ETag": '"1"'})

    @api.route("POST", "/orders", also=(201,), problems=(409,), takes=Order, gives=Pet)
    def order(request: Request) -> Response:
        return Response(request.data)

    @api.route("PUT", "/pets.csv", takes="text/csv", gives="text/event-stream")
    def load(request: Request) -> Response:
        return Response(request.data)

    @api.route("GET", "/either", gives=Pet | Order)
    def either() -> Response:
        return Response()

    def refusal(problem: Problem, _path: str) -> Answer:
        return Answer(b"{}", FEWER.get(problem.status, problem.status))

    api.answer_errors_below("/orders", refusal, Order, FEWER)

    @api.route("POST", "/pets/{name}/again")
    def again(name: str, request: Repeatable) -> None:
        assert request.path == name

    @api.route("DELETE", "/pets/{name}")
    def remove(name: str) -> None:
        assert name

    return api


def _described(method: str, path: str) -> dict:
    return openapi.describe(_pets())["paths"][path][method]


def _reference(name: str) -> dict:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


@pytest.mark.parametrize(("base_path", "url"), [("/function/pets", "/function/pets"), ("", "/")])
def test_the_server_is_where_callers_find_the_function(base_path, url):
    assert openapi.describe(_pets(base_path))["servers"] == [{"url": url}]


def test_a_reply_names_the_type_of_its_value():
    assert _described("get", "/pets/{name}")["responses"]["200"]["content"] == _reference("Pet")


def test_a_handler_that_reads_and_writes_itself_says_what():
    found = _described("post", "/orders")
    assert found["requestBody"]["content"] == _reference("Order")
    assert found["responses"]["200"]["content"] == _reference("Pet")


def test_a_body_may_be_of_any_media_type():
    found = _described("put", "/pets.csv")
    assert found["requestBody"]["content"] == {"text/csv": {}}
    assert found["responses"]["200"]["content"] == {"text/event-stream": {}}


def test_an_answer_may_be_one_of_several():
    content = _described("get", "/either")["responses"]["200"]["content"]
    places = [{"$ref": f"#/components/schemas/{name}"} for name in ("Pet", "Order")]
    assert content == {"application/json": {"schema": {"anyOf": places}}}


def test_no_answer_is_204_as_it_is_on_the_wire():
    assert _described("delete", "/pets/{name}")["responses"]["204"] == {"description": "No Content"}


def test_every_status_of_a_route_is_there_and_no_other():
    assert set(_described("get", "/pets/{name}")["responses"]) == {
        *("200", "401", "403", "404", "500", "503", "default")
    }
    assert set(_described("put", "/pets.csv")["responses"]) == {
        *("200", "400", "401", "403", "404", "413", "415", "422", "500", "503", "default")
    }


def test_a_key_of_a_repeat_may_be_unusable_where_there_is_no_body():
    assert "400" in _described("post", "/pets/{name}/again")["responses"]


def test_statuses_that_a_protocol_lacks_are_those_that_it_answers_instead():
    assert set(_described("post", "/orders")["responses"]) == {
        *("200", "201", "400", "401", "403", "404", "409", "500", "503", "default")
    }


def test_errors_are_of_the_shape_that_they_have_on_the_wire():
    problem = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    answer = _described("get", "/pets/{name}")["responses"]["default"]
    assert answer["content"] == {"application/problem+json": problem}
    assert _described("post", "/orders")["responses"]["default"]["content"] == _reference("Order")
