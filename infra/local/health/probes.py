"""How does a part do? Asked on the wire, as its clients will."""

import contextlib
import enum
import functools
import json
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local.settings import HOST

TIMEOUT = 2.0
MOST = 64 << 10
HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# A frame's head: three bytes of length, type, flags, four bytes of stream. 4 is SETTINGS.
SETTINGS = 4
EMPTY_SETTINGS = bytes([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])


class Health(enum.Enum):
    """What a part's answer says."""

    WELL = "answers"
    UNWELL = "answers that it cannot work"
    SILENT = "does not answer"


Judge = Callable[[bytes, bool], Health | None]


@dataclass(frozen=True)
class Probe:
    """A question on the wire.

    Attributes:
        port: where it is asked.
        question: gives what is sent; an OSError counts as no answer.
        judge: what the bytes of an answer mean, and whether more can come; None while it is open.
    """

    port: int
    question: Callable[[], bytes]
    judge: Judge

    def is_ready(self) -> bool:
        """Ask, and tell whether the part is well; waits for the answer for TIMEOUT at most."""
        deadline = time.monotonic() + TIMEOUT
        with contextlib.closing(Asking(self)) as asking:
            while (found := asking.look()) is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                asking.wait(left)
        return found is Health.WELL


def http(port: int, path: str) -> Probe:
    """Ask by GET; 200 is well, any other answer is not."""
    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"
    return Probe(port, head.encode, _judge_http)


def grpc(port: int) -> Probe:
    """Ask an HTTP/2 server to greet us with its settings, which a gRPC server does."""
    return Probe(port, lambda: HTTP2_PREFACE + EMPTY_SETTINGS, _judge_settings)


def jetstream(port: int, token_file: Path) -> Probe:
    """Ask NATS, which has to take our token, for something that only JetStream knows.

    By NATS' own protocol: the server's monitoring over HTTP would be open to any web page.
    """
    return Probe(port, functools.partial(_jetstream_question, token_file), _judge_jetstream)


def _jetstream_question(token_file: Path) -> bytes:
    login = json.dumps({"verbose": False, "auth_token": token_file.read_text().strip()})
    lines = (f"CONNECT {login}", "SUB probe 1", "PUB $JS.API.INFO probe 0", "", "")
    return "\r\n".join(lines).encode()


def _judge_jetstream(answer: bytes, ended: bool) -> Health | None:  # noqa: FBT001 - a Judge
    for line in answer.splitlines():
        if line.startswith(b"MSG "):
            return Health.WELL
        if line.startswith(b"-ERR "):
            return Health.UNWELL
    return Health.SILENT if ended else None


def _judge_http(answer: bytes, ended: bool) -> Health | None:  # noqa: FBT001 - a Judge
    line, full, _ = answer.partition(b"\r\n")
    if full:
        return Health.WELL if line.split()[1:2] == [b"200"] else Health.UNWELL
    return Health.SILENT if ended else None


def _judge_settings(answer: bytes, ended: bool) -> Health | None:  # noqa: FBT001 - a Judge
    if len(answer) >= 9:
        return Health.WELL if answer[3] == SETTINGS else Health.UNWELL
    return Health.SILENT if ended else None


class Asking:
    """One question under way; it never waits unless it is told to."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._left: bytes | None = None  # the question, once it is known
        self._answer = b""
        self._socket = socket.socket()
        self._socket.settimeout(0)
        with contextlib.suppress(OSError):  # under way, or refused: the next look finds out
            self._socket.connect((HOST, probe.port))

    def look(self) -> Health | None:
        """Return what is known by now; None while the answer is still awaited."""
        try:
            ended = self._exchange()
        except BlockingIOError:
            ended = False
        except OSError:
            return Health.SILENT
        return self._probe.judge(self._answer, ended)

    def _exchange(self) -> bool:
        """Send what is left, take what has come; tell whether the other side has ended."""
        failed = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            raise OSError(failed, "refused")
        if self._left is None:
            self._left = self._probe.question()
        while self._left:
            self._left = self._left[self._socket.send(self._left) :]
        while len(self._answer) < MOST:
            piece = self._socket.recv(MOST)
            if not piece:
                return True
            self._answer += piece
        return False

    def wait(self, seconds: float) -> None:
        """Wait until there is something to look at, or the time is over."""
        sends = [self._socket] if self._left != b"" else []
        select.select([self._socket], sends, [], seconds)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
