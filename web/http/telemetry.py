"""What is told of each request: a count for who scrapes `/metrics`, its trace, and a span of it."""

import hmac
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import prometheus_client
from flask import Flask, Response, abort, g, request
from prometheus_client import Histogram

from web.client import traces

if TYPE_CHECKING:
    from web.http import spans

SECONDS = Histogram(
    "mayfly_web_seconds",
    "Time to answer a request (until its head, where it streams), by route, method and status.",
    ["route", "method", "code"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_UNKNOWN = "unknown"


def add(app: Flask, key_file: Path | None, env: Mapping[str, str] = os.environ) -> None:
    """Count and trace every request of `app`; add its `/metrics`, for the key in `key_file`."""
    span = _spans(env)

    def begin() -> None:
        g.began = time.perf_counter()
        field = traces.begin(request.headers.get(traces.TRACEPARENT))
        g.span = span(field, request) if span is not None else None

    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule is not None else _UNKNOWN
        method = request.method if request.url_rule is not None else _UNKNOWN
        seconds = time.perf_counter() - g.began
        SECONDS.labels(route, method, str(response.status_code)).observe(seconds)
        if g.span is not None:
            g.span.end(route, response.status_code)
        return response

    def metrics() -> Response:
        """Give this process's metrics to who shows the owner's key."""
        if not _is_shown(key_file, request.headers.get("Authorization", "")):
            abort(401, "Show the owner's key: Authorization: Bearer mfk_...")
        text = prometheus_client.generate_latest()
        return Response(text, content_type=prometheus_client.CONTENT_TYPE_LATEST)

    app.before_request(begin)
    app.after_request(count)
    app.add_url_rule("/metrics", "metrics", metrics)


def _spans(env: Mapping[str, str]) -> "Callable[..., spans.RequestSpan] | None":
    """Return what begins spans; None where none are exported: the library is for who does."""
    off = env.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if off or not any(env.get(name, "").strip() for name in ENDPOINTS):
        return None
    from web.http import spans  # noqa: PLC0415 - see above

    return spans.Spans().begin


def _is_shown(key_file: Path | None, authorization: str) -> bool:
    """Tell whether a request shows the key that lies in the file, without a call of a function."""
    kind, _, given = authorization.partition(" ")
    if key_file is None or kind.lower() != "bearer" or not key_file.is_file():
        return False
    key = key_file.read_text().strip()
    return bool(key) and hmac.compare_digest(given.strip().encode(), key.encode())
