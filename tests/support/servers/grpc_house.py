"""Clients of Mayfly's own gRPC services, from the schema in the repository."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from functions.kit.grpc.schemas import Schemas
from functions.prediction.transport.grpc.training import NAME as TRAINING
from functions.prediction.wiring.by_grpc import SCHEMAS
from tests.support.processes import PATIENCE


class TrainingClient:
    """What a client that was generated from `mayfly/v1/training.proto` can do.

    Args:
        channel: to the server.
        key: an API key; None for none.
    """

    def __init__(self, channel: grpc.Channel, key: str | None) -> None:
        self._schemas = Schemas(SCHEMAS)
        self._channel = channel
        self._metadata = [("authorization", f"Bearer {key}")] if key else []

    def message(self, name: str, /, **fields: Any) -> Any:
        """Return a message."""
        return self._schemas.message(f"mayfly.v1.{name}")(**fields)

    def upload(self, *pieces: bytes, **fields: Any) -> Any:
        """Upload a file in pieces."""
        first, *rest = pieces
        messages = [self.message("UploadDatasetRequest", chunk=first, **fields)]
        messages += [self.message("UploadDatasetRequest", chunk=one) for one in rest]
        return self.send(iter(messages))

    def send(self, messages: Iterator[Any]) -> Any:
        """Upload what messages hold."""
        call = self._method(self._channel.stream_unary, "UploadDataset")
        return call(messages, metadata=self._metadata, timeout=PATIENCE)

    def call(self, method: str, /, **fields: Any) -> Any:
        """Call a method that gives one message."""
        call = self._method(self._channel.unary_unary, method)
        return call(self._request(method, fields), metadata=self._metadata, timeout=PATIENCE)

    def watch(self, job: str) -> Any:
        """Return the messages of a job as they come; it may be cancelled."""
        call = self._method(self._channel.unary_stream, "WatchJob")
        asked = self._request("WatchJob", {"id": job})
        return call(asked, metadata=self._metadata, timeout=PATIENCE)

    def _request(self, method: str, fields: dict[str, Any]) -> Any:
        return self._schemas.method(TRAINING, method).taken(**fields)

    def _method(self, kind: Callable[..., Any], name: str) -> Any:
        method = self._schemas.method(TRAINING, name)
        return kind(
            f"/{TRAINING}/{name}",
            request_serializer=method.taken.SerializeToString,
            response_deserializer=method.given.FromString,
        )
