"""One base for what the gateway refuses, and its one shape on the wire."""

import http

import msgspec

# What msgspec raises for bytes that it cannot read, or that are not of the type.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class GatewayError(Exception):
    """A refusal that a client can act on.

    Args:
        status: HTTP status of the answer.
        message: What is wrong, naming the thing.
        remedy: What to do about it.
        retry_after: Seconds after which a new try makes sense.
    """

    def __init__(
        self, status: int, message: str, remedy: str = "", *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.remedy = remedy
        self.retry_after = retry_after

    def body(self) -> bytes:
        """The problem document (RFC 9457) for this refusal."""
        problem = {
            "type": "about:blank",
            "title": http.HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.message,
        }
        if self.remedy:
            problem["remedy"] = self.remedy
        return msgspec.json.encode(problem)


def not_found(name: str, known: list[str]) -> GatewayError:
    """The refusal for a function that is not deployed."""
    listed = ", ".join(sorted(known)[:20]) or "none"
    return GatewayError(
        404,
        f"there is no function named {name!r}",
        f"deploy it first, or use one of the deployed functions: {listed}",
    )
