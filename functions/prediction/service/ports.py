"""What the service needs of the model registry, and of a version that is ready to answer."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.features import Array, Inputs
from functions.kit.contract.models.registration import Model, ModelFile, Version
from functions.kit.contract.models.traffic import Traffic
from functions.prediction.model.certain import Certain
from functions.prediction.model.describing import Describer, Predicted
from functions.prediction.model.reading import Reading
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import Rows, TableReader

T = TypeVar("T")

LOOK_BACK = dt.timedelta(seconds=60)
"""What counts as of late. Twice as long as a look at what is known may lie back: the clock that
dates a change may be late, and so may its commit."""
# An alias, or a version's number.
Reference = str | int


class Target(msgspec.Struct, frozen=True):
    """A version that a reference leads to; `uid` tells models of one name apart."""

    model: Place
    uid: str
    version: int


class Loaded(NamedTuple):
    """A version that a replica had to make ready, and when (Unix seconds)."""

    target: Target
    at: float


class Found(NamedTuple):
    """Where a reference leads; and of an alias whose calls are shared out, how they are."""

    target: Target
    traffic: Traffic | None = None


class Registry(Protocol):
    """Tells of models and their versions; each call may raise Away.

    A workspace's models are apart from those of all others, whatever their names are.
    """

    def find(self, model: Place, reference: Reference) -> Found:
        """Return where `reference` of `model` leads now; raises NotFound."""

    def version(self, target: Target) -> Version:
        """Return what the registry says of a version; raises NotFound."""

    def versions(self, model: Place) -> Sequence[int]:
        """Return the numbers of a model's versions; raises NotFound."""

    def some_versions(self, targets: Sequence[Target]) -> Mapping[Target, Version]:
        """Return what the registry says of some versions, of those that are there."""

    def models(self, workspace: str) -> Sequence[Model]:
        """Return the models of a workspace, by name."""

    def changed(self, workspace: str) -> Collection[str]:
        """Return the names of a workspace's models that were changed or taken away of late."""


class Predictor(Protocol):
    """Turns rows into what one version gives for them.

    Attributes:
        version: what the registry says of it.
        reader: checks what callers send.
        tables: checks whole columns of it.
        reading: both of them, for plain values by column.
        certain: what it states of how certain it is.
        describe: turns what `predict` gives into predictions.
        size: bytes of memory that it takes.
        is_double: whether what `run` gives is float64.
        uid: of the model, which tells those of one name apart.
    """

    version: Version
    reader: Reader
    tables: TableReader
    reading: Reading
    certain: Certain
    describe: Describer
    size: int
    is_double: bool
    uid: str

    def encode(self, rows: Rows) -> Inputs:
        """Return the ONNX inputs for rows, by name, each [rows, 1]."""

    def predict(self, rows: Rows) -> Predicted:
        """Return what the model gives for rows, and the spread where its intervals need that.

        Raises:
            Failed: as `run`.
        """

    def run(self, inputs: Inputs) -> Array:
        """Return probabilities [rows, labels], or values [rows, 1].

        Raises:
            Failed: the model fails, or gives something that is not a number.
        """


HIT, MISS = "hit", "miss"
"""Whether what was given was remembered."""


class Chosen(NamedTuple):
    """The version that answers a call, and why it does.

    Attributes:
        predictor: it, ready.
        alias: the alias that led to it; empty where the call named a version.
        why: in a word, such as "alias" or "version".
        trial: what it is part of, where the alias's calls are shared out.
        cache: HIT or MISS, where what it gave is remembered; else empty.
    """

    predictor: Predictor
    alias: str
    why: str
    trial: "Trial | None" = None
    cache: str = ""

    @property
    def reason(self) -> str:
        """Why, where the call itself does not say it; else empty."""
        return "" if self.trial is None else self.why

    @property
    def told(self) -> str:
        """Why, as the log has it."""
        return f"{self.why}, cached" if self.cache == HIT else self.why


class Made(NamedTuple):
    """The predictions of one call, as the log takes them; nobody changes them any more.

    Attributes:
        at: Unix seconds when they were there.
        id: of the answer; its prediction at place i, from 0, is `{id}-{i}`.
        chosen: which version answered.
        rows: what was asked.
        output: what the model gave: probabilities [rows, labels], or values [rows, 1].
        seconds: that the call took so far.
        caller: who asked.
        spread: where the version's intervals need it, [rows, 1].
    """

    at: float
    id: str
    chosen: Chosen
    rows: Rows
    output: Array
    seconds: float
    caller: Caller
    spread: Array | None = None


class PredictionLog(Protocol):
    """Takes what was predicted."""

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        """Take the predictions of one call.

        Usually that is all that its caller waits for. `before_answer`, they are on disk when this
        returns.

        Raises:
            Away, NoRoom: they are to be on disk, and cannot be.
        """


Run = Callable[[Predictor, Rows], T]
"""A version, and rows that it has checked → what it gives for them."""


class Trial(Protocol):
    """Versions that the calls of an alias are shared out among."""

    def run(self, chosen: Chosen, rows: Rows, by: Run[T]) -> tuple[Chosen, Rows, T]:
        """Answer a call, as `predictions.run` does."""

    def follow(self, made: Made, told: PredictionLog) -> None:
        """Have other versions answer the same, when there is time."""


Remote = Callable[[Place, Version], Predictor]
"""A model's place and a version that is a function → what asks that; raises Unloadable."""
# A version's file → its bytes; raises Unloadable.
GetFile = Callable[[ModelFile], bytes]
# A version and the bytes of its file → it, ready; raises Unloadable.
OpenVersion = Callable[[Version, bytes], Predictor]
