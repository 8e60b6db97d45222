"""Whether spans are exported, by OpenTelemetry's own variables; what does so costs nobody else."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from functions.kit.adapters.config import ConfigError
from functions.kit.adapters.once import Once

if TYPE_CHECKING:
    from functions.kit.adapters.spans import RequestSpan, Spans

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_NOT_SPANNED: AbstractContextManager[None] = nullcontext()


def is_wanted(env: Mapping[str, str]) -> bool:
    """Tell whether an endpoint is set.

    Raises:
        ConfigError: it is no address.
    """
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    for name in ENDPOINTS:
        url = env.get(name, "").strip()
        if url and not url.startswith(("http://", "https://")):
            raise ConfigError(f"{name}={url!r}: http://host:port of a collector is wanted.")
        if url:
            return True
    return False


@Once
def _spans() -> "Spans":
    from functions.kit.adapters.spans import Spans  # noqa: PLC0415 - slow, and for who exports

    return Spans()


class Tracing:
    """Begins spans where they are exported.

    Args:
        env: the environment.
    """

    def __init__(self, env: Mapping[str, str] = os.environ) -> None:
        self.on = is_wanted(env)

    def request(self, field: str) -> "RequestSpan | None":
        """Begin the span of a request that came with a `traceparent`; None where there are none."""
        return _spans().request(field) if self.on else None

    def call(self, name: str, **attributes: str) -> AbstractContextManager[None]:
        """Return the span of a call to another, which is its context."""
        return _spans().call(name, attributes) if self.on else _NOT_SPANNED


@Once
def tracing() -> Tracing:
    """Return this process's."""
    return Tracing()
