"""What comes to the listener, looked at before it is routed.

A page in the user's browser can send a request, too, and a request can be anything.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from emulators.kit.door import Door, from_other_page

HOSTS_VARIABLE = "STORAGE_ALLOWED_HOSTS"
LONGEST_PATH = 7_000  # two names of 1,024 bytes, each escaped
# Object names may hold all else (https://cloud.google.com/storage/docs/objects#naming).
_UNNAMEABLE = frozenset("\0\r\n")

# A file is data: no browser shows it as a page of this origin, whatever type it was given.
SAFE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "sandbox; default-src 'none'"),
)


def stranger(fields: Mapping[str, str], door: Door) -> str:
    """Say why a request is refused for whom it is meant for, or comes from; nothing if it is not.

    No page may call: what clients send is in no browser.
    """
    host, origin = fields.get("host", ""), fields.get("origin", "")
    if host and not door.knows(host):  # no browser sends a request without one
        return f"the storage is not {host!r}: use localhost, or name it in {HOSTS_VARIABLE}"
    if from_other_page(host, origin, fields.get("sec-fetch-site", "")):
        return "pages of other origins may not use the storage"
    return ""


def flaw(escaped: str) -> str:
    """Say what is wrong with a request's path; nothing as a rule."""
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
