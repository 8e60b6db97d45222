"""The fields of a function's answer, and what of them goes on to clients."""

from emulators.gateway.http.heads import BODILESS, HOP_BY_HOP, STATUS_LINES, Headers
from emulators.gateway.model.service_workers import REACH

_DROPPED = HOP_BY_HOP | {b"x-call-id", b"x-start-time", b"x-duration-seconds", REACH}
_DROPPED_FROM_EMPTY = _DROPPED | {b"content-length"}
_NO_LENGTH = frozenset((101, 204))  # their answers must name none (RFC 9110, 8.6)


class AnswerFields(list[tuple[bytes, bytes]]):
    """The fields of one answer, as its replica sent them.

    Args:
        status: The answer's.
        fields: Names and values.

    Attributes:
        length: How long its body is, if it says so and comes in one piece.
        passed_on: The status line and the fields that go on to a client, whoever it is.
        reach: The fields that say how far a service worker may reach; they go on to some.
        sized: Whether a length goes on.
        framed: Whether it comes in chunks.
        hops: Whether there are fields of the replica's connection alone.
    """

    __slots__ = ("framed", "hops", "length", "passed_on", "reach", "sized", "status")

    def __init__(self, status: int, fields: Headers) -> None:
        super().__init__(fields)
        self.status = status
        self.sized = self.framed = self.hops = False
        self.length: int | None = None
        self.reach = b""
        self.passed_on = self._read(_DROPPED_FROM_EMPTY if status in _NO_LENGTH else _DROPPED)

    def _read(self, dropped: frozenset[bytes]) -> bytes:
        parts = [STATUS_LINES.get(self.status) or b"HTTP/1.1 %d \r\n" % self.status]
        for name, value in self:
            lower = name.lower()
            if lower not in dropped:
                parts += (name, b": ", value, b"\r\n")
                if lower == b"content-length":
                    self.sized = True
                    self.length = int(value) if value.isdigit() else None
            elif lower == REACH:
                self.reach += b"%b: %b\r\n" % (name, value)
            elif lower in HOP_BY_HOP:
                self.hops = True
                self.framed = self.framed or lower == b"transfer-encoding"
        if self.framed:
            self.length = None
        return b"".join(parts)


def whole_answer(data: bytes) -> AnswerFields | None:
    """Return the fields of an answer that is there with its whole body, and is of the usual form.

    None for any other. This is for the gateway's own server, whose heads have one form; what
    programs say is for a parser.
    """
    end = data.find(b"\r\n\r\n")
    line, *lines = data[: max(end, 0)].split(b"\r\n")
    code = line[9:12]
    if not (line.startswith(b"HTTP/1.1 ") and code.isdigit()):
        return None
    fields = [(name, value) for name, colon, value in (one.partition(b": ") for one in lines)]
    found = AnswerFields(int(code), fields)
    usual = found.status >= 200 and found.status not in BODILESS
    plain = usual and not (found.hops or found.reach)
    return found if plain and found.length == len(data) - end - 4 else None
