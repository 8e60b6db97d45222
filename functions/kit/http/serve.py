"""Puts a function together: settings, access, logs; and the WSGI app for a container."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import functions_framework
from granian import Granian
from granian.constants import Interfaces

from functions.kit.adapters import logs
from functions.kit.adapters.api_keys import KeyRing, with_first_key
from functions.kit.adapters.config import Settings, setting
from functions.kit.adapters.firestore import find_key
from functions.kit.http import wsgi
from functions.kit.http.api import Api
from functions.kit.http.auth import Access
from functions.kit.http.broken_responses import BrokenResponses


def new_api(name: str, summary: str, settings: Settings) -> Api:
    """Return an API without routes, guarded by the stored keys and the step secret."""
    logs.setup(name)
    guard = Access(
        name, settings.step_secret, KeyRing(with_first_key(settings.first_key, find_key)).caller
    )
    api = Api(name, summary, guard, settings.max_json_bytes)
    wsgi.answer_unrouted(api)
    return api


def container_app(env: Mapping[str, str] = os.environ) -> Callable[..., Any]:
    """Return the WSGI app of the function that the image holds (`granian --factory`)."""
    source = env.get("FUNCTION_SOURCE", "main.py")
    target = env.get("FUNCTION_TARGET", "handle")
    return BrokenResponses(functions_framework.create_app(target=target, source=source))


def main() -> None:
    """Serve the image's function on PORT with one granian worker."""
    port = setting(os.environ, "PORT", int, 8080)
    Granian(
        "functions.kit.http.serve:container_app",
        address="0.0.0.0",  # noqa: S104 - inside a container, the way in is the published port
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        websockets=False,
        blocking_threads=setting(os.environ, "THREADS", int, 8),
    ).serve()


if __name__ == "__main__":
    main()
