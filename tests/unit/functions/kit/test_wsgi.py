import io

import pytest
from flask import Flask, Response
from flask import request as flask_request

from functions.kit.http import wsgi
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access


@pytest.fixture
def api():
    api = Api("pets", "Pets.", Access("pets", "s", lambda key: None), max_json_bytes=100)

    @api.route("GET", "/pets/{name}", access="open")
    def pet(name: str) -> Response:
        """One pet."""
        return Response(f"{name} é", headers={"X-Kind": "dog"}, content_type="text/plain")

    @api.route("POST", "/pets", access="open", status=201)
    def add(body: dict[str, int]) -> dict[str, int]:
        """Add a pet."""
        return body

    return api


@pytest.fixture
def clients(api):
    """The same API behind Flask, and at the WSGI entry."""
    through, around = Flask("through"), Flask("around")
    for app in (through, around):
        app.add_url_rule(
            "/<path:path>",
            view_func=lambda path: api.handle(flask_request),
            methods=["GET", "POST", "HEAD"],
        )
    with around.app_context():
        wsgi.install(api)
    assert ["wsgi_app" in vars(app) for app in (through, around)] == [False, True]
    return through.test_client(), around.test_client()


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("GET", "/pets/rex", {}),
        ("HEAD", "/pets/rex", {}),
        ("GET", "/pets/r%20x", {}),
        ("GET", "/nobody/here", {}),
        ("POST", "/pets/rex", {}),
        ("POST", "/pets", {"json": {"age": 3}}),
        ("POST", "/pets", {"json": {"age": "x"}}),
        ("POST", "/pets", {"data": b" " * 101, "content_type": "application/json"}),
    ],
)
def test_both_ways_answer_the_same(clients, method, path, options):
    through, around = (client.open(path, method=method, **options) for client in clients)
    assert around.status == through.status
    assert around.data == through.data
    assert sorted(around.headers) == sorted(through.headers)


def test_a_body_of_unknown_length(clients):
    _, around = clients
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = around.post(
        "/pets",
        input_stream=io.BytesIO(b'{"age": 3}'),
        content_type="application/json",
        environ_overrides=environ,
    )
    assert (answer.status_code, answer.json) == (201, {"age": 3})


def test_outside_of_an_app_nothing_happens(api):
    app = Flask("apart")
    wsgi.install(api)
    assert "wsgi_app" not in vars(app)
    assert app.test_client().get("/pets/rex").status_code == 404
