"""The one error that a call to a function can raise."""

from http import HTTPStatus

import httpx
import msgspec

KEY_REMEDY = "These pages use the key in MAYFLY_KEY_FILE; './mayfly up' makes it and sets it."
AWAY = frozenset({502, 503, 504})
# What msgspec raises for bytes that it cannot read, or that are not of the type.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Flaw(msgspec.Struct, omit_defaults=True, frozen=True):
    """One thing wrong with the input; `row` counts data rows from 1."""

    reason: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


class _Problem(msgspec.Struct):
    detail: str = ""
    remedy: str = ""
    error: str = ""
    errors: list[Flaw] = []

    @property
    def text(self) -> str:
        """What is wrong and what to do about it, as one text; empty when nothing was said."""
        return "; ".join(part for part in (self.detail or self.error, self.remedy) if part)


class FunctionError(Exception):
    """A function refused the call (4xx), broke (500) or did not answer (502, 503, 504)."""

    def __init__(self, status: int, detail: str, flaws: list[Flaw] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.flaws = flaws or []

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase

    def about(self, column: str) -> str | None:
        """Return what is wrong with `column`, if anything is."""
        return next((flaw.reason for flaw in self.flaws if flaw.column == column), None)


def refused(response: httpx.Response, function: str) -> FunctionError:
    """Turn an error answer, whose body has been read, into the exception."""
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except UNREADABLE:  # not from a function, nor from the gateway
        problem = _Problem()
    if response.status_code in {401, 403}:  # web's fault, not the reader's
        return FunctionError(502, f"{problem.text} {KEY_REMEDY}".strip(), problem.errors)
    detail = problem.text or _words(response.status_code, function)
    return FunctionError(response.status_code, detail, problem.errors)


def unanswered(error: httpx.TransportError, function: str, gateway: str) -> FunctionError:
    """Turn a dead or silent network into the exception."""
    if isinstance(error, httpx.TimeoutException):
        detail = (
            f"The function '{function}' took too long to answer. Try again in a moment; "
            "'./mayfly status' says how it does."
        )
        return FunctionError(504, detail)
    detail = f"Mayfly's gateway does not answer at {gateway}. Start it with './mayfly up'."
    return FunctionError(503, detail)


def garbled(function: str, error: Exception) -> FunctionError:
    """An answer that is not what the API says: two versions that do not fit, most likely."""
    detail = f"The function '{function}' gave an answer that this page cannot read: {error}."
    return FunctionError(502, f"{detail} Restart both with './mayfly up'.")


def _words(status: int, function: str) -> str:
    """Say what an answer without words of its own means, and what to do."""
    if status == 404:
        return f"The function '{function}' is not deployed. Deploy it with './mayfly up'."
    if status in AWAY:
        return (
            f"The function '{function}' is away at the moment. Try again; "
            "if it stays away, './mayfly status' says why."
        )
    return (
        f"The function '{function}' failed with status {status}. "
        f"See './mayfly logs {function}' for the reason."
    )
