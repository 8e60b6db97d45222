"""An answer in pieces whose source fails: refused before the first piece, broken off after it."""

import io
import json

import pytest
from flask import Flask, Response, request
from google.api_core.exceptions import ServiceUnavailable
from structlog.testing import capture_logs
from werkzeug.test import create_environ, run_wsgi_app
from werkzeug.wsgi import FileWrapper

from functions.kit.http import wsgi
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.responses.broken_responses import BrokenResponses

CALL = {"X-Call-Id": "call-7"}


class Source:
    """Yields so many pieces, then fails."""

    def __init__(self, pieces, error):
        self._left = pieces
        self._error = error
        self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        if not self._left:
            raise self._error
        self._left -= 1
        return b"piece"

    def close(self):
        self.closed += 1


def new_api(source, **options):
    api = Api("pets", "Pets.", Access("pets", "s", lambda key: None), max_json_bytes=100)

    @api.route("GET", "/export", access="open", gives="text/csv")
    def export() -> Response:
        """All of them."""
        return Response(source, content_type="text/csv", **options)

    return api


def through_flask(api):
    app = Flask("through")
    app.add_url_rule("/<path:path>", view_func=lambda path: api.handle(request))
    return app


@pytest.fixture(params=[through_flask, wsgi.entry], ids=["flask", "direct"])
def serve(request):
    """Makes the WSGI application of an API, in both ways that there are."""
    return request.param


def start(app):
    """Begin an answer; return its pieces, status and headers, as a server would get them."""
    environ = create_environ("/export", headers=CALL, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    return run_wsgi_app(app, environ)


def test_in_a_container_it_is_logged_once_with_its_call():
    source = Source(1, RuntimeError("the source died"))
    pieces, _, _ = start(BrokenResponses(through_flask(new_api(source))))
    with capture_logs() as lines:
        [first, _] = pieces
    assert first == b"piece"
    assert [(line["event"], line["call"]) for line in lines] == [("answer broken off", "call-7")]


def test_in_a_container_it_is_logged_for_functions_without_the_kit_too():
    app = Flask("plain")
    source = Source(1, RuntimeError("the source died"))
    app.add_url_rule("/export", view_func=lambda: Response(source))
    pieces, _, _ = start(BrokenResponses(app))
    with capture_logs() as lines:
        list(pieces)
    assert [(line["event"], line["path"]) for line in lines] == [("answer broken off", "/export")]


@pytest.mark.parametrize("options", [{}, {"direct_passthrough": True}], ids=["", "passthrough"])
def test_a_failure_in_the_middle_reaches_the_server_and_the_log(serve, options):
    source = Source(3, RuntimeError("the source died"))
    pieces, status, _ = start(serve(new_api(source, **options)))
    assert status == "200 OK"
    got = []
    with capture_logs() as lines, pytest.raises(RuntimeError, match="the source died"):
        got.extend(pieces)
    pieces.close()
    [line] = lines
    assert (line["event"], line["call"], line["path"]) == ("answer broken off", "call-7", "/export")
    assert line["exc_info"]
    assert source.closed >= 1


@pytest.mark.parametrize(
    ("error", "status"), [(ServiceUnavailable("away"), 503), (RuntimeError("died"), 500)]
)
def test_a_failure_before_the_first_piece_is_refused(serve, error, status):
    source = Source(0, error)
    pieces, line, headers = start(serve(new_api(source)))
    body = json.loads(b"".join(pieces))
    assert (line[:3], body["status"]) == (str(status), status)
    assert headers["Content-Type"] == "application/problem+json"
    assert source.closed >= 1


def test_a_whole_answer_is_passed_on_and_its_source_closed(serve):
    file = io.BytesIO(b"abc" * 100)
    source = FileWrapper(file, 7)
    pieces, _, _ = start(serve(new_api(source, direct_passthrough=True)))
    assert b"".join(pieces) == b"abc" * 100
    pieces.close()
    assert file.closed


def test_an_empty_answer(serve):
    pieces, status, _ = start(serve(new_api(iter(()))))
    assert (status, b"".join(pieces)) == ("200 OK", b"")


def test_a_client_that_goes_closes_the_source(serve):
    source = Source(100, RuntimeError("never reached"))
    pieces, _, _ = start(serve(new_api(source)))
    next(iter(pieces))
    pieces.close()
    assert source.closed >= 1
