"""The file of a form as it arrives: the form's last boundary tells that the file is whole."""

from collections.abc import Iterator
from itertools import chain

from werkzeug.sansio.multipart import Data, Epilogue, Event, MultipartDecoder, NeedData

from functions.kit.contract.errors import Unreadable


def events(chunks: Iterator[bytes], boundary: bytes) -> Iterator[Event]:
    """Yield what a form says of its fields and files, and what is in them.

    Args:
        chunks: the body of the request.
        boundary: what parts its fields, as its type says.

    Raises:
        Unreadable: it breaks off, or is no form.
    """
    decoder = MultipartDecoder(boundary)
    try:
        for chunk in chain(chunks, [None]):  # None tells the decoder that no more will come
            decoder.receive_data(chunk)
            while not isinstance(event := decoder.next_event(), NeedData):
                yield event
                if isinstance(event, Epilogue):
                    return
    except ValueError as error:
        reason = "The form breaks off, or cannot be read; send it again"
        raise Unreadable(f"{reason} ({error}).") from error


def content(found: Iterator[Event]) -> Iterator[bytes]:
    """Yield what is in the field or file that the last of the events began."""
    for event in found:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return
