"""Errors as they stand within an answer over gRPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from emulators.firestore.model.protocol import Status

if TYPE_CHECKING:
    from emulators.firestore.model.errors import FirestoreError


def status_of(error: FirestoreError) -> Any:
    """Return the `google.rpc.Status` of an error."""
    (code, _) = grpc.StatusCode[error.status].value
    return Status(code=code, message=str(error))
