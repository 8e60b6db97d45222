"""Which changes a trigger is about, and the CloudEvents that tell of them (contract 8.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Document, timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.firestore.model.rows import Change

_PREFIX = "google.cloud.firestore.document.v1."
_EARLIER_NAMES = {"create": "created", "update": "updated", "delete": "deleted", "write": "written"}
_TYPE = re.compile(r"google\.cloud\.firestore\.document\.v1\.(created|updated|deleted|written)")
_EARLIER_TYPE = re.compile(
    r"providers/cloud\.firestore/eventTypes/document\.(create|update|delete|write)"
)
_WILDCARD = re.compile(r"\{[A-Za-z_]\w*(=\*\*?)?\}")


@dataclass(frozen=True, slots=True)
class Trigger:
    """Wants events of one kind about documents of one database whose path has a form.

    Attributes:
        kind: One of `created`, `updated`, `deleted` and `written`.
        pattern: What the path of a document, below `documents/`, must match.
    """

    name: str
    database: str
    kind: str
    pattern: re.Pattern[str]

    @property
    def project(self) -> str:
        """The project that its database belongs to."""
        return self.database.split("/")[1]

    def wants(self, change: Change) -> bool:
        """Tell whether a change makes an event."""
        kind = _kind(change)
        if kind is None or self.kind not in {kind, "written"}:
            return False
        return self.pattern.fullmatch("/".join(paths.segments_of(change.key))) is not None


def parse_trigger(name: str, project: str, content: Any) -> Trigger:
    """Read `{"eventTrigger": {"resource": ..., "eventType": ...}}`.

    Raises:
        InvalidArgumentError: A part is missing or has the wrong form.
    """
    event = content.get("eventTrigger") if isinstance(content, dict) else None
    if not isinstance(event, dict):
        raise InvalidArgumentError("A trigger has an eventTrigger with resource and eventType.")
    kind = _parse_type(str(event.get("eventType")))
    resource = str(event.get("resource"))
    database, segments = paths.split(resource)
    if not database.startswith(f"projects/{project}/"):
        raise InvalidArgumentError(f'"{resource}" is not in the project "{project}".')
    if not segments or not all(segments):
        raise InvalidArgumentError(f'"{resource}" names no documents.')
    return Trigger(name, database, kind, re.compile("/".join(map(_segment_pattern, segments))))


def _parse_type(text: str) -> str:
    if match := _TYPE.fullmatch(text):
        return match[1]
    if match := _EARLIER_TYPE.fullmatch(text):
        return _EARLIER_NAMES[match[1]]
    raise InvalidArgumentError(f'"{text}" is no eventType, such as "{_PREFIX}written".')


def _segment_pattern(segment: str) -> str:
    match = _WILDCARD.fullmatch(segment)
    if match is None:
        return re.escape(segment)
    return ".+" if match[1] == "=**" else "[^/]+"


def _kind(change: Change) -> str | None:
    if change.before is None:
        return None if change.after is None else "created"
    return "deleted" if change.after is None else "updated"


def headers(trigger: Trigger, time: int, change: Change) -> Mapping[str, str]:
    """Return the headers of a CloudEvent in binary mode, as Eventarc sends them."""
    _, project, _, database = trigger.database.split("/")
    document = "/".join(paths.segments_of(change.key))
    return {
        "ce-specversion": "1.0",
        "ce-id": f"{time}-{change.key.hex()}",
        "ce-type": _PREFIX + trigger.kind,
        "ce-source": f"//firestore.googleapis.com/{trigger.database}",
        "ce-subject": _ascii(f"documents/{document}"),
        "ce-time": timestamp(time).ToJsonString(),
        "ce-project": project,
        "ce-database": database,
        "ce-namespace": "(default)",
        "ce-location": "local",
        "ce-document": _ascii(document),
        "content-type": "application/json",
    }


def data(change: Change) -> dict[str, Any]:
    """Return the DocumentEventData: value, oldValue, and for an update what it changed."""
    found: dict[str, Any] = {}
    documents = {"value": change.after, "oldValue": change.before}
    for name, body in documents.items():
        if body is not None:
            found[name] = json_format.MessageToDict(Document.FromString(body))
    if len(found) == 2:
        before, after = found["oldValue"].get("fields", {}), found["value"].get("fields", {})
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        found["updateMask"] = {"fieldPaths": sorted(changed)}
    return found


def _ascii(text: str) -> str:
    """Percent-encode what a header of a CloudEvent must not hold."""
    return "".join(one if "!" <= one <= "~" and one not in '"%' else _percent(one) for one in text)


def _percent(one: str) -> str:
    return "".join(f"%{byte:02X}" for byte in one.encode())
