"""Who may open a connection, how many, and when it ends because its caller does."""

import base64
import contextlib
import http.client
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.callers.seats import cookie
from tests.support.pages.realtime import KEY, LIMITS, Functions, Talk, opened, pages, talking
from tests.support.processes import PATIENCE, Emulator, children, wait_until

FIELD = "page-workspace"


def by_protocol(**named: str) -> dict[str, Any]:
    """Return how a page names a key, which can set no header."""
    coded = [
        f"{name}.{base64.urlsafe_b64encode(value.encode()).decode().rstrip('=')}"
        for name, value in named.items()
    ]
    return {"subprotocols": ["mayfly.v1", *coded]}


def in_browser(port: int, origin: str | None, **more: str) -> dict[str, Any]:
    """Return what the browser of a reader sends along; her session lies in a cookie."""
    name, text = cookie("secret", f"127.0.0.1:{port}")
    fields = {"Cookie": f"{name}={text}", **more}
    return {"origin": origin, "additional_headers": fields}


def refused(port: int, query: str = "", **options: Any) -> tuple[int, str]:
    """Return the status and the text of an opening that is refused."""
    with pytest.raises(InvalidStatus) as caught, opened(port, query, **options):
        pass
    body = caught.value.response.body
    return caught.value.response.status_code, bytes(body or b"").decode()


def asks(talk: Talk, functions: Functions) -> str:
    """Ask, and return which workspace the function heard of."""
    talk.ask(1)
    assert talk.hear()["status"] == 200
    return str(functions.asked[-1]["workspace"])


def test_a_key_comes_in_the_first_message_a_sub_protocol_or_a_header(
    port: int, functions: Functions
) -> None:
    with opened(port) as talk:
        talk.say(key=KEY, workspace="lab")
        assert talk.hear() == {
            "ready": {
                "workspace": "lab",
                "in_flight": LIMITS["in_flight"],
                "message_bytes": LIMITS["message_bytes"],
                "idle_seconds": LIMITS["idle"],
            }
        }
        assert asks(talk, functions) == "lab"
    with opened(port, **by_protocol(key=KEY, workspace="lab")) as talk:
        assert talk.line.subprotocol == "mayfly.v1"
        assert talk.hear()["ready"]["workspace"] == "lab"
        assert asks(talk, functions) == "lab"
    for fields in ({"X-Api-Key": KEY}, {"Authorization": f"Bearer {KEY}", "X-Workspace": "lab"}):
        with opened(port, additional_headers=fields) as talk:
            talk.hear()
            assert asks(talk, functions) == fields.get("X-Workspace", "")


def test_who_is_not_known_is_told_so(port: int) -> None:
    for options in ({"additional_headers": {"X-Api-Key": "mfk_x"}}, by_protocol(key="mfk_x")):
        with opened(port, **options) as talk:
            assert talk.ended() == (4401, "This key or session is not known.")
    with opened(port) as talk:
        talk.say(key="mfk_x")
        assert talk.ended()[0] == 4401
    with opened(port) as talk:
        talk.ask(1)
        assert talk.ended()[0] == 4401
    for greeting in ({"key": f"{KEY}\r\nX-Workspace: lab"}, {"key": ""}, {"key": "é" * 2000}):
        with opened(port) as talk:
            talk.say(**greeting)
            assert talk.ended()[0] == 4401
    with opened(port) as talk:
        talk.say(key=KEY, workspace="lab\r\nX-Api-Key: mfk_x")
        assert talk.ended()[0] == 4401
    with opened(port) as talk:
        talk.say(key=KEY, workspace="closed")
        assert talk.ended() == (4403, "There is no workspace 'closed'.")


def test_who_says_nothing_is_sent_away(port: int) -> None:
    with opened(port) as talk:
        assert talk.ended()[0] == 4408


def test_an_address_holds_no_key(port: int) -> None:
    status, text = refused(port, f"?key={KEY}")
    assert status == 400
    assert "An address has no key in it" in text


def test_a_page_of_ours_has_its_reader_s_session(port: int, functions: Functions) -> None:
    own = in_browser(port, f"http://127.0.0.1:{port}")
    with opened(port, f"?{FIELD}=main", **own) as talk:
        assert talk.hear()["ready"]["workspace"] == "main"
        assert asks(talk, functions) == "main"
    for path in ("", f"?{FIELD}=lab"):
        status, text = refused(port, path, **own)
        assert (status, FIELD in text) == (409, True)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
@pytest.mark.parametrize("path", ["", f"?{FIELD}=main"])
def test_a_page_of_another_site_has_not(port: int, origin: str, path: str) -> None:
    assert refused(port, path, **in_browser(port, origin))[0] == 403
    assert refused(port, path, origin=origin, **by_protocol(key=KEY))[0] == 403


def test_no_other_way_in_takes_a_session_along(port: int) -> None:
    with opened(port, f"?{FIELD}=main", **in_browser(port, None)) as talk:
        assert talk.ended()[0] == 4408  # it is nobody's, as no page of ours has opened it
    own = f"http://127.0.0.1:{port}"
    crossed = in_browser(
        port, own, **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "websocket"}
    )
    assert refused(port, f"?{FIELD}=main", **crossed)[0] == 403
    fields = in_browser(port, None)["additional_headers"]
    rebound = {"Host": "evil.example", "Origin": "http://evil.example", "Upgrade": "websocket"}
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(line):
        line.request("GET", "/ws/predictions", headers=fields | rebound)
        assert line.getresponse().status == 421


def test_what_pages_alone_open_takes_a_reader_s_session_alone(port: int) -> None:
    path = "/models/echo/try/live"
    own = in_browser(port, f"http://127.0.0.1:{port}")
    with opened(port, f"?{FIELD}=main", path, **own) as talk:
        assert talk.hear()["ready"]["workspace"] == "main"
        talk.say(id=1, model="echo", form="column.age=29")
        told = talk.hear()
        assert (told["id"], told["status"]) == (1, 502)  # these functions know no signatures
        assert "gave an answer that this page cannot read" in told["problem"]["detail"]
    assert refused(port, "", path=path, **own)[0] == 409
    assert refused(port, f"?{FIELD}=lab", path=path, **own)[0] == 409
    foreign = in_browser(port, "https://evil.example")
    assert refused(port, f"?{FIELD}=main", path=path, **foreign)[0] == 403
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(line):
        line.request("GET", path, headers={"X-Api-Key": KEY, "Upgrade": "websocket"})
        assert line.getresponse().status == 303  # to sign in


def test_what_asks_for_no_upgrade_hears_that_it_should(port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(line):
        line.request("GET", "/ws/predictions")
        answer = line.getresponse()
        answer.read()
        assert (answer.status, answer.headers["Upgrade"]) == (426, "websocket")
        line.request("GET", "/healthz")
        assert line.getresponse().status == 200


def test_a_key_that_is_revoked_ends_its_connections(port: int, functions: Functions) -> None:
    with talking(port) as talk, talking(port) as idle, talking(port, "mfs_x") as other:
        talk.ask("before", model="hold")
        wait_until(lambda: len(functions.asked) == 1)
        del functions.accounts[KEY]
        assert idle.ended() == (4401, "This key or session has ended.")
        functions.free.set()
        assert talk.hear()["id"] == "before"
        assert talk.ended()[0] == 4401
        other.ask(1)
        assert other.hear()["status"] == 200


def test_a_refused_call_ends_it_before_the_next_look(functions: Functions) -> None:
    with pages(functions, look=60) as emulator, talking(emulator.port) as talk:
        del functions.accounts[KEY]
        talk.ask(1)
        assert talk.hear()["status"] == 401
        assert talk.ended()[0] == 4401


def test_functions_that_are_away_end_nothing(port: int, functions: Functions) -> None:
    with talking(port) as talk:
        functions.away = True
        looks = functions.looks
        wait_until(lambda: functions.looks > looks + 2)
        functions.away = False
        talk.ask(1)
        assert talk.hear()["status"] == 200


@contextlib.contextmanager
def many(port: int, number: int, key: str = KEY) -> Iterator[list[Talk]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(talking(port, key)) for _ in range(number)]


def test_a_hundred_connections_and_no_more_of_one_caller(
    server: Emulator, port: int, functions: Functions
) -> None:
    functions.accounts["mfk_bob"] = "bob"
    with many(port, LIMITS["each"]) as talks:
        with opened(port) as talk:
            talk.say(key=KEY)
            assert talk.ended() == (4429, "You have 100 connections; close one.")
        for number, talk in enumerate(talks):
            talk.ask(number)
        assert [talk.hear()["id"] for talk in talks] == list(range(len(talks)))
        with many(port, LIMITS["everybody"] - LIMITS["each"], "mfk_bob"), opened(port) as talk:
            assert talk.ended()[0] == 1013
    [_] = children(server.pid)
    with talking(port) as talk:  # all were counted back
        talk.ask(1)
        assert talk.hear()["id"] == 1
