"""A file as a form that is made while it is sent: its last boundary tells that it is whole."""

import re
import secrets
from collections.abc import Iterable, Iterator

UNQUOTED = re.compile(r'[\x00-\x1f"\\\x7f]')
DATA = "data.csv"


def form_of(
    file: Iterable[bytes], name: str = DATA, kind: str = ""
) -> tuple[Iterator[bytes], dict[str, str]]:
    """Return a form whose field `file` is a file, and the header that says what it is.

    Args:
        file: its bytes.
        name: that it goes by.
        kind: its media type, where that is known.
    """
    boundary = secrets.token_hex(16)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return _parts(boundary, file, UNQUOTED.sub("_", name), kind), headers


def _parts(boundary: str, file: Iterable[bytes], name: str, kind: str) -> Iterator[bytes]:
    head = [f'Content-Disposition: form-data; name="file"; filename="{name}"']
    head += [f"Content-Type: {kind}"] if kind else []
    yield "\r\n".join([f"--{boundary}", *head, "\r\n"]).encode()
    yield from file
    yield f"\r\n--{boundary}--\r\n".encode()
