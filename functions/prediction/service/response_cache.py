"""What versions gave for rows, kept for who asks the same again: bounded in bytes, by replica.

What a model gives is kept, not an answer's bytes: each answer has an id of its own, in the form
that its caller accepts, with the certainty and the warnings that it asks for.
"""

import sys
import threading
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec
from cachetools import LRUCache

from functions.kit.contract.models.features import Array
from functions.prediction.model.describing import Predicted
from functions.prediction.model.tables import Rows, Table
from functions.prediction.service.ports import HIT, MISS, Chosen, Predictor

Kind = Literal["run", "predict", "explain"]
"""What a version was asked for: its output alone, all that it gives, and why."""
A = TypeVar("A")
G = TypeVar("G")

OVERHEAD = 1024
"""Bytes that an entry takes beside its arrays, about."""
PER_BYTE = 8
"""Bytes that an explanation takes for each that it has as JSON, about: it is many small objects."""
_encode = msgspec.msgpack.Encoder().encode


class Key(NamedTuple):
    """What was asked of whom.

    Attributes:
        workspace: whose version it is.
        model: of that workspace.
        version: its number.
        file: of the version in the bucket; that of a later model of the name has another. Empty
            for a function of one's own, of which nothing is remembered.
        kind: see Kind.
        digest: of the rows.
    """

    workspace: str
    model: str
    version: int
    file: str
    kind: Kind
    digest: bytes


def key_of(workspace: str, predictor: Predictor, kind: Kind, rows: Rows) -> Key:
    """Return what rows that were checked are remembered by, however they were written."""
    digest = blake2b(digest_size=32)
    for part in _parts(rows):
        digest.update(part)
    version = predictor.version
    file = "" if version.file is None else version.file.path
    which = (workspace, version.model, version.version, file)
    return Key(*which, kind, digest.digest())


class ResponseCache:
    """Remembers what versions gave; what was not asked for longest leaves when it gets too much.

    Args:
        limit: most bytes.
    """

    def __init__(self, limit: int) -> None:
        self._held: LRUCache[Key, tuple[Any, int]] = LRUCache(limit, lambda entry: entry[1])
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that are held, about."""
        return int(self._held.currsize)

    def remembered(
        self, key: Key, chosen: Chosen, asked: A, by: Callable[[], tuple[Chosen, A, G]]
    ) -> tuple[Chosen, A, G]:
        """Return what was given for the same before, or what `by` gives now; raises what that does.

        Args:
            key: what is asked of the version that was chosen.
            chosen: it; another one may answer, and of that nothing is kept.
            asked: what is asked.
            by: who answers, to what, and what it gives.
        """
        if not key.file:  # a function may answer otherwise tomorrow
            return by()
        with self._lock:
            found = self._held.get(key)
        if found is not None:
            return chosen._replace(cache=HIT), asked, found[0]
        answered, taken, given = by()
        if answered is chosen:
            self._keep(key, given)
        return answered._replace(cache=MISS), taken, given

    def _keep(self, key: Key, given: Any) -> None:
        size = OVERHEAD + size_of(given)
        with self._lock:
            if size <= self._held.maxsize:
                self._held[key] = given, size


def size_of(given: "Array | Predicted") -> int:
    """Return how many bytes of memory something takes, about."""
    if not isinstance(given, Predicted):
        return _bytes_of(given)
    arrays = [*given.inputs.values(), given.output]
    arrays += [] if given.spread is None else [given.spread]
    why = PER_BYTE * len(_encode(given.explanations)) if given.explanations else 0
    return sum(map(_bytes_of, arrays)) + why


def _bytes_of(values: Array) -> int:
    texts = sum(map(sys.getsizeof, values.ravel().tolist())) if values.dtype.hasobject else 0
    return int(values.nbytes) + texts


def _parts(rows: Rows) -> Iterable[bytes]:
    """Yield what tells rows from all others."""
    if not isinstance(rows, Table):
        yield _encode(rows)
        return
    yield b"table %d" % rows.rows
    for name in sorted(rows.columns):
        values = rows.columns[name]
        texts = values.dtype.hasobject
        data = _encode(values.tolist()) if texts else values.tobytes()
        yield _encode((name, values.dtype.str, len(data)))
        yield data
