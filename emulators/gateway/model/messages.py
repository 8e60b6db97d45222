"""Messages as they lie in the queue's streams: msgpack."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def read_message(decoder: msgspec.msgpack.Decoder[T], data: bytes) -> T:
    """Read a message.

    Raises:
        msgspec.DecodeError: When it is none of ours.
    """
    try:
        return decoder.decode(data)
    except UnicodeDecodeError as error:  # msgspec's own for text that is no UTF-8
        raise msgspec.DecodeError(str(error)) from error
