"""Handlers of OpenFaaS's Python templates: python3-http and python3-flask, with their debian kinds.

After the ``index.py`` of openfaas/python-flask-template, behind of-watchdog in http mode: the same
Flask app, made of ``handler.py`` in the package ``function``, with the working folder above it.
"""

import importlib
import inspect
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulators.gateway.runtimes.programs.commands import CommandError

_HTTP = ("GET", "PUT", "POST", "PATCH", "DELETE")
_FLASK = ("GET", "POST")
_HEALTH = ("/_/health", "/_/ready")  # which of-watchdog answers


class Event:
    """What a handler is told of a request.

    Attributes:
        body: bytes.
        headers: as Flask has them.
        method: in capitals.
        query: the parsed query string, as Flask has it.
        path: without the query.
    """

    def __init__(self, request: Any) -> None:
        self.body: bytes = request.get_data()
        self.headers = request.headers
        self.method: str = request.method
        self.query = request.args
        self.path: str = request.path


class Context:
    """What a handler is told of itself.

    Attributes:
        hostname: its replica's name.
    """

    def __init__(self) -> None:
        self.hostname = os.getenv("HOSTNAME", "localhost")


def load(folder: str, replica: str) -> Any:
    """Import a handler, and return the WSGI app that its template makes of it.

    Args:
        folder: The package: it has ``handler.py``.
        replica: Name of the replica, which is its host's name where nothing else is said.

    Raises:
        CommandError: When ``handler.py`` has no function ``handle`` of one or two arguments.
    """
    import flask  # noqa: PLC0415 - preloaded by the zygote, else not needed

    os.environ.setdefault("HOSTNAME", replica)
    home = str(Path(folder).parent)
    _make_package(Path(folder))
    handler = importlib.import_module(f"{Path(folder).name}.handler")
    app = flask.Flask("index", root_path=home)
    view, methods = (_http(handler), _HTTP) if _takes(handler) > 1 else (_plain(handler), _FLASK)
    app.add_url_rule("/", "handle", view, methods=methods, defaults={"path": ""})
    app.add_url_rule("/<path:path>", "handle", view, methods=methods)
    for path in _HEALTH:
        app.add_url_rule(path, path, lambda: flask.Response("OK"), methods=["GET"])
    return app


def _make_package(folder: Path) -> None:
    """Make the folder the package of its name, as the templates' empty ``__init__.py`` does."""
    if (folder / "__init__.py").is_file():
        return
    package = types.ModuleType(folder.name)
    package.__path__ = [str(folder)]
    sys.modules[folder.name] = package


def _takes(handler: types.ModuleType) -> int:
    """Return how many arguments ``handle`` takes."""
    handle = getattr(handler, "handle", None)
    if not callable(handle):
        raise CommandError(
            "handler.py has no function handle(event, context), nor handle(req): write one"
        )
    taken = 0
    for parameter in inspect.signature(handle).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            return 2
        taken += parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    if taken not in (1, 2):
        raise CommandError(
            f"handler.py: handle takes {taken} arguments: write handle(event, context), "
            "or handle(req)"
        )
    return taken


def _http(handler: types.ModuleType) -> Callable[..., Any]:
    """Return the view of python3-http."""
    import flask  # noqa: PLC0415 - see load

    def view(path: str) -> Any:  # noqa: ARG001 - Flask's rule has it
        return _response(handler.handle(Event(flask.request), Context()))

    return view


def _plain(handler: types.ModuleType) -> Callable[..., Any]:
    """Return the view of python3-flask: the body goes in, as text unless ``RAW_BODY`` is set."""
    import flask  # noqa: PLC0415 - see load

    raw = os.getenv("RAW_BODY", "false")
    as_bytes = raw.lower() == "true" or raw == "1"

    def view(path: str) -> Any:  # noqa: ARG001 - Flask's rule has it
        request = flask.request
        return handler.handle(request.get_data() if as_bytes else request.get_data(as_text=True))

    return view


def _response(answer: Any) -> Any:
    """Return what Flask makes an answer of; what is no dict is Flask's to understand."""
    if answer is None:
        return "", 200
    if type(answer) is not dict:
        return answer
    headers = answer.get("headers", [])
    if type(headers) is dict:
        headers = list(headers.items())
    return _body(answer), answer.get("statusCode", 200), headers


def _body(answer: dict[str, Any]) -> Any:
    import flask  # noqa: PLC0415 - see load

    if "body" not in answer:
        return ""
    body = answer["body"]
    return flask.jsonify(body) if type(body) is dict else str(body)
