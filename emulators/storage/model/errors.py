"""What can go wrong, in the API's words; the transport knows which status each of them is."""


class StorageError(Exception):
    """A refusal; its text is for whoever called."""


class NotFoundError(StorageError):
    """There is no such bucket, object, generation or upload."""


class ConflictError(StorageError):
    """It is there already, or it is not empty."""


class InvalidError(StorageError):
    """The request does not make sense."""


class ForbiddenError(StorageError):
    """A hold or a retention policy forbids it."""


class PreconditionFailedError(StorageError):
    """The object or bucket is not as the caller expects it to be."""


class NotModifiedError(StorageError):
    """The caller has it already."""


class UnsatisfiableError(StorageError):
    """The range begins behind the end.

    Args:
        size: How many bytes there are.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"The requested range cannot be satisfied: there are {size} bytes.")
        self.size = size


class TooLargeError(StorageError):
    """It is larger than the service takes."""


class NoRoomError(StorageError):
    """The disk is full."""


class UnsupportedError(StorageError):
    """The real service does this, the emulator does not."""


class NoRouteError(StorageError):
    """There is nothing at this address."""


class CancelledError(StorageError):
    """The upload was cancelled, as was asked for."""


class InterruptedUploadError(StorageError):
    """The rest of this request's body came too late: another request went on with the upload."""


class ExpiredError(StorageError):
    """The URL was signed for a time that is over."""
