"""Everything that a call can answer other than success; each names its gRPC status."""

from __future__ import annotations

from typing import ClassVar


class FirestoreError(Exception):
    """Base of the errors that a client is meant to see.

    `status` is the name of a `grpc.StatusCode` member.
    """

    status: ClassVar[str] = "UNKNOWN"


class InvalidArgumentError(FirestoreError):
    """The request makes no sense, whatever the database holds."""

    status = "INVALID_ARGUMENT"


class TooLargeError(InvalidArgumentError):
    """A document with what is written to it, and what it holds already, would be too large."""


class NotFoundError(FirestoreError):
    """A document that must exist does not."""

    status = "NOT_FOUND"


class AlreadyExistsError(FirestoreError):
    """A document that must not exist does."""

    status = "ALREADY_EXISTS"


class FailedPreconditionError(FirestoreError):
    """The state of the database does not allow the call."""

    status = "FAILED_PRECONDITION"


class AbortedError(FirestoreError):
    """A transaction met a rival; it may be tried again."""

    status = "ABORTED"


class PermissionDeniedError(FirestoreError):
    """The caller may not do that."""

    status = "PERMISSION_DENIED"


class ResourceExhaustedError(FirestoreError):
    """There is no room for what the call would store; it stored nothing."""

    status = "RESOURCE_EXHAUSTED"


class UnavailableError(FirestoreError):
    """The emulator is going away; the call did nothing and may be sent again."""

    status = "UNAVAILABLE"


class UnimplementedError(FirestoreError):
    """A part of the protocol that this emulator does not have."""

    status = "UNIMPLEMENTED"
