"""One column then and now: by its values, and by what is missing, new, out of range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from functions.kit.contract.models.reference import ColumnReference, Numbers, Words
from functions.monitoring.model.drift import statistics
from functions.monitoring.model.windows.sums import ColumnSum

Statistic = Literal["wasserstein", "jensen_shannon", "correlation", "reasons"]
FLOORS: Mapping[Statistic, float] = {
    "wasserstein": 0.1,
    "jensen_shannon": 0.1,
    "correlation": 0.1,
    "reasons": 0.1,
}
"""What is nearer is no drift, however certain: in standard deviations; of 1 for no common word; by
which a correlation of two columns changed; the share of reasons that are other columns' now."""
SHARE_FLOOR = 0.005
"""The same of shares of rows: missing, new, out of range."""
PSI_BINS = 10
_FAR = 1e150
"""Standard deviations: what is farther away is as far."""
OTHERS = "\x00"
"""Stands for words that are not counted by themselves."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        value: how far it is off, or the share of rows.
        p: how likely as much or more is by chance.
        is_much: whether it is enough to matter, were it certain.
    """

    value: float
    p: float
    is_much: bool


@dataclass(frozen=True)
class ColumnDrift:
    """What was found of a column, or of what stands in the place of one.

    Attributes:
        values: how its values are off.
        statistic: which one that is.
        psi: the population stability index of them; None where there is none.
        shares: by measure: `missing`, `new_words`, `out_of_range`, `mistyped`.
        about: the columns that it is about, where it is none itself.
        apart: how far values may be off beyond what else is no drift.
    """

    values: Finding
    statistic: Statistic
    psi: float | None
    shares: dict[str, Finding] = field(default_factory=dict)
    about: Sequence[str] = ()
    apart: float = 0.0

    @property
    def findings(self) -> list[Finding]:
        """All that was looked at."""
        return [self.values, *self.shares.values()]

    @property
    def p(self) -> float:
        """Of all together: Bonferroni's."""
        tested = self.findings
        return min(1.0, len(tested) * min(one.p for one in tested))

    def alarms(self, most: float) -> list[Finding]:
        """Return what is off, where `most` is the largest p of a column that counts; 0 for none."""
        tested = self.findings
        return [one for one in tested if one.is_much and len(tested) * one.p <= most and most]


def column_drift(reference: ColumnReference, now: ColumnSum) -> ColumnDrift | None:
    """Return how a column is off; None where nothing but its rows was kept."""
    is_known = reference.numbers is not None or reference.words is not None
    if not is_known and reference.missing < reference.rows:
        return None  # what it had is nobody's to read, or too long
    missing = _missing(reference, now)
    if reference.words is not None:
        found = words_drift(reference.words, now)
    elif reference.numbers is not None:
        found = numbers_drift(reference.numbers, now)
    else:
        found = ColumnDrift(Finding(0.0, 1.0, is_much=False), "wasserstein", 0.0)
    found.shares["missing"] = missing
    return found


def numbers_drift(then: Numbers, now: ColumnSum) -> ColumnDrift:
    """Return how numbers are off."""
    n = now.numbers
    if not n:
        distance, p, index = 0.0, 1.0, 0.0
    else:
        distance = wasserstein(then, now)
        p = statistics.kolmogorov_smirnov(then.counts, now.bins)[1]
        index = statistics.psi(_tenths(then.counts, then.counts), _tenths(then.counts, now.bins))
    values = Finding(distance, p, is_much=distance >= FLOORS["wasserstein"])
    found = ColumnDrift(values, "wasserstein", index)
    if n:
        found.shares["out_of_range"] = _beyond(then, now, n)
    if now.mistyped:
        found.shares["mistyped"] = Finding(now.mistyped / now.rows, 0.0, is_much=True)
    return found


def wasserstein(then: Numbers, now: ColumnSum) -> float:
    """Return how far numbers are off, in the reference's standard deviations.

    Of a column that was constant there is none: it is the share of rows with another number.
    """
    n = now.numbers
    if not n or now.low is None or now.high is None:
        return 0.0
    if then.std == 0:
        return (now.below + now.above) / n
    outer = [min(then.low, now.low), *then.edges, max(then.high, now.high)]
    scaled = [max(-_FAR, min(_FAR, edge / then.std)) for edge in outer]
    return statistics.wasserstein(scaled, then.counts, now.bins)


def words_drift(then: Words, now: ColumnSum) -> ColumnDrift:
    """Return how words are off; new ones are looked at by themselves, too."""
    before, after = then.counts | {OTHERS: then.rest}, now.words | {OTHERS: now.rest + now.new}
    distance = statistics.jensen_shannon(before, after)
    _, p = statistics.chi_squared(then.counts, now.words, (then.rest, now.rest + now.new))
    names = [*before]
    index = statistics.psi([before[one] for one in names], [after.get(one, 0) for one in names])
    values = Finding(distance, p, is_much=distance >= FLOORS["jensen_shannon"])
    found = ColumnDrift(values, "jensen_shannon", index)
    if now.texts and then.is_whole:
        found.shares["new_words"] = _new(then, now)
    return found


def _new(then: Words, now: ColumnSum) -> Finding:
    """Return how many words are new; as likely as one in a reference without it is unique there."""
    m, n = sum(then.counts.values()), now.texts
    p = statistics.more_p(max(then.once, 1), m, now.new, n)
    share = now.new / n
    return Finding(share, p, is_much=share - (then.once / m if m else 0.0) >= SHARE_FLOOR)


def _missing(then: ColumnReference, now: ColumnSum) -> Finding:
    if not now.rows or not then.rows:
        return Finding(0.0, 1.0, is_much=False)
    share, before = now.missing / now.rows, then.missing / then.rows
    p = statistics.share_p(then.missing, then.rows, now.missing, now.rows)
    return Finding(share, p, is_much=abs(share - before) >= SHARE_FLOOR)


def _beyond(then: Numbers, now: ColumnSum, n: int) -> Finding:
    """Return how many numbers are beyond the range; where some were before, how many more."""
    m = sum(then.counts)
    before, share = (then.below + then.above) / m if m else 0.0, (now.below + now.above) / n
    sides = ((then.below, now.below), (then.above, now.above))
    p = 2 * min(_beyond_p(old, m, side, n) for old, side in sides)
    return Finding(share, min(1.0, p), is_much=abs(share - before) >= SHARE_FLOOR)


def _beyond_p(old: int, m: int, side: int, n: int) -> float:
    return statistics.share_p(old, m, side, n) if old else statistics.beyond_p(m, side, n)


def _tenths(then: Sequence[int], counts: Sequence[int]) -> list[int]:
    """Return counts put together in bins that held a tenth of the rows then, or more."""
    found, whole, held = [0], sum(then), 0
    for before, count in zip(then, counts, strict=True):
        if held >= whole / PSI_BINS:
            found.append(0)
            held = 0
        found[-1] += count
        held += before
    return found
