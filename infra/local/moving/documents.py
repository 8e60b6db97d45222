"""Documents of one database, as they travel: by the client that Google makes of its API.

Values are never taken apart, so that each kind of them arrives as it left.
"""

from collections.abc import Iterator
from typing import Any

from functions.kit.lazy import Lazy

firestore = Lazy("google.cloud.firestore_v1.services.firestore")
transports = Lazy("google.cloud.firestore_v1.services.firestore.transports.grpc")
types = Lazy("google.cloud.firestore_v1.types")
wrappers = Lazy("google.protobuf.wrappers_pb2")
grpc = Lazy("grpc")

PAGE = 300
# A call takes 10 MiB; what is not documents in it needs some room.
LARGEST_CALL = 8 << 20
TIMEOUT = 60.0
# Where a move writes down how far it is: no collection of Mayfly's has the name.
MARKS = "mayfly-moves"
_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class Documents:
    """The database `(default)` of a project.

    Args:
        project: whose.
        emulator: HOST:PORT of an emulator; empty for the real service, with this machine's login.
    """

    def __init__(self, project: str, emulator: str = "") -> None:
        self._database = f"projects/{project}/databases/(default)"
        self.root = f"{self._database}/documents"
        if emulator:
            channel = grpc.insecure_channel(emulator, options=_OPTIONS)
            transport = transports.FirestoreGrpcTransport(channel=channel)
            self._api = firestore.FirestoreClient(transport=transport)
        else:
            self._api = firestore.FirestoreClient()

    def all(self, after: str = "") -> Iterator[Any]:
        """Yield every document, whatever it lies below, in the order of names.

        Args:
            after: a path below the root, to begin behind it; empty for the beginning.
        """
        while page := self._page(after):
            for document in page:
                if not self.path(document).startswith(f"{MARKS}/"):
                    yield document
            after = self.path(page[-1])

    def path(self, document: Any) -> str:
        """Return a document's name below the root."""
        return str(document.name).removeprefix(f"{self.root}/")

    def is_empty(self) -> bool:
        """Whether there is no document."""
        return next(self.all(), None) is None

    def set(self, documents: list[Any]) -> None:
        """Write documents as they are, all or none, in the place of those of their names."""
        request = types.CommitRequest(database=self._database)
        writes = types.CommitRequest.pb(request).writes
        for document in documents:
            writes.add().update.CopyFrom(document)
        self._api.commit(request, timeout=TIMEOUT)

    def get(self, path: str) -> dict[str, str] | None:
        """Return the texts of a mark; None where it is not there."""
        request = {
            "database": self._database,
            "documents": [f"{self.root}/{path}"],
        }
        for answer in self._api.batch_get_documents(request, timeout=TIMEOUT):
            if answer.found.name:
                return {key: value.string_value for key, value in answer.found.fields.items()}
        return None

    def put(self, path: str, texts: dict[str, str]) -> None:
        """Write a mark."""
        fields = {key: types.Value(string_value=text) for key, text in texts.items()}
        document = types.Document(name=f"{self.root}/{path}", fields=fields)
        self.set([types.Document.pb(document)])

    def _page(self, after: str) -> list[Any]:
        query = {
            "from_": [{"all_descendants": True}],
            "order_by": [{"field": {"field_path": "__name__"}, "direction": "ASCENDING"}],
            "limit": wrappers.Int32Value(value=PAGE),
        }
        if after:
            name = types.Value(reference_value=f"{self.root}/{after}")
            query["start_at"] = {"values": [name], "before": False}
        request = {"parent": self.root, "structured_query": query}
        answers = self._api.run_query(request, timeout=TIMEOUT)
        return [types.RunQueryResponse.pb(one).document for one in answers if one.document.name]


def moved(document: Any, old: str, new: str) -> Any:
    """Return a document as it is called below another root; what it refers to moves with it.

    Args:
        document: of the wire.
        old: the root that it lies below.
        new: the other.
    """
    found = type(document)()
    found.name = new + document.name.removeprefix(old)
    for key, value in document.fields.items():
        found.fields[key].CopyFrom(value)
        _refer(found.fields[key], old, new)
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two documents have the same name and the same fields, NaN among them.

    When they were written is another matter.
    """
    return _bytes(one) == _bytes(other)


def _bytes(document: Any) -> bytes:
    found = type(document)()
    found.CopyFrom(document)
    found.ClearField("create_time")
    found.ClearField("update_time")
    return bytes(found.SerializeToString(deterministic=True))


def _refer(value: Any, old: str, new: str) -> None:
    kind = value.WhichOneof("value_type")
    if kind == "reference_value" and value.reference_value.startswith(f"{old}/"):
        value.reference_value = new + value.reference_value.removeprefix(old)
    elif kind == "array_value":
        for item in value.array_value.values:
            _refer(item, old, new)
    elif kind == "map_value":
        for item in value.map_value.fields.values():
            _refer(item, old, new)


def calls(documents: Iterator[Any]) -> Iterator[list[Any]]:
    """Yield documents in groups that one call takes."""
    group: list[Any] = []
    size = 0
    for document in documents:
        if group and (len(group) == PAGE or size + document.ByteSize() > LARGEST_CALL):
            yield group
            group, size = [], 0
        group.append(document)
        size += document.ByteSize()
    if group:
        yield group
