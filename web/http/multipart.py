"""A file upload as a stream: never the whole file in memory or on disk.

Flask would spool it to a temporary file first; the parser beneath it does not have to.
"""

from collections.abc import Iterator
from typing import IO

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

CHUNK = 64 * 1024
MAX_FIELD_BYTES = 64 * 1024
# What the parser may hold back while it looks for the end of a part.
MAX_HELD_BYTES = 8 * CHUNK


class UploadError(Exception):
    """The form cannot be read; the text says why."""


class Upload:
    """A form whose fields come first and whose file comes last.

    Args:
        stream: the body of the request.
        content_type: its header, with the boundary.

    Raises:
        UploadError: it is no such form.
    """

    def __init__(self, stream: IO[bytes], content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != "multipart/form-data" or "boundary" not in options:
            raise UploadError("Choose a CSV file, then send the form again.")
        self._stream = stream
        self._decoder = MultipartDecoder(options["boundary"].encode(), MAX_HELD_BYTES)
        self._ended = False
        self.fields: dict[str, str] = {}
        self.filename = self._read_fields()

    def _read_fields(self) -> str:
        """Read up to the file; return its name, empty when none was chosen."""
        name = ""
        content = b""
        for event in self._events():
            if isinstance(event, File):
                return event.filename
            if isinstance(event, Field):
                name, content = event.name, b""
            elif isinstance(event, Data):
                content += event.data
                if len(content) > MAX_FIELD_BYTES:
                    raise UploadError(f"The field '{name}' is too long.")
                self.fields[name] = content.decode("utf-8", "replace")
        return ""

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's bytes as they arrive."""
        for event in self._events():
            if isinstance(event, Data):
                yield event.data
                if not event.more_data:
                    return

    def drain(self) -> None:
        """Read what is left: a browser that is still sending does not look at the answer."""
        while self._stream.read(CHUNK):
            pass

    def _events(self) -> Iterator[Field | File | Data]:
        while True:
            try:
                event = self._decoder.next_event()
            except ValueError as error:
                raise UploadError(f"The form was cut off or is damaged: {error}.") from error
            if isinstance(event, Field | File | Data):
                yield event
            elif isinstance(event, Epilogue):
                return
            elif isinstance(event, NeedData):
                self._feed()

    def _feed(self) -> None:
        if self._ended:
            raise UploadError("The upload was cut off; send it again.")
        chunk = self._stream.read(CHUNK)
        self._ended = not chunk
        self._decoder.receive_data(chunk or None)
