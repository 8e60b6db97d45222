"""Events of Lambda, in the shapes that AWS documents and sends, into requests and back."""

import base64
import io
import json
from typing import Any

import pytest

from functions.kit.aws import entry
from functions.kit.aws.answers import LARGEST
from functions.kit.aws.entry import ScheduleFailed, answer
from functions.kit.aws.events import UnknownEvent, environ_of

# A function URL's event, as Lambda's documentation has it (payload format 2.0), cut to what counts.
FUNCTION_URL: dict[str, Any] = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/models/a%20b/predict",
    "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value%2F",
    "cookies": ["cookie1=x", "cookie2=y"],
    "headers": {
        "content-type": "application/json",
        "x-api-key": "mfk_key",
        "header2": "value1,value2",
        "host": "url-id.lambda-url.us-west-2.on.aws",
    },
    "requestContext": {
        "accountId": "123456789012",
        "apiId": "<urlid>",
        "authentication": None,
        "domainName": "<url-id>.lambda-url.us-west-2.on.aws",
        "http": {
            "method": "POST",
            "path": "/models/a%20b/predict",
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "agent",
        },
        "requestId": "id",
        "routeKey": "$default",
        "stage": "$default",
        "time": "12/Mar/2020:19:03:58 +0000",
        "timeEpoch": 1583348638390,
    },
    "body": '{"records": []}',
    "isBase64Encoded": False,
}
# API Gateway's REST API (payload format 1.0).
REST: dict[str, Any] = {
    "resource": "/{proxy+}",
    "path": "/models/a b",
    "httpMethod": "GET",
    "headers": {"Accept": "text/html", "X-Twice": "2"},
    "multiValueHeaders": {"Accept": ["text/html"], "X-Twice": ["1", "2"], "Cookie": ["a=1", "b=2"]},
    "queryStringParameters": {"q": "z"},
    "multiValueQueryStringParameters": {"q": ["x y", "z"]},
    "pathParameters": {"proxy": "models/a b"},
    "stageVariables": None,
    "requestContext": {
        "path": "/prod/models/a b",
        "stage": "prod",
        "identity": {"sourceIp": "198.51.100.7"},
    },
    "body": None,
    "isBase64Encoded": False,
}
SCHEDULED: dict[str, Any] = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-28T12:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/my-schedule"],
    "detail": {},
}


class App:
    """A WSGI app that notes what it was asked, and answers as it is told."""

    def __init__(self, status: str, fields: list[tuple[str, str]], *chunks: bytes) -> None:
        self.status, self.fields, self.chunks = status, fields, chunks
        self.asked: dict[str, Any] = {}
        self.body = b""
        self.closed = False

    def __call__(self, environ: dict[str, Any], start: Any) -> "App":
        self.asked, self.body = environ, environ["wsgi.input"].read()
        start(self.status, self.fields)
        return self

    def __iter__(self):
        return iter(self.chunks)

    def close(self) -> None:
        self.closed = True


def test_a_function_url_s_event_is_a_request() -> None:
    app = App("200 OK", [("Content-Type", "application/json")], b'{"a"', b":1}")

    found = answer(app, FUNCTION_URL)

    assert found == {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": '{"a":1}',
        "isBase64Encoded": False,
    }
    assert app.closed
    assert app.body == b'{"records": []}'
    assert (
        app.asked.items()
        >= {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/models/a b/predict",
            "QUERY_STRING": "parameter1=value1&parameter1=value2&parameter2=value%2F",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": "15",
            "HTTP_COOKIE": "cookie1=x; cookie2=y",
            "HTTP_X_API_KEY": "mfk_key",
            "HTTP_HOST": "url-id.lambda-url.us-west-2.on.aws",
            "REMOTE_ADDR": "192.0.2.1",
            "wsgi.url_scheme": "https",
        }.items()
    )


def test_a_rest_api_s_event_is_a_request() -> None:
    app = App("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-A", "1")], b"\xff")

    found = answer(app, REST)

    assert found == {
        "statusCode": 200,
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "X-A": ["1"]},
        "body": base64.b64encode(b"\xff").decode(),
        "isBase64Encoded": True,
    }
    assert (
        app.asked.items()
        >= {
            "PATH_INFO": "/models/a b",
            "QUERY_STRING": "q=x+y&q=z",
            "HTTP_X_TWICE": "1,2",
            "HTTP_COOKIE": "a=1; b=2",
            "REMOTE_ADDR": "198.51.100.7",
        }.items()
    )


def test_cookies_of_a_newer_answer_stand_apart() -> None:
    fields = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Vary", "A"), ("Vary", "B")]
    found = answer(App("204 No Content", fields), FUNCTION_URL)
    assert (found["cookies"], found["headers"]) == (["a=1", "b=2"], {"Vary": "A, B"})
    assert (found["body"], found["isBase64Encoded"]) == ("", False)


@pytest.mark.parametrize(
    ("stage", "raw", "path"),
    [
        ("$default", "/prod/x", "/prod/x"),
        ("prod", "/prod/x", "/x"),
        ("prod", "/prod", "/"),
        ("prod", "/production/x", "/production/x"),
    ],
)
def test_a_stage_is_no_part_of_the_path(stage: str, raw: str, path: str) -> None:
    context = FUNCTION_URL["requestContext"] | {"stage": stage}
    event = FUNCTION_URL | {"rawPath": raw, "requestContext": context}
    assert environ_of(event)["PATH_INFO"] == path


def test_bytes_arrive_as_they_are() -> None:
    body = bytes(range(256))
    event = FUNCTION_URL | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    app = App("200 OK", [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")], body)
    found = answer(app, event)
    assert app.body == body
    assert found["isBase64Encoded"]
    assert base64.b64decode(found["body"]) == body


def test_text_that_is_none_goes_as_bytes() -> None:
    found = answer(App("200 OK", [("Content-Type", "text/csv")], b"a\xff"), FUNCTION_URL)
    assert (found["body"], found["isBase64Encoded"]) == (base64.b64encode(b"a\xff").decode(), True)


def test_a_path_beyond_ascii_is_as_wsgi_wants_it() -> None:
    environ = environ_of(FUNCTION_URL | {"rawPath": "/models/%C3%A4"})
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/models/ä"


def test_a_schedule_has_lost_steps_looked_for() -> None:
    app = App("204 No Content", [])
    answer(app, SCHEDULED)
    assert (app.asked["REQUEST_METHOD"], app.asked["PATH_INFO"]) == ("POST", "/steps/overdue")


def test_a_schedule_that_failed_is_tried_again() -> None:
    with pytest.raises(ScheduleFailed, match="503 Service Unavailable: away"):
        answer(App("503 Service Unavailable", [], b"away"), SCHEDULED)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({}, "no kind that is known"),
        ({"Records": [{"eventSource": "aws:s3"}]}, "function URL's or an EventBridge"),
        ({"requestContext": {}, "version": "2.0"}, "neither http nor httpMethod"),
        (FUNCTION_URL | {"body": "%%%", "isBase64Encoded": True}, "body is no base64"),
    ],
)
def test_what_is_no_request_is_refused(event: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnknownEvent, match=reason):
        environ_of(event)


def test_an_answer_that_lambda_does_not_hand_on_is_an_error_that_says_so() -> None:
    fields = [("Content-Type", "application/json")]
    whole = answer(App("200 OK", fields, b"x" * LARGEST), FUNCTION_URL)
    assert whole["statusCode"] == 200
    found = answer(App("200 OK", fields, b"x" * (LARGEST + 1)), FUNCTION_URL)
    assert found["statusCode"] == 500
    assert "Ask for less at once" in json.loads(found["body"])["detail"]
    assert found["headers"] == {"Content-Type": "application/problem+json"}


def test_what_an_app_writes_comes_before_what_it_returns() -> None:
    def app(_: dict[str, Any], start: Any) -> list[bytes]:
        write = start("200 OK", [("Content-Type", "text/plain")])
        write(b"a")
        return [b"b"]

    assert answer(app, FUNCTION_URL)["body"] == "ab"


def test_a_body_that_breaks_off_ends_the_call() -> None:
    class Breaks(io.BytesIO):
        def __next__(self) -> bytes:
            raise OSError("gone")

    source = Breaks()

    def app(_: dict[str, Any], start: Any) -> Any:
        start("200 OK", [])
        return source

    with pytest.raises(OSError, match="gone"):
        answer(app, FUNCTION_URL)
    assert source.closed


def test_the_image_s_function_answers(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "main.py").write_text(
        "def handle(request):\n    return {'path': request.path, 'said': request.get_json()}\n"
    )
    monkeypatch.setenv("FUNCTION_SOURCE", str(tmp_path / "main.py"))
    entry._app.cache_clear()
    try:
        found = entry.handle(FUNCTION_URL, None)
    finally:
        entry._app.cache_clear()
    said = {"path": "/models/a b/predict", "said": {"records": []}}
    assert json.loads(found["body"]) == said
