"""Spare processes: which starts may have one, how one is given its start, what it rehearses."""

import os
import socket
import sys
import types
from collections.abc import Iterator

import msgspec
import pytest

from emulators.gateway.runtimes.forking import messages, rehearsal
from emulators.gateway.runtimes.forking.spare import Spare, suits
from emulators.gateway.specs.images import Source

START = messages.Start(
    id="hello-00001-abc", source=Source("/code/hello", "handle", "http", own=True), env={},
    socket="/run/x.sock", root="/code", threads=1, port=0, sent_at=1.0,
)  # fmt: skip


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_start_may_have_a_spare_unless_something_would_notice() -> None:
    changed = msgspec.structs.replace
    assert suits(START)
    assert suits(changed(START, env={"MY_GRPC_URL": "x", "TZ": "UTC"}))
    assert not suits(changed(START, env={"GRPC_VERBOSITY": "debug"}))
    assert not suits(changed(START, env={"ORT_DISABLE_TELEMETRY": "0"}))
    assert not suits(changed(START, port=8081))
    assert not suits(changed(START, command=("uvicorn", "app:app")))
    assert not suits(changed(START, fprocess=("cat",)))


def test_a_spare_gets_its_start_with_both_descriptors(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    read, write = os.pipe()
    given = messages.Given(START, 2.0)
    assert Spare(1, ours).give(given, read, write)
    line, descriptors, _, _ = socket.recv_fds(theirs, 65536, 2)
    assert msgspec.json.decode(line, type=messages.Given) == given
    os.write(descriptors[1], b"through")
    assert os.read(descriptors[0], 7) == b"through"
    for descriptor in (read, write, *descriptors):
        os.close(descriptor)


def test_a_spare_that_is_gone_is_not_given_a_start(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.close()
    assert not Spare(1, ours).give(messages.Given(START, 2.0), 0, 1)


def test_a_start_too_long_to_be_sent_at_once_is_not_given_to_a_spare(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    start = msgspec.structs.replace(START, env={"LONG": "x" * 70_000})
    assert not Spare(1, ours).give(messages.Given(start, 2.0), 0, 1)
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)


def test_only_what_is_imported_is_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("onnxruntime", "onnx.helper", "google.cloud.firestore"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "flask", types.ModuleType("flask"))
    assert [step.__name__ for step in rehearsal.steps()] == ["_web"]
    monkeypatch.delitem(sys.modules, "flask")
    assert list(rehearsal.steps()) == []


def test_a_step_that_fails_is_told_and_does_not_end_the_spare(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        raise RuntimeError("the library changed")

    rehearsal.attempt(broken)
    told = capsys.readouterr().err
    assert "a spare process could not rehearse broken" in told
    assert "the library changed" in told
