"""CloudEvents over HTTP, both modes, through the ``cloudevents`` package; data stay bytes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from cloudevents.exceptions import GenericException
from cloudevents.http import CloudEvent, from_http

from emulators.gateway.errors import UNREADABLE, Invalid, UnknownFormat

STRUCTURED = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch"
_REQUIRED = ("specversion", "id", "source", "type")
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


class Event(msgspec.Struct, frozen=True):
    """A CloudEvent 1.0.

    Attributes:
        attributes: Context attributes and extensions as text, without ``datacontenttype``.
        content_type: Of the data; empty when there is none.
        data: The data's bytes.
    """

    attributes: dict[str, str]
    content_type: str = ""
    data: bytes = b""

    @property
    def identity(self) -> str:
        """What makes two events the same one: source and id."""
        return f"{self.attributes['source']}\n{self.attributes['id']}"

    def extended(self, **extensions: str) -> "Event":
        """Return the event with more extensions."""
        return msgspec.structs.replace(self, attributes=self.attributes | extensions)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return header fields of the binary mode."""
        fields = [
            (f"ce-{name}".encode(), quote(value, safe=_PLAIN).encode())
            for name, value in self.attributes.items()
        ]
        if self.content_type:
            fields.append((b"content-type", self.content_type.encode("latin-1", "replace")))
        return fields


def is_event(headers: Mapping[str, str]) -> bool:
    """Tell whether header fields (names in lower case) say that this is a CloudEvent."""
    return "ce-specversion" in headers or _media(headers).startswith(STRUCTURED)


def _media(headers: Mapping[str, str]) -> str:
    """Return the content type; its case means nothing (RFC 9110, 8.3.1)."""
    return headers.get("content-type", "").lower()


def parse(headers: Mapping[str, str], body: bytes) -> Event:
    """Read an event in binary or structured mode.

    Args:
        headers: Header fields, names in lower case.
        body: The request's body.

    Raises:
        Invalid: Saying what is wrong.
        UnknownFormat: For a batch.
    """
    kind, media = headers.get("content-type", ""), _media(headers)
    if media.startswith(_BATCH):
        raise UnknownFormat("batches of events are not taken", "send one event a request")
    structured = media.startswith(STRUCTURED)
    if structured:
        headers = {**headers, "content-type": media}
    else:
        _check_headers(headers)
    try:
        event = from_http(dict(headers), body, data_unmarshaller=lambda data: data)
        given = _given(headers, body, structured=structured)
    except (*UNREADABLE, GenericException, ValueError, TypeError, AttributeError) as error:
        raise Invalid(
            f"not a CloudEvent: {error}",
            "send ce-id, ce-source, ce-type and ce-specversion: 1.0, or the structured mode",
        ) from error
    attributes = {
        name: value if structured else unquote(value)
        for name, value in ((n, _text(v)) for n, v in event.get_attributes().items())
    }
    for name in set(attributes) - given:
        del attributes[name]  # the package makes up an id and a time where none are given
    declared = attributes.pop("datacontenttype", "")
    _check(attributes)
    _check_type(declared)
    if not structured:
        return Event(attributes, declared or kind, body)
    content_type = declared or ("application/json" if event.get_data() is not None else "")
    return Event(attributes, content_type, _data(event, content_type))


def _given(headers: Mapping[str, str], body: bytes, *, structured: bool) -> set[str]:
    """Return the names of the attributes that the sender gave."""
    if structured:
        return set(msgspec.json.decode(body, type=dict[str, Any]))
    named = {name.removeprefix("ce-") for name in headers if name.startswith("ce-")}
    return named | {"datacontenttype"}


def _check_headers(headers: Mapping[str, str]) -> None:
    missing = [f"ce-{name}" for name in _REQUIRED if not headers.get(f"ce-{name}")]
    if missing:
        raise Invalid(
            f"not a CloudEvent: {', '.join(missing)} missing", f"send them, or {STRUCTURED}"
        )


def _check(attributes: Mapping[str, str]) -> None:
    for name in _REQUIRED:
        if not attributes.get(name):
            raise Invalid(f"not a CloudEvent: {name} is missing", f"send {name}")
    for name in attributes:
        if not (name.isascii() and name.isalnum() and name == name.lower()):
            raise Invalid(f"not a CloudEvent: the attribute {name!r}", "use a-z and 0-9 alone")


def _check_type(declared: str) -> None:
    """Refuse control characters: in a field's value they would begin another field, or request."""
    if any(character < " " or character == "\x7f" for character in declared):
        raise Invalid(
            f"not a CloudEvent: datacontenttype {declared!r}", "leave control characters out"
        )


def _text(value: Any) -> str:
    """Return a value in its canonical form as text (true, not True)."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _data(event: CloudEvent, content_type: str) -> bytes:
    """Return data of the structured mode: the package gives JSON's text, or the bytes of base64."""
    data = event.get_data()
    if data is None:
        return b""
    if isinstance(data, bytes):
        return data
    if "json" not in content_type:
        plain = msgspec.json.decode(data)
        if isinstance(plain, str):
            return plain.encode()
    return str(data).encode()
