"""A function's log that ends before it is whole."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from click.testing import CliRunner

from infra.local.commands import logs
from infra.local.deploying.gateway import Gateway
from infra.local.errors import LocalError
from infra.local.platforms import PLATFORMS
from infra.local.stack import daemon, home
from tests.support.servers import sources

LINE = b'{"instance": "a-1", "text": "hello"}\n'
ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(LINE), LINE)


def test_what_came_is_shown_and_the_end_is_an_error(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("x")
    with sources.breaking_off(ANSWER) as url:
        stack: Any = SimpleNamespace(
            gateway_url=url, password_file=password, platform=PLATFORMS["local"]
        )
        lines = logs._function_lines(stack, "hello", 5, follow=True)
        assert next(lines) == "a-1 hello"
        with pytest.raises(LocalError, match="The log of hello broke off"):
            next(lines)


FOUND = [
    {"time": "2026-11-28T06:00:02Z", "service": "web", "level": "error", "text": "second"},
    {"time": "2026-11-28T06:00:01Z", "service": "monitoring", "level": "warning", "text": "first"},
]


class SearchedGateway:
    """A gateway that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def search_logs(self, asked: dict[str, Any]) -> list[dict[str, str]]:
        self.asked.append(asked)
        return FOUND


def test_every_log_is_searched_and_the_newest_line_is_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = SearchedGateway()
    monkeypatch.setattr(daemon, "current", object)
    monkeypatch.setattr(home, "password", lambda _: "x")
    monkeypatch.setattr(logs, "gateway_of", lambda *_, **__: gateway)
    done = CliRunner().invoke(logs.command, ["--search", "not taken", "--since", "1h", "-n", "5"])
    assert done.output.splitlines() == [
        "2026-11-28T06:00:01Z monitoring warning: first",
        "2026-11-28T06:00:02Z web error: second",
    ]
    assert gateway.asked == [{"text": "not taken", "since": "1h", "name": "", "limit": 5}]
    CliRunner().invoke(logs.command, ["monitoring", "--level", "warning"])
    assert gateway.asked[1] == {"level": "warning", "name": "monitoring", "limit": 50}


def test_a_search_is_not_followed() -> None:
    done = CliRunner().invoke(logs.command, ["--trace", "0" * 32, "-f"])
    assert isinstance(done.exception, LocalError)


def test_the_gateway_says_what_is_wrong_with_a_search() -> None:
    body = json.dumps({"detail": "level='x' is none"}).encode()
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    refused = pytest.raises(LocalError, match="level='x' is none")
    with sources.breaking_off(answer) as url, Gateway(url, "x") as gateway, refused:
        gateway.search_logs({"level": "x"})
