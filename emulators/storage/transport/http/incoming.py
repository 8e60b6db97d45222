"""A request that is coming in: what the parser has told of it, and its body."""

from collections import deque
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

from emulators.storage.transport.http.messages import Request

MAX_BODY_BYTES = 5 << 40  # an object's limit
_LENGTH_DIGITS = 18
_MOST_PARAMETERS = 100


class HeadError(Exception):
    """A head that cannot be taken, with the status that says so."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Incoming:
    """A request that is coming in."""

    def __init__(self) -> None:
        self.method = ""
        self.target = bytearray()
        self.headers: dict[str, str] = {}
        self.chunks: deque[bytes] = deque()
        self.length: int | None = 0
        self.head_size = 0
        self.keep_alive = self.whole = self.says_continue = False

    def add(self, name: str, value: str) -> None:
        """Add a field; two of one that may come once are a list that nobody takes for either."""
        told = self.headers.get(name)
        self.headers[name] = value if told is None else f"{told}, {value}"

    def measure(self) -> None:
        """Say how long the body is.

        Raises:
            HeadError: It is longer than any object.
        """
        self.says_continue = self.headers.get("expect", "").lower() == "100-continue"
        if "transfer-encoding" in self.headers:
            self.length = None
            return
        digits = self.headers.get("content-length", "0").strip()
        if not digits.isdecimal() or len(digits) > _LENGTH_DIGITS:
            raise HeadError(400, "Content-Length is no number of bytes.")
        self.length = int(digits)
        if self.length > MAX_BODY_BYTES:
            raise HeadError(413, "No object is as large as this body.")

    def request(self, body: "Body") -> Request:
        """Return it for who answers."""
        path, _, query = self.target.decode("latin-1").partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS))
        return Request(self.method, path, asked, self.headers, body, self.length, query)


class Body:
    """The body; see `messages.Body`."""

    def __init__(
        self, more: Callable[[], None], incoming: Incoming, say_continue: Callable[[], None]
    ) -> None:
        self._more = more
        self._incoming = incoming
        self._say_continue = say_continue

    def __iter__(self) -> Iterator[bytes]:
        incoming = self._incoming
        while True:
            while incoming.chunks:
                yield incoming.chunks.popleft()
            if incoming.whole:
                return
            if incoming.says_continue:
                incoming.says_continue = False
                self._say_continue()
            self._more()
