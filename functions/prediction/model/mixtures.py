"""Mixtures of a record and background rows: what a model is asked to explain the record."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from functions.kit.contract.background import players
from functions.kit.contract.features import Array, Inputs
from functions.kit.contract.signature import Signature
from functions.kit.lazy import Lazy
from functions.prediction.model.shapley import Game

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")


class Added(NamedTuple):
    """What each column adds to a record's answer.

    Attributes:
        values: float64 [columns]; they sum to the answer less the background rows' mean.
        errors: the standard error of each, [columns]; None: they are exact.
    """

    values: Array
    errors: Array | None


class Comparison:
    """A record against each background row: a game of the columns in which the two differ.

    So a column in which they agree costs nothing, and adds nothing.

    Args:
        differ: bool [background rows, columns].
        effort: how many mixtures there may be, where that can be chosen.
        seed: of what is drawn.

    Attributes:
        backgrounds: of each mixture, the background row's place, [mixtures].
        masks: in which columns a mixture is as the record, bool [mixtures, columns].
    """

    def __init__(self, differ: Array, effort: int, seed: int) -> None:
        count = len(differ)
        self._size = differ.shape[1]
        self._columns = [np.flatnonzero(one) for one in differ]
        self._games = [
            Game(len(columns), effort // count, (seed, place)) if len(columns) else None
            for place, columns in enumerate(self._columns)
        ]
        parts = [*self._parts()]
        self.backgrounds = np.repeat(np.arange(count), [len(part) for part in parts])
        self.masks = np.concatenate(parts)

    def _parts(self) -> Iterator[Array]:
        for columns, game in zip(self._columns, self._games, strict=True):
            coalitions = np.empty((0, 0), bool) if game is None else game.coalitions
            masks = np.ones((len(coalitions), self._size), dtype=bool)
            masks[:, columns] = coalitions
            yield masks

    def added(self, worth: Array, nobody: Array, everybody: float) -> Added:
        """Return what each column adds, on average over the background rows.

        Args:
            worth: what the model says of each mixture, float64 [mixtures].
            nobody: of each background row, [background rows].
            everybody: of the record.
        """
        values, variances = np.zeros(self._size), np.zeros(self._size)
        is_exact, begin = True, 0
        for place, (columns, game) in enumerate(zip(self._columns, self._games, strict=True)):
            if game is None:
                continue
            end = begin + len(game.coalitions)
            shares = game.shares(worth[begin:end], float(nobody[place]), everybody)
            values[columns] += shares.values
            if shares.variances is not None:
                is_exact = False
                variances[columns] += shares.variances
            begin = end
        count = len(self._games)
        return Added(values / count, None if is_exact else np.sqrt(variances) / count)


class Mixer:
    """Makes a model's inputs of records and background rows.

    Args:
        signature: of the model.
        inputs: of the records.
        background: of the background rows.
    """

    def __init__(self, signature: Signature, inputs: Inputs, background: Inputs) -> None:
        self._players = [*players(signature).values()]
        self._both = {name: np.concatenate([inputs[name], background[name]]) for name in inputs}
        self._records = len(next(iter(inputs.values())))

    def mix(self, record: int, backgrounds: Array, masks: Array) -> Inputs:
        """Return the inputs for a record in some columns, and background rows in the others.

        Args:
            record: its place.
            backgrounds: of each mixture, [mixtures].
            masks: which columns are the record's, bool [mixtures, columns].
        """
        others = backgrounds + self._records
        mixed: Inputs = {}
        for place, names in enumerate(self._players):
            rows = np.where(masks[:, place], record, others)
            mixed |= {name: self._both[name][rows] for name in names}
        return mixed
