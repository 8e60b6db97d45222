"""What the service needs of the model registry, and of a version that is ready to answer."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from functions.kit.contract.features import Array
from functions.kit.contract.registration import ModelFile, Version
from functions.kit.contract.workspaces import Place
from functions.prediction.model.records import Reader, Records
from functions.prediction.model.tables import Table, TableReader

# An alias, or a version's number.
Reference = str | int


class Target(msgspec.Struct, frozen=True):
    """A version that a reference leads to; `uid` tells models of one name apart."""

    model: Place
    uid: str
    version: int


class Registry(Protocol):
    """Tells of models and their versions; each call may raise Away.

    A workspace's models are apart from those of all others, whatever their names are.
    """

    def find(self, model: Place, reference: Reference) -> Target:
        """Return where `reference` of `model` leads now; raises NotFound."""

    def version(self, target: Target) -> Version:
        """Return what the registry says of a version; raises NotFound."""

    def versions(self, model: Place) -> Sequence[int]:
        """Return the numbers of a model's versions; raises NotFound."""

    def names(self, workspace: str) -> Sequence[tuple[str, Sequence[int]]]:
        """Return each model of a workspace with its versions."""


class Predictor(Protocol):
    """Turns records into what one version gives for them.

    Attributes:
        version: what the registry says of it.
        reader: checks what callers send.
        tables: checks whole columns of it.
        describe: turns what `run` gives into predictions.
        size: bytes of its file.
        is_double: whether what `run` gives is float64.
    """

    version: Version
    reader: Reader
    tables: TableReader
    describe: Callable[[Array], Any]
    size: int
    is_double: bool

    def run(self, records: Records) -> Array:
        """Return probabilities [rows, labels], or values [rows, 1].

        Raises:
            Failed: the model fails, or gives something that is not a number.
        """

    def run_table(self, table: Table) -> Array:
        """Return what `run` returns for the same rows; raises what it raises."""


# A version's file → its bytes; raises Unloadable.
GetFile = Callable[[ModelFile], bytes]
# A version and the bytes of its file → it, ready; raises Unloadable.
OpenVersion = Callable[[Version, bytes], Predictor]
