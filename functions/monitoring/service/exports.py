"""A model's predictions with their labels, as one file."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from functions.kit.contract.errors import Away
from functions.monitoring.model.files import LogFile, predictions_of
from functions.monitoring.model.logged import Filters, Label
from functions.monitoring.service.labelling import Labelling
from functions.monitoring.service.ports import PredictionFiles

LabelsOf = Callable[[list[str]], dict[str, Label]]
Open = Callable[[Sequence[LogFile], Filters, LabelsOf], Iterator[bytes]]
"""Files, what is meant of them, and their labels → one file in pieces."""
_NEVER = 1 << 62
_TRIES = 5


class Exports:
    """Makes files.

    Args:
        files: where predictions are.
        labelling: has their labels.
        opened: puts them together.
    """

    def __init__(self, files: PredictionFiles, labelling: Labelling, opened: Open) -> None:
        self._files = files
        self._labelling = labelling
        self._opened = opened

    def open(self, filters: Filters) -> Iterator[bytes]:
        """Return the pieces of a file; raises Away where the log kept changing meanwhile."""
        for _ in range(_TRIES):
            pieces = self._opened(
                self._meant(filters),
                filters,
                lambda ids: self._labelling.of_ids(filters.model, ids),
            )
            try:
                return chain([next(pieces)], pieces)
            except FileNotFoundError:
                continue  # merged into another meanwhile, which a new list names
        raise Away("The predictions kept changing while they were read; ask again.")

    def _meant(self, filters: Filters) -> list[LogFile]:
        since, until = filters.since or 0, filters.until or _NEVER
        files = self._files.listed(predictions_of(filters.model, filters.version))
        meant = [one for one in files if one.last >= since and one.first < until]
        return sorted(meant, key=lambda file: file.first)
