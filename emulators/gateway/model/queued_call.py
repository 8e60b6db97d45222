"""An asynchronous call as it lies in the queue."""

import msgspec

from emulators.gateway.model.messages import read_message


class QueuedRequest(msgspec.Struct, frozen=True):
    """Everything needed to carry out a call later.

    Attributes:
        headers: Fields that the function gets, names in lower case.
        queued_at: Unix time in nanoseconds.
        callback: Where the answer is posted; empty for nowhere.
        sealed: Further fields, those with credentials, that only the gateway can read.
        owner: A digest of the credential that made the call; empty where there was none.
    """

    call_id: str
    function: str
    namespace: str
    method: str
    path: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    queued_at: int
    callback: str = ""
    sealed: bytes = b""
    owner: str = ""


Waiting = tuple[int, QueuedRequest]
"""A call's place in the queue, and the call."""
_TELLING = frozenset((b"traceparent", b"tracestate", b"user-agent"))
_OWN = b"x-"
_OURS = b"x-original-"


def is_callers_own(name: bytes) -> bool:
    """Tell whether a field (in lower case) may say as whom, or where, its caller calls."""
    return name.startswith(_OWN) and not name.startswith(_OURS)


def tells_of_caller(name: bytes) -> bool:
    """Tell whether a field (in lower case, no credential) is for who checks callers, too."""
    return name in _TELLING or is_callers_own(name)


def to_be_checked(request: QueuedRequest) -> QueuedRequest:
    """Return a call, which lies in the queue, without what its function alone needs."""
    fields = tuple(field for field in request.headers if tells_of_caller(field[0]))
    return msgspec.structs.replace(request, headers=fields, body=b"", callback="", sealed=b"")


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(QueuedRequest)


def encode(request: QueuedRequest) -> bytes:
    """Return the message's bytes."""
    return _encoder.encode(request)


def decode(data: bytes) -> QueuedRequest:
    """Read a message.

    Raises:
        msgspec.DecodeError: When it is none of ours.
    """
    return read_message(_decoder, data)


def read_or_empty(data: bytes, call_id: str) -> QueuedRequest:
    """Read a message; return a call of nobody's to nothing for one that is none of ours."""
    try:
        return decode(data)
    except msgspec.DecodeError:
        return QueuedRequest(call_id, "", "", "", b"", (), b"", 0)


class Outcome(msgspec.Struct, frozen=True):
    """How a call ended.

    Attributes:
        error: Why there was no answer of the function's own; empty otherwise.
        made: The call `to_be_checked`, of whoever asks for the outcome; None: an earlier version's.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""
    made: QueuedRequest | None = None

    def get(self, name: bytes) -> str | None:
        """Return a header's value."""
        return next((v.decode("latin-1") for k, v in self.headers if k.lower() == name), None)


# As a call of it is answered.
NOT_DEPLOYED = Outcome(404, error="the function is not deployed")

_outcome_encoder = msgspec.msgpack.Encoder()
_outcome_decoder = msgspec.msgpack.Decoder(Outcome)


def encode_outcome(outcome: Outcome, request: QueuedRequest) -> bytes:
    """Return the bytes of the outcome of a call."""
    made = to_be_checked(request)
    return _outcome_encoder.encode(msgspec.structs.replace(outcome, made=made))


def decode_outcome(data: bytes) -> Outcome:
    """Read an outcome."""
    return _outcome_decoder.decode(data)
