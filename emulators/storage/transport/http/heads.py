"""The heads of answers, as they are sent."""

from http import HTTPStatus

from emulators.storage.transport.http.messages import Response

_WITHOUT_BODY = frozenset((204, 304))
_OWN_PHRASES = {308: "Resume Incomplete", 499: "Client Closed Request"}


def head_of(response: Response, length: str, *, keep: bool) -> bytes:
    """Return the head of an answer; `length` is the field that frames its body."""
    lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
    lines += [f"{name}: {_field_text(value)}" for name, value in response.headers.items()]
    if response.status not in _WITHOUT_BODY:
        lines.append(length)
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _phrase(status: int) -> str:
    return _OWN_PHRASES.get(status) or HTTPStatus(status).phrase


def _field_text(value: str) -> str:
    """Return a value as it may be sent: one line of Latin-1; it may be an uploader's own."""
    if value.isascii() and value.isprintable():
        return value
    text = " ".join(value.splitlines()).replace("\0", " ")
    return text.encode("latin-1", "replace").decode("latin-1")
