"""What goes over a connection: JSON objects, a message each."""

from typing import Annotated, Any, NamedTuple

import msgspec

from web.client.calls.prediction import route
from web.realtime.closing import Closed, Code

Id = int | Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Raws = dict[str, msgspec.Raw]


class Greeting(msgspec.Struct, forbid_unknown_fields=True):
    """The first message of a caller that is not known by the handshake.

    Attributes:
        key: an API key, or the token of a session.
        workspace: the one that is meant; empty for the key's own, or the account's home.
    """

    key: str
    workspace: str = ""


class Envelope(msgspec.Struct):
    """What a question has beside the body of the same call by HTTP.

    Attributes:
        id: the caller's own, which the answer has, too.
        model: who is asked: its champion, or what `version` or `alias` names.
        replaces: whether an older question to the same that still waits is dropped for this one.
    """

    id: Id
    model: Annotated[str, msgspec.Meta(min_length=1)]
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    alias: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    replaces: bool = False


class Told(msgspec.Struct):
    """What says of a message of ours what it is."""

    id: Id
    status: int

    @property
    def name(self) -> str:
        """What an event is called that is one."""
        return "answer" if self.status < 400 else "problem"


class Question(NamedTuple):
    """A call to make: its path below the function, and its body."""

    id: Id
    path: str
    body: bytes
    replaces: bool


class Refused(Exception):  # noqa: N818 - what happens to the question
    """A question whose id is known, and that cannot be asked."""

    def __init__(self, id_: Id, detail: str) -> None:
        super().__init__(detail)
        self.id = id_
        self.detail = detail


class _Named(msgspec.Struct):
    id: Id


_OWN = frozenset(Envelope.__struct_fields__)
_greeting = msgspec.json.Decoder(Greeting)
_envelope = msgspec.json.Decoder(Envelope)
_named = msgspec.json.Decoder(_Named)
_fields = msgspec.json.Decoder(Raws)
_encoder = msgspec.json.Encoder()


def greeting(text: bytes) -> Greeting:
    """Read who calls.

    Raises:
        Closed: it is no greeting.
    """
    try:
        return _greeting.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _check_text(text)
        remedy = 'Begin with {"key": "mfk_..."}'
        raise Closed(Code.UNKNOWN_CALLER, f"{remedy}: {error}"[:120]) from error


def question(text: bytes) -> Question:
    """Read a question.

    Raises:
        Refused: it has an id, so that it can be answered, and something else is wrong.
        Closed: nobody can tell which answer would be to it.
    """
    try:
        asked = _envelope.decode(text)
        rest = {name: raw for name, raw in _fields.decode(text).items() if name not in _OWN}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(_id_of(text), f"{error}.") from error
    if asked.version is not None and asked.alias is not None:
        raise Refused(asked.id, "It names a version and an alias; name one of them, or neither.")
    path = route(asked.model, asked.version, "predict", asked.alias)
    return Question(asked.id, path, _encoder.encode(rest), asked.replaces)


def _id_of(text: bytes) -> Id:
    try:
        return _named.decode(text).id
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _check_text(text)
        raise Closed(Code.UNREADABLE, f"A message is JSON with an id: {error}"[:120]) from error


def _check_text(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise Closed(Code.NOT_TEXT, "Text is UTF-8.") from error


def ready(**bounds: Any) -> bytes:
    """Return what a caller hears once it is known: where it is, and its bounds."""
    return _encoder.encode({"ready": bounds})


def answer(id_: Id, status: int, body: bytes, retry_after: str = "") -> bytes:
    """Return the answer to a question.

    Args:
        id_: the question's.
        status: what HTTP would have said.
        body: the JSON that HTTP would have given.
        retry_after: whole seconds, where HTTP would have named some.
    """
    told: dict[str, Any] = {"id": id_, "status": status}
    told["answer" if status < 400 else "problem"] = msgspec.Raw(body)
    if retry_after.isdecimal():
        told["retry_after"] = int(retry_after)
    return _encoder.encode(told)


def problem(status: int, title: str, detail: str) -> bytes:
    """Return a problem document (RFC 9457) of our own."""
    return _encoder.encode(
        {"type": "about:blank", "title": title, "status": status, "detail": detail}
    )
