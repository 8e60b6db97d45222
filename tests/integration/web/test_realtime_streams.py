"""Predictions as server-sent events: questions in the lines of a request's body."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.support.callers.seats import cookie
from tests.support.pages.realtime import KEY, LIMITS, Functions
from tests.support.processes import PATIENCE, received, received_until_closed, wait_until

PATH = "/events/predictions"


class Event(NamedTuple):
    """One event; its data is JSON."""

    name: str
    id: str
    data: Any


def lines(*questions: dict[str, Any]) -> bytes:
    """Return a body with a question on each line; those without a model ask `echo`."""
    whole = ({"model": "echo", "records": []} | one for one in questions)
    return b"".join(json.dumps(one).encode() + b"\n" for one in whole)


@contextlib.contextmanager
def asked(
    port: int, body: bytes, path: str = PATH, **fields: str
) -> Iterator[http.client.HTTPResponse]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(line):
        line.request("POST", path, body, fields or {"Authorization": f"Bearer {KEY}"})
        yield line.getresponse()


def events(answer: http.client.HTTPResponse) -> list[Event]:
    """Return the events of a stream that ends."""
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/event-stream"
    found = []
    for block in answer.read().decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line)
        if "data" in fields:
            name, id_ = fields.get("event", ""), fields.get("id", "")
            found.append(Event(name, id_, json.loads(fields["data"])))
    return found


def test_each_line_is_answered_by_an_event(port: int) -> None:
    body = lines({"id": 0}, {"id": "b", "version": 2}, {"id": "c", "model": "none"})
    with asked(port, body + b"\n" + lines({"id": "d\nevent: end", "alias": 1})) as answer:
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["Cache-Control"] == "no-store"
        found = events(answer)
    assert (found[0].name, found[0].data["ready"]["workspace"]) == ("ready", "main")
    assert found[-1] == Event("end", "", {})
    told = {one.data["id"]: one for one in found[1:-1]}
    assert len(found) == 2 + 4
    assert told[0].name == "answer"
    assert told[0].id == "0"
    assert told["b"].data["answer"]["path"] == "/models/echo/versions/2/predict"
    assert (told["c"].name, told["c"].data["status"]) == ("problem", 404)
    odd = told["d\nevent: end"]
    assert (odd.name, odd.id, odd.data["status"]) == ("problem", "", 400)


def test_an_event_goes_out_when_its_answer_is_there(port: int, functions: Functions) -> None:
    body = lines({"id": "slow", "model": "hold"}, {"id": "quick"})
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(head(port, f"Content-Length: {len(body)}") + body)
        seen = received(line, b'"quick"')
        assert b'"slow"' not in seen
        functions.free.set()
        assert b"event: end\n" in received_until_closed(line)


def head(port: int, *more: str) -> bytes:
    fields = (f"POST {PATH} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"X-Api-Key: {KEY}", *more)
    return "\r\n".join((*fields, "", "")).encode()


def test_a_quiet_stream_shows_that_it_is_alive(port: int, functions: Functions) -> None:
    body = lines({"id": 1, "model": "hold"})
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(head(port, f"Content-Length: {len(body)}") + body)
        assert b"event: ready\n" in received(line, b": still here\n\n")


def test_a_line_that_is_not_taken_ends_it(port: int) -> None:
    long = b'{"id": 2, "model": "echo", "records": ["%s"]}\n' % (b"x" * LIMITS["message_bytes"])
    for line, code in ((b"nonsense\n", 4400), (long, 1009)):
        with asked(port, lines({"id": 1}) + line + lines({"id": 3}) * 1000) as answer:
            found = events(answer)
        assert [one.name for one in found] == ["ready", "answer", "closed"]
        assert found[-1].data["code"] == code


def test_a_stream_is_the_last_on_its_connection(port: int) -> None:
    body = b"nonsense\n" + lines({"id": 1}) * 1000
    another = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(head(port, f"Content-Length: {len(body)}") + body + another)
        seen = received_until_closed(line)
    assert b'event: closed\ndata: {"code":4400,' in seen
    assert seen.count(b"HTTP/1.1 ") == 1


def test_a_body_is_read_as_far_as_it_is_answered(port: int, functions: Functions) -> None:
    body = b"".join(lines({"id": number, "model": "hold"}) for number in range(50))
    with asked(port, body) as answer:
        wait_until(lambda: len(functions.asked) == LIMITS["in_flight"])
        functions.free.set()
        assert len(events(answer)) == 52


def test_a_caller_that_goes_is_asked_for_no_more(port: int, functions: Functions) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        body = b"".join(lines({"id": number, "model": "hold"}) for number in range(50))
        line.sendall(head(port, f"Content-Length: {len(body)}") + body)
        received(line, b": still here\n\n")
    functions.free.set()
    with asked(port, lines({"id": "after"})) as answer:
        assert [one.name for one in events(answer)] == ["ready", "answer", "end"]
    assert len(functions.asked) < 50


def test_a_key_that_is_revoked_ends_it(port: int, functions: Functions) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(head(port, "Content-Length: 1000000"))
        received(line, b"event: ready\n")
        del functions.accounts[KEY]
        ended = received_until_closed(line)
    assert b'event: closed\ndata: {"code":4401,' in ended


def test_who_may_not_ask_hears_a_problem(port: int) -> None:
    own = f"http://127.0.0.1:{port}"
    name, text = cookie("secret", f"127.0.0.1:{port}")
    session = {"Cookie": f"{name}={text}"}
    for path, fields, status in (
        (PATH, {"X-Api-Key": "mfk_x"}, 401),
        (PATH, {"Accept": "*/*"}, 401),
        (PATH, session, 401),
        (PATH, session | {"Origin": own}, 409),
        (PATH, session | {"Origin": "https://evil.example"}, 403),
        (f"{PATH}?page-workspace=main", session | {"Origin": "https://evil.example"}, 403),
        (f"{PATH}?key={KEY}", {"X-Api-Key": KEY}, 400),
        (PATH, {"X-Api-Key": KEY, "X-Workspace": "closed"}, 403),
        (f"{PATH}?page-workspace=main", session | {"Origin": own}, 200),
    ):
        with asked(port, lines({"id": 1}), path, **fields) as answer:
            assert answer.status == status, fields
            if status == 401:
                assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mayfly"'
                assert json.loads(answer.read())["status"] == 401
