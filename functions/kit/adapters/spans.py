"""Spans of requests and of their calls, sent over OTLP/HTTP. Imported only where that is wanted.

A span that is over waits in a queue of bounded length, from which a thread sends batches: neither a
slow collector nor a lost one is felt by a request. `OTEL_SERVICE_NAME` names the function unless it
is set.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from functions.kit.contract.telemetry import traces

SERVER_ERROR = 500
_propagator = TraceContextTextMapPropagator()


class RequestSpan:
    """The span of one request, begun.

    Args:
        span: it.
    """

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, method: str, route: str, status: int) -> None:
        """End the span of a request that was answered."""
        self._span.update_name(f"{method} {route}")
        self._span.set_attributes(
            {
                "http.request.method": method,
                "http.response.status_code": status,
                "http.route": route,
            }
        )
        if status >= SERVER_ERROR:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class Spans:
    """Begins spans, and sends those that are over."""

    def __init__(self) -> None:
        name = f"mayfly-{os.environ.get('K_SERVICE', 'function')}"
        resource = Resource.create({SERVICE_NAME: name})
        provider = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = provider.get_tracer("functions.kit")

    def request(self, field: str) -> RequestSpan:
        """Begin the span of a request; its context goes on with it."""
        span = self._begin(field, SpanKind.SERVER, "request")
        _enter(span)
        return RequestSpan(span)

    @contextmanager
    def call(self, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
        """Let what is within be a call to another, with a span of its own."""
        before = traces.came_with.get()
        span = self._begin(traces.current(), SpanKind.CLIENT, name)
        span.set_attributes(dict(attributes))
        _enter(span)
        try:
            yield
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
        finally:
            span.end()
            traces.came_with.set(before)

    def _begin(self, field: str, kind: SpanKind, name: str) -> Span:
        carrier = {traces.TRACEPARENT: field} if traces.id_of(field) else {}
        return self._tracer.start_span(name, _propagator.extract(carrier), kind)


def _enter(span: Span) -> None:
    """Let the context's calls have a span as their parent; one that nobody will see is none."""
    own = span.get_span_context()
    if span.is_recording():
        field = f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"
        traces.came_with.set(field)
