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


def owner_of(data: bytes) -> str:
    """Return whose call a message is; empty for nobody's and for a message none of ours."""
    try:
        return decode(data).owner
    except msgspec.DecodeError:
        return ""


class Outcome(msgspec.Struct, frozen=True):
    """How a call ended.

    Attributes:
        error: Why there was no answer of the function's own; empty otherwise.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""

    def get(self, name: bytes) -> str | None:
        """Return a header's value."""
        return next((v.decode("latin-1") for k, v in self.headers if k.lower() == name), None)


# As a call of it is answered.
NOT_DEPLOYED = Outcome(404, error="the function is not deployed")

_outcome_encoder = msgspec.msgpack.Encoder()
_outcome_decoder = msgspec.msgpack.Decoder(Outcome)


def encode_outcome(outcome: Outcome) -> bytes:
    """Return an outcome's bytes."""
    return _outcome_encoder.encode(outcome)


def decode_outcome(data: bytes) -> Outcome:
    """Read an outcome."""
    return _outcome_decoder.decode(data)
