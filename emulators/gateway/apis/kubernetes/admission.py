"""What stands between a request and a change: an object is judged, and its sender warned."""

from emulators.gateway.apis.kubernetes.objects import Object
from emulators.gateway.apis.kubernetes.patches import TYPES
from emulators.gateway.apis.kubernetes.protobuf import CONTENT_TYPE as PROTOBUF
from emulators.gateway.apis.kubernetes.resources import Resource
from emulators.gateway.http.buffered import Incoming
from emulators.gateway.http.heads import Headers
from emulators.gateway.specs.validation import repeated
from emulators.gateway.specs.validation.shapes import SHAPES
from emulators.gateway.specs.validation.verdict import (
    Asked,
    Kind,
    Verdict,
    directive_of,
    judge,
)

_MOST_LETTERS = 4096  # of all warnings of an answer, as the API server has it


class Admission:
    """Judges objects of one kind, as a cluster would before it takes them.

    Args:
        resource: The kind.
        zero_scale: Whether revisions may begin with no replica.
    """

    def __init__(self, resource: Resource, *, zero_scale: bool) -> None:
        self._kind = Kind(resource.kind, resource.plural, resource.group, resource.version)
        self._zero_scale = zero_scale

    def admit(self, incoming: Incoming, thing: Object, before: Object) -> Verdict:
        """Return what is taken of an object.

        Args:
            incoming: The request.
            thing: What it asks for, with the name and the namespace of its address.
            before: The object as it is; empty for a new one.

        Raises:
            Invalid: When it cannot be read, or Knative denies it.
            Inapplicable: When it breaks the rules for objects of its kind.
        """
        directive = directive_of(incoming.query.get("fieldValidation", ""))
        if self._kind.qualified not in SHAPES:
            return Verdict(thing, [])
        sent = incoming.header(b"content-type").partition(";")[0].strip()
        twice = [] if sent == PROTOBUF else repeated.fields(incoming.body)
        patch = incoming.body.decode() if sent in TYPES else ""
        return judge(self._kind, Asked(thing, before, directive, twice, patch, self._zero_scale))


def warning_fields(warnings: list[str]) -> Headers:
    """Return the fields of an answer that carry warnings to its client; what is too much is cut."""
    fields, room = [], _MOST_LETTERS
    for text in dict.fromkeys(warnings):
        if room <= 0:
            break
        fields.append((b"warning", f"299 - {_quoted(text[:room])}".encode()))
        room -= len(text)
    return fields


def _quoted(text: str) -> str:
    """Return a quoted string of printable ASCII, which any client takes."""
    plain = text.encode("ascii", "replace").decode().replace("\n", " ")
    plain = "".join(letter if letter.isprintable() else "?" for letter in plain)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
