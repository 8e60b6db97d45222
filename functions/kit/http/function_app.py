"""The WSGI app of the function that an image holds, whatever hands it its requests."""

from collections.abc import Callable, Mapping
from typing import Any

import functions_framework


def function_app(env: Mapping[str, str]) -> Callable[..., Any]:
    """Return the app of FUNCTION_SOURCE's FUNCTION_TARGET, as functions-framework makes it."""
    source = env.get("FUNCTION_SOURCE", "main.py")
    target = env.get("FUNCTION_TARGET", "handle")
    app: Callable[..., Any] = functions_framework.create_app(target=target, source=source)
    return app
