"""Sums of predictions: they add up, in whatever order, to those of longer windows."""

import functools
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from functions.kit.contract.telemetry import durations
from functions.kit.contract.telemetry.predictions import Counts

MOST_NEW = 20
"""New words that are told, the first by the alphabet: so sums of parts are sums of the whole."""
K = TypeVar("K", str, int)


class ColumnSum(msgspec.Struct, omit_defaults=True):
    """What a column had.

    Attributes:
        rows: looked at.
        missing: rows without a value.
        mistyped: rows with a value that is of no kind of the column's.
        bins: numbers by the reference's bins; empty where it has none.
        below: lower than any of the reference.
        above: higher than any.
        low: the least number.
        high: the most.
        words: by the reference's words.
        rest: rows with another word that the reference may have.
        new: rows with a word that the reference has not.
        new_words: some of those.
    """

    rows: int = 0
    missing: int = 0
    mistyped: int = 0
    bins: list[int] = []
    below: int = 0
    above: int = 0
    low: float | None = None
    high: float | None = None
    words: dict[str, int] = {}
    rest: int = 0
    new: int = 0
    new_words: dict[str, int] = {}

    @property
    def numbers(self) -> int:
        """How many numbers were binned."""
        return sum(self.bins)

    @property
    def texts(self) -> int:
        """How many words were counted."""
        return sum(self.words.values()) + self.rest + self.new


class Sum(msgspec.Struct):
    """What predictions had.

    Attributes:
        rows: predictions.
        calls: that gave them.
        times: calls by how long they took (`kit.contract.telemetry.durations`).
        columns: by name; none where there is no reference.
        predicted: labels that were given.
        values: numbers that were given; of classes, the probabilities of what was said.
        counts: what came beside predictions.
    """

    rows: int = 0
    calls: int = 0
    times: dict[int, int] = {}
    columns: dict[str, ColumnSum] = {}
    predicted: ColumnSum = msgspec.field(default_factory=ColumnSum)
    values: ColumnSum = msgspec.field(default_factory=ColumnSum)
    counts: Counts = msgspec.field(default_factory=Counts)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing came: no predictions, and nothing that is counted beside them."""
        return not self.rows and self.counts == Counts()

    def milliseconds(self, share: float) -> float | None:
        """Return within how long a share of the calls were done; None without any."""
        found = durations.quantile(self.times, share)
        return None if found is None else found * 1000

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.encode(self)


_decoder = msgspec.json.Decoder(Sum)


def from_bytes(data: bytes) -> Sum:
    """Return what `to_bytes` gave; raises msgspec.DecodeError."""
    return _decoder.decode(data)


def whole(parts: Iterable[Sum]) -> Sum:
    """Return the sum of sums, all of which were made against one reference."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    names = sorted({name for one in found for name in one.columns})
    return Sum(
        sum(one.rows for one in found),
        sum(one.calls for one in found),
        _added(one.times for one in found),
        {
            name: _column([one.columns[name] for one in found if name in one.columns])
            for name in names
        },
        _column([one.predicted for one in found]),
        _column([one.values for one in found]),
        functools.reduce(Counts.plus, (one.counts for one in found), Counts()),
    )


def _of_name(name: str, parts: Iterable[Sum]) -> list[ColumnSum]:
    """Return the sums of a column; a window without predictions has none."""
    return [one.columns[name] for one in parts if name in one.columns]


def _column(parts: list[ColumnSum]) -> ColumnSum:
    new = _added(one.new_words for one in parts)
    lows = [one.low for one in parts if one.low is not None]
    highs = [one.high for one in parts if one.high is not None]
    return ColumnSum(
        rows=sum(one.rows for one in parts),
        missing=sum(one.missing for one in parts),
        mistyped=sum(one.mistyped for one in parts),
        bins=[sum(some) for some in zip(*(one.bins for one in parts if one.bins), strict=True)],
        below=sum(one.below for one in parts),
        above=sum(one.above for one in parts),
        low=min(lows, default=None),
        high=max(highs, default=None),
        words=_added(one.words for one in parts),
        rest=sum(one.rest for one in parts),
        new=sum(one.new for one in parts),
        new_words=first_words(new),
    )


def first_words(new: Mapping[str, int]) -> dict[str, int]:
    """Return those that are told of new words."""
    return {word: new[word] for word in sorted(new)[:MOST_NEW]}


def _added(parts: Iterable[Mapping[K, int]]) -> dict[K, int]:
    found: dict[K, int] = {}
    for part in parts:
        for key, count in part.items():
            found[key] = found.get(key, 0) + count
    return {key: found[key] for key in sorted(found)}
