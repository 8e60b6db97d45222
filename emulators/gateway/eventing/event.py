"""CloudEvents over HTTP, both modes. Data stay the bytes that they were.

The ``cloudevents`` package writes JSON anew, and makes up what a sender left out: a broker must
do neither, so that events are read here, as Knative's broker reads them.
"""

import base64
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, unquote

import msgspec

from emulators.gateway.errors import UNREADABLE, Invalid
from emulators.gateway.eventing.attributes import check_attributes

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
VERSIONS = ("1.0", "0.3")
_JSON = ("", "application/json", "text/json")
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')

Mode = Literal["binary", "structured", "batch"]


class Event(msgspec.Struct, frozen=True):
    """A CloudEvent.

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

    def without(self, extension: str) -> "Event":
        """Return the event without an extension."""
        left = {name: value for name, value in self.attributes.items() if name != extension}
        return msgspec.structs.replace(self, attributes=left)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return header fields of the binary mode."""
        fields = [
            (f"ce-{name}".encode(), quote(value, safe=_PLAIN).encode())
            for name, value in self.attributes.items()
        ]
        if self.content_type:
            fields.append((b"content-type", self.content_type.encode("latin-1", "replace")))
        return fields

    def structured(self) -> bytes:
        """Return the body of the structured mode."""
        kind = {"datacontenttype": self.content_type} if self.content_type else {}
        return msgspec.json.encode(self.attributes | kind | self._members())

    def _members(self) -> dict[str, Any]:
        if not self.data:
            return {}
        as_bytes = {"data_base64": base64.b64encode(self.data).decode()}
        try:
            if is_json(self.content_type):
                msgspec.json.decode(self.data)
                return {"data": msgspec.Raw(self.data)}
            if media_of(self.content_type).startswith("text/"):
                return {"data": self.data.decode()}
        except UNREADABLE:
            return as_bytes  # it is not what its type says
        return as_bytes


def media_of(content_type: str) -> str:
    """Return a media type alone; its case means nothing (RFC 9110, 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Tell whether data of a type stand as JSON in the structured mode."""
    media = media_of(content_type)
    return media in _JSON or media.endswith("+json")


def mode_of(headers: Mapping[str, str]) -> Mode | None:
    """Tell from header fields (names in lower case) how an event is written; None: it is none."""
    media = media_of(headers.get("content-type", ""))
    if media in (STRUCTURED, BATCH):
        return "structured" if media == STRUCTURED else "batch"
    return "binary" if headers.get("ce-specversion") in VERSIONS else None


def parse(headers: Mapping[str, str], body: bytes) -> Event:
    """Read an event in binary or structured mode, with all that an event must have.

    Args:
        headers: Header fields, names in lower case.
        body: The request's body.

    Raises:
        Invalid: Saying what is wrong.
    """
    event = read(headers, body)
    check_attributes(event.attributes, event.content_type)
    return event


def read(headers: Mapping[str, str], body: bytes) -> Event:
    """Read what can be read as an event, whatever it lacks.

    Raises:
        Invalid: It cannot; a batch of events, too, is none.
    """
    mode = mode_of(headers)
    if mode == "batch":
        raise Invalid("batches of events are not taken", "send one event a request")
    if mode is None:
        version = headers.get("ce-specversion")
        what = "ce-specversion is missing" if version is None else f"specversion {version[:20]!r}"
        raise Invalid(
            f"not a CloudEvent: {what}",
            f"send ce-id, ce-source, ce-type and ce-specversion: 1.0, or {STRUCTURED}",
        )
    return _binary(headers, body) if mode == "binary" else _structured(body)


def _binary(headers: Mapping[str, str], body: bytes) -> Event:
    named = ((name[3:], value) for name, value in headers.items() if name.startswith("ce-"))
    attributes = {name: unquote(_utf8(value)) for name, value in named}
    declared = attributes.pop("datacontenttype", "")
    return Event(attributes, headers.get("content-type", "") or declared, body)


def _utf8(value: str) -> str:
    """Return a field's value as its sender meant it: text that was not escaped is UTF-8 mostly."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _structured(body: bytes) -> Event:
    try:
        members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        data, encoded = members.pop("data", None), members.pop("data_base64", None)
        values = {name: msgspec.json.decode(value) for name, value in members.items()}
        attributes = {name: _text(name, v) for name, v in values.items() if v is not None}
        kind = attributes.pop("datacontenttype", "")
        if encoded is not None:
            return Event(attributes, kind, msgspec.json.decode(encoded, type=bytes))
        if data is None:
            return Event(attributes, kind)
        return Event(attributes, kind or "application/json", _data(data, kind))
    except (*UNREADABLE, ValueError) as error:
        raise Invalid(f"not a CloudEvent: {error}", "see CloudEvents' JSON format") from error


def _data(data: msgspec.Raw, content_type: str) -> bytes:
    """Return data as they stand there; what is no JSON stands there as a string."""
    if is_json(content_type):
        return bytes(data)
    return msgspec.json.decode(data, type=str).encode()


def _text(name: str, value: object) -> str:
    """Return a value in its canonical form as text (true, not True)."""
    if isinstance(value, dict | list):
        raise Invalid(f"not a CloudEvent: {name} is no single value", "send text for it")
    return str(value).lower() if isinstance(value, bool) else str(value)
