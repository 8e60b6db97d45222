"""What comes to the storage's listener, looked at before the package sees it.

The package takes every request for a client's; but a page in the user's browser can send one, too,
and a request can be anything.
"""

from email.message import Message
from urllib.parse import unquote

from emulators.kit.door import Door, from_other_page

HOSTS_VARIABLE = "STORAGE_ALLOWED_HOSTS"
# Two names of 1,024 bytes, each escaped. The package's search for a route takes quadratic time.
LONGEST_PATH = 7_000
_LENGTH_DIGITS = 15
# Object names may hold all else (https://cloud.google.com/storage/docs/objects#naming).
_UNNAMEABLE = frozenset("\0\r\n")

# A file is data: no browser shows it as a page of this origin, whatever type it was given.
SAFE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "sandbox; default-src 'none'"),
)


def stranger(fields: Message, door: Door) -> str:
    """Say why a request is refused for whom it is meant for, or comes from; nothing if it is not.

    No page may call: what clients send is in no browser.
    """
    host, origin, site = (
        ", ".join(fields.get_all(name) or ()) for name in ("Host", "Origin", "Sec-Fetch-Site")
    )
    if host and not door.knows(host):  # no browser sends a request without one
        return f"the storage is not {host!r}: use localhost, or name it in {HOSTS_VARIABLE}"
    if from_other_page(host, origin, site):
        return "pages of other origins may not use the storage"
    return ""


def flaw(target: str, fields: Message) -> str:
    """Say what is wrong with a request's head; nothing as a rule."""
    lengths = fields.get_all("Content-Length") or ["0"]
    length = lengths[0]
    if not (length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS):
        return "Content-Length is no number of bytes"
    if len(lengths) > 1:
        return "Content-Length is there twice"
    return _path_flaw(target.partition("?")[0])


def _path_flaw(escaped: str) -> str:
    if not escaped.startswith("/"):
        return "the address is no path"
    if len(escaped) > LONGEST_PATH:
        return f"the path is over {LONGEST_PATH} characters"
    try:
        path = unquote(escaped, errors="strict")
    except UnicodeDecodeError:
        return "the path is not UTF-8"
    if not _UNNAMEABLE.isdisjoint(path):
        return "a name must not hold NUL, carriage return or line feed"
    return ""


def field_text(value: object) -> str:
    """Return a header's value as it may be sent: one line of Latin-1."""
    text = " ".join(str(value).splitlines()).replace("\0", " ")
    return text.encode("latin-1", "replace").decode("latin-1")
