"""What a CloudEvent's attributes must be, as Knative's broker checks them (pure)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from emulators.gateway.errors import Invalid

_REQUIRED = ("specversion", "id", "source", "type")
_NAME = re.compile(r"[a-z0-9]+")
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# No control characters: in a field's value they would begin another field, or request.
_MEDIA = re.compile(rf"{_WORD}(?:/{_WORD})?\s*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def check_attributes(attributes: Mapping[str, str], content_type: str) -> None:
    """Let pass what an event may have.

    Raises:
        Invalid: Naming the attribute that is missing or wrong.
    """
    for name in _REQUIRED:
        if not attributes.get(name, "").strip():
            raise Invalid(f"not a CloudEvent: {name} is missing", f"send {name}")
    for name in attributes:
        if not _NAME.fullmatch(name):
            raise Invalid(f"not a CloudEvent: the attribute {name!r}", "use a-z and 0-9 alone")
    for name, (fits, form) in _FORMS.items():
        if name in attributes and not fits(attributes[name]):
            raise Invalid(f"not a CloudEvent: {name} {attributes[name][:80]!r}", form)
    if content_type and not _MEDIA.fullmatch(content_type):
        raise Invalid(
            f"not a CloudEvent: datacontenttype {content_type[:80]!r}", "write type/subtype"
        )


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return _MOMENT.fullmatch(text) is not None


def _is_absolute(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


_FORMS: dict[str, tuple[Callable[[str], object], str]] = {
    "time": (_is_moment, "write RFC 3339, e.g. 2026-01-31T12:00:00Z"),
    "dataschema": (_is_absolute, "write a whole URI"),
    "subject": (str.strip, "leave it out where it is empty"),
}
