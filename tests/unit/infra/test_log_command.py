"""A function's log that ends before it is whole."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local.commands import logs
from infra.local.errors import LocalError
from infra.local.platforms import PLATFORMS
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
