"""OpenFaaS's classic watchdog: a command that runs once for each request.

The request's body is its standard input, what it writes is the answer. See the README of
openfaas/classic-watchdog, whose words (also those in the log) are kept.
"""

import base64
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from emulators.gateway.runtimes import view
from emulators.gateway.runtimes.forking import messages, parentage
from emulators.gateway.runtimes.packages.layer import environment_with
from emulators.gateway.runtimes.programs import commands
from emulators.gateway.runtimes.programs.runner import Ended, Runner, exit_words
from emulators.gateway.service.runtime import SECRETS_VARIABLE
from emulators.gateway.specs.watchdog import WatchdogSettings, settings_from

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_HEALTH = ("/_/health", "/_/ready")
_SECRETS = f"{view.PLACE}/"
_PIECE = 64 * 1024
_GATEWAY_GONE = 70

Answering = Callable[[str, list[tuple[str, str]]], object]


class Watchdog:
    """The WSGI application.

    Args:
        runner: Runs the command.
        settings: What the function's environment says.
        env: What every run sees.
    """

    def __init__(self, runner: Runner, settings: WatchdogSettings, env: Mapping[str, str]) -> None:
        self._runner = runner
        self._settings = settings
        self._env = {name: os.fsencode(value) for name, value in env.items()}

    def __call__(self, environ: dict[str, Any], answer: Answering) -> list[bytes]:
        """Answer one request."""
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] in _HEALTH:
            allowed = method == "GET"
            return _text(answer, 200 if allowed else 405, b"OK" if allowed else b"")
        if method not in _METHODS:
            return _text(answer, 405, b"")
        body = self._read(environ)
        if body is None:
            return _text(answer, 400, b"the body was not there within read_timeout\n")
        return self._run(environ, body, answer)

    def _run(self, environ: dict[str, Any], body: bytes, answer: Answering) -> list[bytes]:
        _say("Forking fprocess.")
        env = self._env | (request_variables(environ) if self._settings.cgi_headers else {})
        given = marshalled(environ, body) if self._settings.marshal_request else body
        try:
            ended = self._runner.run(given, env)
        except OSError as error:
            _say(f"Error={error}")
            return _text(answer, 500, f"{error}\n".encode())
        except ValueError:  # %00 in the path, which no variable can have
            return _text(answer, 400, b"a NUL in the request's path cannot be in the environment\n")
        self._log(ended)
        if ended.late:
            status = 408 if ended.late == "exec_timeout" else 504
            return _text(answer, status, b"Killed process.\n")
        if ended.code:
            return _text(answer, 500, exit_words(ended.code).encode() + b"\n" + ended.output)
        kind = self._settings.content_type or environ.get("CONTENT_TYPE") or _kind(ended.output)
        return _give(answer, 200, kind, ended.output)

    def _read(self, environ: dict[str, Any]) -> bytes | None:
        limit = self._settings.read_timeout
        began, pieces = time.monotonic(), []
        while piece := environ["wsgi.input"].read(_PIECE):
            pieces.append(piece)
            if limit and time.monotonic() - began > limit:
                return None
        return b"".join(pieces)

    def _log(self, ended: Ended) -> None:
        if ended.errors:
            _say(f"stderr: {ended.errors.decode(errors='replace').rstrip()}")
        if ended.late:
            _say(f"Killed process: {ended.late} is over")
        elif ended.code and self._settings.write_debug:
            _say(f"Success=False, Error={exit_words(ended.code)}")
        if self._settings.write_debug:
            _say(f"Out={ended.output.decode(errors='replace').rstrip()}")
        if not ended.late and not ended.code:
            _say(f"Wrote {len(ended.output)} Bytes - Duration: {ended.seconds:f}s")


def load(start: messages.Start) -> tuple[Watchdog, Runner]:
    """Make the application for a replica, and tie what it runs to the replica's life.

    Raises:
        CommandError: When the command cannot be run here.
    """
    env = environment_with(start.layer, commands.environment_of(start.env))
    secrets = env.get(SECRETS_VARIABLE)
    words = [word.replace(_SECRETS, f"{secrets}/") if secrets else word for word in start.fprocess]
    settings = settings_from(env)
    runner = Runner(commands.resolved(words, env), settings)
    parentage.die_with_parent(signal.SIGHUP)  # with what runs, which the kernel's kill would leave
    signal.signal(signal.SIGHUP, lambda *_: _abandon(runner))
    return Watchdog(runner, settings, env), runner


def request_variables(environ: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the request as variables: ``Http_Method``, ``Http_X_Forwarded_For``, ..."""
    found = {_name(key): value for key, value in environ.items() if key.startswith("HTTP_")}
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            found[_name(f"HTTP_{key}")] = environ[key]
    length = "-1" if "HTTP_TRANSFER_ENCODING" in environ else environ.get("CONTENT_LENGTH") or "0"
    found |= {
        "Http_Method": environ["REQUEST_METHOD"],
        "Http_ContentLength": length,
        "Http_Content_Length": length,
    }
    if environ.get("QUERY_STRING"):
        found["Http_Query"] = environ["QUERY_STRING"]
    if environ.get("PATH_INFO"):
        found["Http_Path"] = environ["PATH_INFO"]
    return {name: value.encode("latin-1") for name, value in found.items()}


def marshalled(environ: Mapping[str, Any], body: bytes) -> bytes:
    """Return the head and the body as one JSON object, the body in base64."""
    header = {
        _name(key).removeprefix("Http_").replace("_", "-"): [value]
        for key, value in environ.items()
        if key.startswith("HTTP_") and key != "HTTP_HOST"
    }
    raw = base64.b64encode(body).decode()
    return json.dumps({"header": header, "body": {"raw": raw}}).encode()


def _name(key: str) -> str:
    """Write ``HTTP_X_CALL_ID`` as ``Http_X_Call_Id``."""
    return "_".join(part.capitalize() for part in key.split("_"))


def _kind(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain; charset=utf-8"


def _text(answer: Answering, status: int, content: bytes) -> list[bytes]:
    return _give(answer, status, "text/plain; charset=utf-8", content)


def _give(answer: Answering, status: int, kind: str, content: bytes) -> list[bytes]:
    answer(f"{status} ", [("content-type", kind), ("content-length", str(len(content)))])
    return [content]


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _abandon(runner: Runner) -> None:
    runner.end_all()
    os._exit(_GATEWAY_GONE)
