"""What the services need of the world."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from functions.kit.contract.access.workspaces import Place
from functions.kit.service.upkeep import HourFiles
from functions.monitoring.model.files import LogFile
from functions.monitoring.model.labels import ByKey
from functions.monitoring.model.logged import Filters, Key, Label, Life, Logged


class PredictionFiles(HourFiles[LogFile], Protocol):
    """Keeps predictions in files, each whole or not at all."""

    def write(self, file: LogFile, found: Sequence[Logged]) -> None:
        """Store predictions, whatever their order; again what is there already changes nothing."""

    def read(self, file: LogFile, filters: Filters, before: Key | None, most: int) -> list[Logged]:
        """Return the newest predictions of a file that are meant and older than `before`.

        Raises:
            FileNotFoundError: it was merged into another.
        """

    def ids(
        self, file: LogFile, column: str | None = None, life: Life | None = None
    ) -> list[tuple[str, Any]]:
        """Return the ids in a file, each with its value of an input column; None without one.

        Where a life is given, they are those of its predictions.

        Raises:
            FileNotFoundError: it was merged into another.
        """

    def written_since(self, prefix: str, when: dt.datetime) -> list[LogFile]:
        """Return the files whose names begin so, and that were written since then."""


class LabelFiles(HourFiles[LogFile], Protocol):
    """Keeps labels in files by the hour of their predictions; the last that came counts."""

    def write(self, file: LogFile, labels: Mapping[str, str]) -> None:
        """Store labels by the predictions' ids."""

    def read(self, model: Place, ids: Mapping[int, Collection[str]]) -> dict[str, Label]:
        """Return what came last of some predictions; `ids` are those by their hours since 1970."""


class Waiting(NamedTuple):
    """Labels by key that no prediction was there for.

    Attributes:
        name: of what keeps them.
        model: whose they are.
        since: when they were looked for last.
        by: they.
    """

    name: str
    model: Place
    since: dt.datetime
    by: ByKey


class WaitingLabels(Protocol):
    """Keeps labels by key until their predictions come."""

    def keep(self, model: Place, by: ByKey) -> None:
        """Keep labels; raises NoRoom, Away."""

    def count(self, model: Place) -> int:
        """Return how many of a model's labels wait."""

    def all(self) -> Iterable[Waiting]:
        """Return what waits."""

    def drop(self, name: str) -> None:
        """Keep some no longer."""


class Models(Protocol):
    """The registered models."""

    def life(self, model: Place) -> Life | None:
        """Return the life of the model that has a name now; None where none has. Raises Away."""


class Explainer(Protocol):
    """Tells what each column did for a prediction."""

    def explain(self, model: Place, version: int, inputs: Mapping[str, Any]) -> Any:
        """Return it as `prediction` gives it; raises DomainError."""
