"""Spare processes: which starts may have one, how one is given its start, what it rehearses."""

import os
import socket
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from emulators.gateway.runtimes.forking import messages, rehearsal
from emulators.gateway.runtimes.forking.ahead import Ahead, code_of
from emulators.gateway.runtimes.forking.rehearsal import Rehearsal
from emulators.gateway.runtimes.forking.spare import Spare, suits
from emulators.gateway.runtimes.forking.spares import Spares
from emulators.gateway.specs.images import Source

ROOT = Path(__file__).resolve().parents[4]
START = messages.Start(
    id="hello-00001-abc",
    source=Source("/code/hello", "handle", "http", own=True),
    env={},
    socket="/run/x.sock",
    root="/code",
    threads=1,
    port=0,
    sent_at=1.0,
)

ONCE = ("GRPC_", "ORT_")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_start_may_have_a_spare_unless_something_would_notice() -> None:
    changed = msgspec.structs.replace
    assert suits(START, ONCE)
    assert suits(changed(START, env={"MY_GRPC_URL": "x", "TZ": "UTC"}), ONCE)
    assert not suits(changed(START, env={"GRPC_VERBOSITY": "debug"}), ONCE)
    assert not suits(changed(START, env={"ORT_DISABLE_TELEMETRY": "0"}), ONCE)
    assert not suits(changed(START, port=8081), ONCE)
    assert not suits(changed(START, command=("uvicorn", "app:app")), ONCE)
    assert not suits(changed(START, fprocess=("cat",)), ONCE)


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


NAMED = Rehearsal((), ONCE, {"hello": ("functions.hello.routes",)})
CODE = Ahead("/code", "", ("functions.hello.routes",))


def test_only_code_that_is_named_and_of_the_product_is_imported_ahead() -> None:
    changed = msgspec.structs.replace
    assert code_of(START, NAMED) == CODE
    assert code_of(changed(START, source=changed(START.source, own=False)), NAMED) is None
    assert code_of(changed(START, source=changed(START.source, folder="/code/b")), NAMED) is None


def test_a_start_has_the_spare_with_its_own_code_before_any_other() -> None:
    spares, ends = Spares(1, NAMED), [socket.socketpair() for _ in range(3)]
    other = Ahead("/other", "", CODE.modules)
    for pid, (ahead, (ours, _)) in enumerate(zip((other, None, CODE), ends, strict=True), 1):
        spares.add(Spare(pid, ours, ahead))
    log = os.open(os.devnull, os.O_WRONLY)
    assert [spares.take(messages.Given(START, 2.0), log, log) for _ in range(3)] == [3, 2, None]
    assert [one.pid for one in spares] == [1]
    os.close(log)
    for sockets in ends:
        for end in sockets:
            end.close()


def test_spares_of_code_that_was_replaced_are_ended(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    spares, (ours, theirs) = Spares(1, NAMED), pair
    assert list(spares.missing()) == [None]
    assert spares.take(messages.Given(START, 2.0), 0, 1) is None
    assert list(spares.missing()) == [CODE, None]
    spares.add(Spare(1, ours, CODE))
    assert list(spares.missing()) == [None]
    newer = msgspec.structs.replace(START, root="/newer")
    assert spares.take(messages.Given(newer, 2.0), 0, 1) is None
    assert theirs.recv(1) == b""
    assert list(spares.missing()) == [Ahead("/newer", "", CODE.modules), None]


def written(folder: Path, text: str) -> str:
    file = folder / "steps.py"
    file.write_text(text)
    return str(file)


def test_only_what_is_imported_is_rehearsed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    steps = """
def one(): pass
def two(): pass
STEPS = ((one, ("lib_a",)), (two, ("lib_a", "lib_b")))
READ_ONCE = ("LIB_",)
"""
    rehearsed = rehearsal.load(written(tmp_path, steps))
    monkeypatch.setitem(sys.modules, "lib_a", types.ModuleType("lib_a"))
    monkeypatch.delitem(sys.modules, "flask", raising=False)
    assert [step.__name__ for step in rehearsed.possible()] == ["one"]
    monkeypatch.setitem(sys.modules, "flask", types.ModuleType("flask"))
    monkeypatch.setitem(sys.modules, "lib_b", types.ModuleType("lib_b"))
    assert [step.__name__ for step in rehearsed.possible()] == ["web", "one", "two"]
    assert (rehearsed.read_once, rehearsed.ahead) == (("LIB_",), {})


def test_the_file_of_steps_becomes_no_module(tmp_path: Path) -> None:
    before = set(sys.modules)
    rehearsal.load(written(tmp_path, "STEPS = ()\nREAD_ONCE = ()\n"))
    assert set(sys.modules) == before


@pytest.mark.parametrize(
    ("text", "why"),
    [("raise RuntimeError('broken')", "broken"), ("def f(:", "SyntaxError"), ("", "STEPS")],
)
def test_a_file_of_steps_that_cannot_be_read_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ImportError, match=rf"steps\.py: .*{why}"):
        rehearsal.load(written(tmp_path, text))


LEAVES_ONE = """
import threading
from emulators.gateway.runtimes.forking import rehearsal
ended = threading.Event()
def leaves_one():
    threading.Thread(target=ended.wait).start()
rehearsal._PATIENCE = 0.05
rehearsal.attempt(leaves_one)
ended.set()
"""


def test_a_step_that_leaves_a_thread_is_told() -> None:
    # In a process of its own: what other tests left behind may end meanwhile, and be counted.
    done = subprocess.run(
        [sys.executable, "-c", LEAVES_ONE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert "could not rehearse leaves_one" in done.stderr


def test_a_step_that_fails_is_told_and_does_not_end_the_spare(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        raise RuntimeError("the library changed")

    rehearsal.attempt(broken)
    told = capsys.readouterr().err
    assert "a spare process could not rehearse broken" in told
    assert "the library changed" in told
