"""What OpenFaaS's classic watchdog reads from its environment."""

from collections.abc import Mapping

import msgspec

from emulators.gateway.specs.commands import split
from emulators.gateway.specs.durations import seconds

_DEFAULT = "30s"


class WatchdogSettings(msgspec.Struct, frozen=True):
    """How a command is run for each request. Times in seconds; 0: no limit.

    Attributes:
        exec_timeout: Until the command is killed.
        read_timeout: For the request's body to be read.
        write_timeout: For the answer to be there.
        content_type: Of every answer; empty: the request's own.
        cgi_headers: Whether the command sees the request in its environment.
        combine_output: Whether standard error is part of the answer.
        write_debug: Whether output and details go to the log.
        marshal_request: Whether the command gets head and body as one JSON object.
    """

    exec_timeout: float = 0.0
    read_timeout: float = 30.0
    write_timeout: float = 30.0
    content_type: str = ""
    cgi_headers: bool = True
    combine_output: bool = True
    write_debug: bool = False
    marshal_request: bool = False


def settings_from(env: Mapping[str, str]) -> WatchdogSettings:
    """Read the watchdog's variables; a switch that is not ``true`` is off, as in the original.

    Raises:
        Invalid: Naming the duration that cannot be read.
    """

    def time(name: str, default: str) -> float:
        return seconds(env.get(name) or default, name)

    def switch(name: str, default: str) -> bool:
        return (env.get(name) or default) == "true"

    return WatchdogSettings(
        exec_timeout=time("exec_timeout", "0s"),
        read_timeout=time("read_timeout", _DEFAULT),
        write_timeout=time("write_timeout", _DEFAULT),
        content_type=env.get("content_type", ""),
        cgi_headers=switch("cgi_headers", "true"),
        combine_output=switch("combine_output", "true"),
        write_debug=switch("write_debug", "false"),
        marshal_request=switch("marshal_request", "false"),
    )


def fprocess_from(env: Mapping[str, str], given: str = "") -> tuple[str, ...]:
    """Return the words of the function process; none where there is none.

    Args:
        env: The function's environment, where it may be ``fprocess``.
        given: What the deploy request says; it comes first.

    Raises:
        Invalid: For a quote that is not closed.
    """
    return split(given or env.get("fprocess", ""), "envProcess" if given else "fprocess")
