"""Predictions over WebSockets: what is asked and answered, and what is broken off."""

import json
import socket
import time
from itertools import repeat, takewhile
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.support.pages.realtime import KEY, LIMITS, Functions, Talk, pages, talking
from tests.support.processes import (
    PATIENCE,
    Emulator,
    children,
    received_until_closed,
    wait_until,
)

MEGABYTE = 1_000_000


def raw(talk: Talk) -> socket.socket:
    """Return the connection itself, for what a client library does not send."""
    sock: socket.socket = talk.line.socket
    return sock


def test_answers_have_the_id_and_the_body_of_the_call_by_http(
    port: int, functions: Functions
) -> None:
    with talking(port) as talk:
        talk.ask("7", version=3, options={"explain": True})
        assert talk.hear() == {
            "id": "7",
            "status": 200,
            "answer": {
                "path": "/models/echo/versions/3/predict",
                "body": {"records": [{"a": 1}], "options": {"explain": True}},
                "filler": "",
            },
        }
        talk.ask(7, alias="next/one")
        assert talk.hear()["answer"]["path"] == "/models/echo/aliases/next%2Fone/predict"
        talk.ask(8, model="none")
        assert talk.hear() == {
            "id": 8,
            "status": 404,
            "problem": {
                "type": "about:blank",
                "title": "x",
                "status": 404,
                "detail": "There is no model 'none'.",
                "instance": "/x",
            },
        }
        talk.ask("later", model="much")
        told = talk.hear()
        assert (told["status"], told["problem"]["status"], told["retry_after"]) == (429, 429, 42)
        talk.ask(9, model="html")
        told = talk.hear()
        assert (told["status"], told["problem"]["status"]) == (502, 502)
        assert "'prediction'" in told["problem"]["detail"]


def test_what_is_quick_does_not_wait_for_what_is_slow(port: int, functions: Functions) -> None:
    with talking(port) as talk:
        talk.ask("slow", model="hold")
        talk.ask("quick")
        assert talk.hear()["id"] == "quick"
        functions.free.set()
        assert talk.hear()["id"] == "slow"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"model": ""}, "model"),
        ({"model": 1}, "model"),
        ({"version": 0}, "version"),
        ({"version": 1, "alias": "next"}, "a version and an alias"),
        ({"replaces": "yes"}, "replaces"),
    ],
)
def test_a_question_that_cannot_be_asked_is_answered(
    port: int, functions: Functions, more: dict[str, Any], says: str
) -> None:
    with talking(port) as talk:
        talk.ask("odd", **({"model": "echo"} | more))
        told = talk.hear()
        assert (told["id"], told["status"], told["problem"]["status"]) == ("odd", 400, 400)
        assert says in told["problem"]["detail"]
        talk.ask("good")
        assert talk.hear()["id"] == "good"
    assert len(functions.asked) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[1]", 4400),
        ("{", 4400),
        ('{"model": "echo", "records": []}', 4400),
        ('{"id": "", "model": "echo"}', 4400),
        ('{"id": {}, "model": "echo"}', 4400),
        ("x" * (LIMITS["message_bytes"] + 1), 1009),
        (b'{"id": 1}', 1003),
    ],
)
def test_what_no_answer_could_be_matched_to_closes(port: int, text: str | bytes, code: int) -> None:
    with talking(port) as talk:
        talk.line.send(text)
        assert talk.ended()[0] == code


def test_an_id_that_is_in_use_closes_and_what_was_asked_is_answered(
    port: int, functions: Functions
) -> None:
    with talking(port) as talk:
        text = b'{"id": "7", "model": "hold", "records": []}'
        raw(talk).sendall(Frame(Opcode.TEXT, text).serialize(mask=True) * 2)
        wait_until(lambda: len(functions.asked) == 1)
        functions.free.set()
        assert talk.hear()["answer"]["path"] == "/models/hold/predict"
        assert talk.ended() == (4409, "The id '7' is in use.")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Frame(Opcode.TEXT, b"\xff").serialize(mask=True), 1007),
        (Frame(Opcode.TEXT, b"{}").serialize(mask=False), 1002),
        (b"\x83\x80\0\0\0\0", 1002),  # an opcode that is reserved
        (Frame(Opcode.CONT, b"{}").serialize(mask=True), 1002),
        (b"\xc1\x80\0\0\0\0", 1002),  # as if it were compressed
        (Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=True) * 2, 1002),
        (b"\x89\xfe\x01\x00\0\0\0\0" + b"x" * 256, 1002),  # a ping that is too long
        (b"\x81\xff\x7f" + b"\xff" * 7 + b"\0\0\0\0", 1009),  # exabytes to come
    ],
    ids=range(8),  # a mask is random, and each worker must call a test the same
)
def test_what_is_no_websocket_closes(port: int, data: bytes, code: int) -> None:
    with talking(port) as talk:
        raw(talk).sendall(data)
        assert talk.ended()[0] == code


def test_pieces_make_a_message_with_pings_between(port: int) -> None:
    text = json.dumps({"id": 1, "model": "echo", "records": ["é" * 5000]}, ensure_ascii=False)
    pieces = [text.encode()[at : at + 7] for at in range(0, len(text.encode()), 7)]
    frames = [
        Frame(Opcode.CONT if number else Opcode.TEXT, piece, fin=number == len(pieces) - 1)
        for number, piece in enumerate(pieces)
    ]
    with talking(port) as talk:
        for number, frame in enumerate(frames):
            raw(talk).sendall(frame.serialize(mask=True))
            if number == 3:
                raw(talk).sendall(Frame(Opcode.PING, b"are you there").serialize(mask=True))
        assert talk.hear()["answer"]["body"]["records"] == ["é" * 5000]


def test_pieces_may_not_be_more_than_a_message(port: int) -> None:
    piece = Frame(Opcode.CONT, b"x" * 10_000, fin=False).serialize(mask=True)
    with talking(port) as talk:
        raw(talk).sendall(Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=True) + piece * 7)
        assert talk.ended()[0] == 1009


def test_no_more_is_read_than_is_being_answered(port: int, functions: Functions) -> None:
    text = json.dumps({"id": 0, "model": "hold", "records": ["x" * 60_000]})
    with talking(port) as talk:
        taken = 0
        with raw(talk).dup() as sock:
            sock.settimeout(0.5)
            for number in range(2000):
                own = text.replace('"id": 0', f'"id": {number}').encode()
                rest = Frame(Opcode.TEXT, own).serialize(mask=True)
                if not fits(sock, rest):
                    break
                taken += len(rest)
        # What the kernel's buffers of both sides hold, and not what a process could.
        assert taken < 20 * MEGABYTE
        assert len(functions.asked) == LIMITS["in_flight"]


def fits(sock: socket.socket, data: bytes) -> bool:
    """Tell whether the other side takes it; nothing can be sent afterwards where it does not."""
    try:
        sock.sendall(data)
    except TimeoutError:
        return False
    return True


def test_a_slow_reader_costs_no_memory_and_is_dropped(server: Emulator, port: int) -> None:
    [worker] = children(server.pid)
    before = resident(worker)
    with talking(port) as talk, talking(port) as other:
        for number in range(60):  # the library reads some ahead, and then no more
            talk.ask(number, model="big")
        most = 0
        end = time.monotonic() + 2 * LIMITS["stalled"]
        while time.monotonic() < end:
            other.ask("meanwhile")
            assert other.hear()["id"] == "meanwhile"
            most = max(most, resident(worker) - before)
        assert most < 40 * MEGABYTE
        taken = list(takewhile(bool, map(heard, repeat(talk, 60))))
        assert 0 < len(taken) < 60


def heard(talk: Talk) -> bool:
    """Tell whether another message has come before the connection breaks off."""
    try:
        talk.line.recv(PATIENCE)
    except ConnectionClosed:
        return False
    return True


def resident(process: int) -> int:
    """Return the bytes of memory that a process holds."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def test_the_newest_replaces_what_waits(port: int, functions: Functions) -> None:
    with talking(port) as talk:
        talk.ask(1, model="hold", replaces=True)
        wait_until(lambda: len(functions.asked) == 1)
        for number in (2, 3, 4):
            talk.ask(number, model="hold", replaces=True)
        talk.ask("beside", replaces=True)
        told = [talk.hear() for _ in range(3)]
        assert [(one["id"], one["status"]) for one in told] == [(2, 409), (3, 409), ("beside", 200)]
        assert told[0]["problem"]["detail"] == "The question 3 came before it was asked."
        functions.free.set()
        assert [talk.hear()["id"] for _ in range(2)] == [1, 4]
        talk.ask(5, model="hold", replaces=True)
        assert talk.hear()["id"] == 5
    assert len(functions.asked) == 4


def test_silence_is_asked_about_and_then_the_end(port: int) -> None:
    head = f"GET /ws/predictions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
    head += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    head += f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nX-Api-Key: {KEY}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(head.encode())
        began = time.monotonic()
        seen = received_until_closed(line)
    assert seen.startswith(b"HTTP/1.1 101 ")
    assert seen.endswith(b"\x89\x00")  # a ping, and no word of a close to nobody
    assert time.monotonic() - began >= LIMITS["ping"] + LIMITS["pong"] - LIMITS["tick"]


def test_who_answers_pings_stays(port: int) -> None:
    with talking(port) as talk:
        time.sleep(3 * (LIMITS["ping"] + LIMITS["pong"]))
        talk.ask(1)
        assert talk.hear()["id"] == 1


def test_a_stop_answers_what_was_asked_and_sends_callers_elsewhere(functions: Functions) -> None:
    with pages(functions, idle=60) as emulator, talking(emulator.port) as talk:
        talk.ask("last", model="hold")
        wait_until(lambda: len(functions.asked) == 1)
        functions.free.set()
        assert emulator.stop() == 0
        assert talk.hear()["id"] == "last"
        assert talk.ended() == (1001, "This server stops; connect again.")


def test_a_gateway_that_is_away_is_a_problem_and_who_asks_no_more_is_sent_home() -> None:
    functions = Functions()
    with pages(functions, look=60, idle=0.5) as emulator, talking(emulator.port) as talk:
        functions.close()
        talk.ask(1)
        told = talk.hear()
        assert (told["status"], told["problem"]["title"]) == (503, "Service Unavailable")
        assert "does not answer at http://127.0.0.1:" in told["problem"]["detail"]
        answered = time.monotonic()
        assert talk.ended() == (4408, "Nothing was asked for 0.5 s.")
        assert time.monotonic() - answered >= 0.5 - LIMITS["tick"]
