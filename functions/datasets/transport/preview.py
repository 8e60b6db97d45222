"""How a file would be read, and what somebody says of that: the parameter `reading`."""

import msgspec

from functions.datasets.model.reading.previews import Preview
from functions.datasets.model.reading.shapes import Overrule
from functions.datasets.service.files.preview import Previewer
from functions.datasets.transport import upload
from functions.datasets.transport.upload import MEDIA_TYPES, Upload
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.contract.records import dates
from functions.kit.http.api import Api
from functions.kit.http.requests.content_digest import Digested


class ReadingQuery(msgspec.Struct, forbid_unknown_fields=True):
    """`reading` is JSON: what is said of the file's reading; a form may bring it as a field."""

    reading: str | None = None


def said(sent: Upload, parameter: str | None) -> Overrule:
    """Return what a request says of how its file is read.

    Raises:
        Unreadable: it is no such JSON, or names a date format that there cannot be.
    """
    text = parameter if parameter is not None else sent.reading
    try:
        found = msgspec.json.decode(text, type=Overrule) if text else Overrule()
        for column in found.columns:
            if column.date_format is not None:
                dates.reader(column.date_format)
    except (msgspec.DecodeError, dates.BadFormat, UnicodeDecodeError) as error:
        reason = f"the parameter reading cannot be used: {error}"
        raise Unreadable(f"The file was not read: {reason}.", Flaw(reason)) from error
    if sent.encoding is not None and found.dialect.encoding is None:
        found.dialect.encoding = sent.encoding
    return found


def add(api: Api, previewer: Previewer, max_upload_bytes: int) -> None:
    """Register the route."""

    @api.route(
        "POST",
        "/datasets/preview",
        problems=(411,),
        takes=("multipart/form-data", *MEDIA_TYPES),
    )
    def preview_dataset(request: Digested, caller: Caller, query: ReadingQuery) -> Preview:  # noqa: ARG001 - who asks may write
        """Say how a file would be read, why, and what must be said before it is uploaded.

        The body is that of an upload; nothing of it is kept.
        """
        sent = upload.incoming(request, max_upload_bytes)
        return previewer.preview(sent.chunks, said(sent, query.reading))
