"""Spans of requests, exported over OTLP/HTTP. Imported only where an endpoint is set.

OpenTelemetry's own variables (`OTEL_...`) say where to, how many, and how often.
"""

from flask import Request
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from web.client import traces

_SERVER_ERROR = 500
_propagator = TraceContextTextMapPropagator()


class RequestSpan:
    """The span of one request, begun.

    Args:
        span: it.
        method: the request's.
        path: its path.
    """

    def __init__(self, span: Span, method: str, path: str) -> None:
        self._span = span
        self._method = method
        self._path = path

    def end(self, route: str, status: int) -> None:
        """End the span of a request that was answered with a status."""
        self._span.update_name(f"{self._method} {route}")
        self._span.set_attributes(
            {
                "http.request.method": self._method,
                "http.response.status_code": status,
                "http.route": route,
                "url.path": self._path,
                "url.scheme": "http",
            }
        )
        if status >= _SERVER_ERROR:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class Spans:
    """Begins spans, and sends those that are over."""

    def __init__(self) -> None:
        resource = Resource.create({SERVICE_NAME: "mayfly-web"})
        provider = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = provider.get_tracer("web")

    def begin(self, field: str, request: Request) -> RequestSpan:
        """Begin a request's span; its calls go on with it.

        Args:
            field: the `traceparent` that the request came with; any other begins a trace.
            request: it.
        """
        came = request.headers.get(traces.TRACEPARENT) == field
        context = _propagator.extract({traces.TRACEPARENT: field} if came else {})
        span = self._tracer.start_span(request.method, context, SpanKind.SERVER)
        own = span.get_span_context()
        if span.is_recording() or not came:
            traces.go_on(f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}")
        return RequestSpan(span, request.method, request.path)
