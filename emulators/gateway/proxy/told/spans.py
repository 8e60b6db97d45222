"""Spans of calls, exported over OTLP/HTTP. Imported only where an endpoint is set.

OpenTelemetry's own variables (``OTEL_...``) say where to, how many, and how often. Ending a span
puts it on a queue of bounded length; a thread of the exporter's sends batches, so neither a slow
collector nor a lost one is felt by a call.
"""

import asyncio
import threading
from time import monotonic, time_ns
from typing import Literal

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from emulators.gateway.http.heads import request_line
from emulators.gateway.proxy.told.record import CallRecord

FLUSH_LIMIT = 5.0  # seconds that the last spans have at the end
_SERVER_ERROR = 500
_KINDS = {"call": SpanKind.SERVER, "accept": SpanKind.PRODUCER, "queued": SpanKind.CONSUMER}
_propagator = TraceContextTextMapPropagator()


class CallSpan:
    """The span of one call (or of its acceptance into the queue), begun.

    Attributes:
        trace: The trace's id.
        field: The ``traceparent`` to pass on: it names this span as the parent.
    """

    __slots__ = ("_spans", "field", "span", "trace")

    def __init__(self, spans: "Spans", span: Span, given: bytes | None) -> None:
        self._spans = spans
        self.span = span
        context = span.get_span_context()
        self.trace = b"%032x" % context.trace_id
        unrecorded = context.is_valid and not span.is_recording()
        self.field = b"00-%032x-%016x-%02x" % (
            context.trace_id,
            context.span_id,
            context.trace_flags,
        )
        if unrecorded and given is not None:
            self.field = given  # a span that nobody will see is nobody's parent

    def end(self, call: CallRecord, status: int) -> None:
        """End the span of a call that is over."""
        if self.span.is_recording():
            method, path = request_line(call.head)
            self._describe(method, call.function_label, call.call_id, status)
            self.span.set_attributes(
                {
                    "url.path": path.decode("latin-1"),
                    "url.scheme": "http",
                    "faas.version": call.revision_name,
                    "faas.instance": call.served_by,
                    "faas.coldstart": call.cold,
                }
            )
            if call.cold:
                self._spans.cold_start(self.span, call)
        self.span.end()

    def end_accepted(self, function: str, call_id: str, status: int) -> None:
        """End the span of a call that was taken into the queue, or was not."""
        if self.span.is_recording():
            self._describe(b"POST", function, call_id.encode("latin-1", "replace"), status)
        self.span.end()

    def _describe(self, method: bytes, function: str, call_id: bytes, status: int) -> None:
        self.span.update_name(f"{method.decode('latin-1')} {function}")
        self.span.set_attributes(
            {
                "http.request.method": method.decode("latin-1"),
                "http.response.status_code": status,
                "faas.name": function,
                "faas.invocation_id": call_id.decode("latin-1"),
            }
        )
        if status >= _SERVER_ERROR:
            self.span.set_status(Status(StatusCode.ERROR))


class Spans:
    """Begins spans and sends those that are over."""

    def __init__(self) -> None:
        resource = Resource.create({SERVICE_NAME: "mayfly-gateway"})
        self._provider = TracerProvider(
            resource=resource.merge(OTELResourceDetector().detect()), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("emulators.gateway")

    def begin(self, given: bytes | None, kind: Literal["call", "accept", "queued"]) -> CallSpan:
        """Begin a span.

        Args:
            given: A right ``traceparent``, whose span is the parent; None begins a trace.
            kind: What it is a span of.
        """
        carrier = {} if given is None else {"traceparent": given.decode("latin-1")}
        context = _propagator.extract(carrier)
        return CallSpan(self, self._tracer.start_span(kind, context, _KINDS[kind]), given)

    def cold_start(self, parent: Span, call: CallRecord) -> None:
        """Record the wait for a replica's start, a part of its call, as a child span."""
        offset = time_ns() - int(monotonic() * 1e9)
        context = set_span_in_context(parent)
        begun = offset + int(call.begun * 1e9)
        span = self._tracer.start_span("cold start", context, start_time=begun)
        span.set_attribute("faas.instance", call.served_by)
        span.end(offset + int(call.assigned_at * 1e9))

    async def close(self) -> None:
        """Send what is left, for a bounded time: a collector that hangs holds nothing up."""
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def shut() -> None:
            self._provider.shutdown()
            if not loop.is_closed():
                loop.call_soon_threadsafe(done.set)

        # Not the loop's executor: its end would wait for this thread.
        threading.Thread(target=shut, daemon=True).start()
        try:
            async with asyncio.timeout(FLUSH_LIMIT):
                await done.wait()
        except TimeoutError:
            return
