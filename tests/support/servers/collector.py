"""A collector of spans: OTLP over HTTP with protobuf, as OpenTelemetry's exporters send them."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """Takes spans; while it hangs, it answers nobody."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.services: set[str] = set()
        self.service_of: dict[bytes, str] = {}  # by the span's id
        self.paths: queue.Queue[str] = queue.Queue()
        self.goes_on = threading.Event()
        self.goes_on.set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.paths.put(self.path)
                collector.goes_on.wait(60)
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def take(self, request: ExportTraceServiceRequest) -> None:
        for group in request.resource_spans:
            resource = {a.key: a.value.string_value for a in group.resource.attributes}
            self.services.add(resource["service.name"])
            for scope in group.scope_spans:
                self.service_of |= {s.span_id: resource["service.name"] for s in scope.spans}
                self.spans += scope.spans

    def close(self) -> None:
        self.goes_on.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def of(self, function: str) -> list[Span]:
        wanted = f"{function}.openfaas-fn"
        return [s for s in self.spans if attributes(s).get("faas.name") == wanted]


def attributes(span: Span) -> dict[str, Any]:
    kinds = ((a.key, a.value, a.value.WhichOneof("value")) for a in span.attributes)
    return {key: getattr(value, str(kind)) for key, value, kind in kinds}
