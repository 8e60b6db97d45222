"""Mixtures of a record and background rows: what a model is asked to explain the record."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.kit.contract.models.background import players
from functions.kit.contract.models.features import Array, Inputs
from functions.kit.contract.models.signature import Signature
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


Ask = Callable[[Array, Array], Array]
"""Mixtures, by the background row of each [mixtures] and the columns in which they are as the
record, bool [mixtures, columns] → what the model says of each, float64 [mixtures]."""


class _Pair(NamedTuple):
    """A record and one background row.

    Attributes:
        background: the row's place.
        columns: the places of the columns in which the two differ, the players.
        game: of these.
    """

    background: int
    columns: Array
    game: Game


class Comparison:
    """A record against each background row: a game of the columns in which the two differ.

    So a column in which they agree costs nothing, and adds nothing.

    Args:
        differ: bool [background rows, columns].
        effort: how many mixtures there may be, where that can be chosen.
        seed: of what is drawn.
    """

    def __init__(self, differ: Array, effort: int, seed: int) -> None:
        self._differ = differ
        self._effort = effort // len(differ)
        self._seed = seed

    def added(self, ask: Ask, most: int, nobody: Array, everybody: float) -> Added:
        """Return what each column adds, on average over the background rows.

        Args:
            ask: the model.
            most: mixtures to ask about at once, unless those of one row alone are more.
            nobody: what the model says of each background row, [background rows].
            everybody: of the record.
        """
        count, columns = self._differ.shape
        values, variances, is_exact = np.zeros(columns), np.zeros(columns), True
        for group in self._groups(most):
            worth, begin = ask(*self._mixtures(group)), 0
            for background, own, game in group:
                end = begin + len(game.coalitions)
                shares = game.shares(worth[begin:end], float(nobody[background]), everybody)
                values[own] += shares.values
                if shares.variances is not None:
                    is_exact = False
                    variances[own] += shares.variances
                begin = end
        return Added(values / count, None if is_exact else np.sqrt(variances) / count)

    def _groups(self, most: int) -> Iterator[list[_Pair]]:
        """Yield background rows that are asked about together; only those of one are in memory."""
        group: list[_Pair] = []
        rows = 0
        for pair in self._pairs():
            mixtures = len(pair.game.coalitions)
            if group and rows + mixtures > most:
                yield group
                group, rows = [], 0
            group.append(pair)
            rows += mixtures
        if group:
            yield group

    def _pairs(self) -> Iterator[_Pair]:
        for background, differ in enumerate(self._differ):
            columns = np.flatnonzero(differ)
            if len(columns):
                game = Game(len(columns), self._effort, (self._seed, background))
                yield _Pair(background, columns, game)

    def _mixtures(self, group: Sequence[_Pair]) -> tuple[Array, Array]:
        """Return what is asked about for a group, as `Ask` takes it."""
        sizes = [len(pair.game.coalitions) for pair in group]
        masks = np.ones((sum(sizes), self._differ.shape[1]), dtype=bool)
        begin = 0
        for size, pair in zip(sizes, group, strict=True):
            masks[begin : begin + size, pair.columns] = pair.game.coalitions
            begin += size
        return np.repeat([pair.background for pair in group], sizes), masks


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
