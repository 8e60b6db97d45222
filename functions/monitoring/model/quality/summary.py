"""All that is said of a version's quality over some predictions; pure."""

from collections.abc import Mapping, Sequence

import msgspec

from functions.kit.contract.measures.coverage import Coverage
from functions.kit.contract.measures.expectation.expected import Expectation
from functions.kit.contract.measures.names import DECIDING
from functions.kit.contract.measures.parts import inside
from functions.monitoring.model.quality import concept, expecting, held
from functions.monitoring.model.quality.concept import CONCEPT, Evidence
from functions.monitoring.model.quality.known import Known, Slice
from functions.monitoring.model.quality.measured import measured
from functions.monitoring.model.quality.rows import Rows
from functions.monitoring.model.windows.measures import ESTIMATED, QUALITY, Reading, of

OFF = "estimate_off"
"""`estimate_off:{metric}`: what labels say less what was estimated for the same rows."""
SLICE = "slice"
"""`slice:{column} {part}`: the measure that decides, of labelled rows of that part."""
MOST_SLICES = 10
"""That a window has; all are told when they are asked for."""
SLICE_DRAWS = 50


class SliceQuality(msgspec.Struct):
    """A part of the rows.

    Attributes:
        column: whose values make the part.
        part: which rows, in words, as the model's card has them.
        rows: predictions in it.
        labelled: those whose truth is known.
        true: measures of these, by metric.
        estimated: measures expected of all, by metric.
    """

    column: str
    part: str
    rows: int
    labelled: int
    true: dict[str, Reading]
    estimated: dict[str, Reading]


class Quality(msgspec.Struct):
    """How good a version is over some predictions.

    Attributes:
        rows: predictions looked at.
        labelled: those whose truth is known.
        true: measures of these, by metric.
        estimated: measures expected of all rows, by metric.
        off: what labels say less what was estimated for the same rows, by metric.
        coverage: how often sets or intervals held the truth, by the level that is stated.
        evidence: what labels say of the estimate; null where there are too few.
        cannot_tell: why the estimate is not to be believed; empty where it is.
        slices: the same for parts of the data.
        why: something is missing, in a sentence each.
    """

    rows: int
    labelled: int
    true: dict[str, Reading]
    estimated: dict[str, Reading]
    off: dict[str, Reading]
    coverage: list[Coverage]
    evidence: Evidence | None
    cannot_tell: str
    slices: list[SliceQuality]
    why: list[str]


class Before(msgspec.Struct, frozen=True):
    """What is known besides the rows themselves.

    Attributes:
        learnt: by which measures are expected, where training kept nothing.
        concept: what labels said of estimates in windows before; the oldest first.
    """

    learnt: Expectation | None = None
    concept: Sequence[Reading | None] = ()


def assess(known: Known, rows: Rows, before: Before, slices: Sequence[Slice] = ()) -> Quality:
    """Return all that is said of some predictions.

    Args:
        known: the version.
        rows: its predictions.
        before: what is known besides.
        slices: the parts of which the same is said.
    """
    labelled = rows.labelled
    true = measured(known.signature, labelled, known.usual)
    expectation = known.expectation or before.learnt
    theirs = expecting.expected(known.signature, expectation, labelled)
    found = concept.evidence(known.signature, true, theirs)
    doubt = concept.doubt(found, before.concept)
    return Quality(
        rows.count,
        labelled.count,
        true,
        _estimated(known, expectation, rows, doubt),
        {name: _off(true[name], one.value) for name, one in theirs.items() if name in true},
        held.covered(known.signature, labelled),
        found,
        doubt,
        [_of_slice(known, expectation, rows, one, doubt) for one in slices],
        _missing(rows, labelled, expectation, theirs),
    )


def _estimated(
    known: Known, expectation: Expectation | None, rows: Rows, doubt: str
) -> dict[str, Reading]:
    found = expecting.expected(known.signature, expectation, rows)
    return expecting.readings(known.signature, found, rows.count, known.usual, doubt)


def _off(true: Reading, expected: float) -> Reading:
    return Reading(None if true.value is None else true.value - expected, rows=true.rows)


def _of_slice(
    known: Known, expectation: Expectation | None, rows: Rows, one: Slice, doubt: str
) -> SliceQuality:
    column = rows.columns.get(one.column)
    if column is None or one.where is None:
        return SliceQuality(one.column, one.part, 0, 0, {}, {})
    part = rows.take(inside(one.where, column))
    labelled = part.labelled
    true = measured(known.signature, labelled, draws=SLICE_DRAWS)
    estimated = _estimated(_without_usual(known), expectation, part, doubt)
    return SliceQuality(one.column, one.part, part.count, labelled.count, true, estimated)


def _without_usual(known: Known) -> Known:
    """Return the version without what is usual of all its rows: a part of them may be harder."""
    return Known(known.signature, {}, known.slices, known.expectation)


def _missing(
    rows: Rows, labelled: Rows, expectation: Expectation | None, theirs: Mapping[str, object]
) -> list[str]:
    found = []
    if rows.strange:
        found.append(f"{rows.strange:,} labels are none that this version knows; they are left out")
    if not rows.count:
        found.append("there are no predictions")
    elif not labelled.count:
        found.append("no prediction has a label yet")
    if expectation is None:
        found.append(f"no estimate: {expecting.NOTHING_LEARNT}")
    elif labelled.count and not theirs:
        found.append(f"no estimate: {expecting.NO_SPREAD}")
    return found


def readings(found: Quality) -> dict[str, Reading]:
    """Return it as a window's measures."""
    measures = {of(QUALITY, name): one for name, one in found.true.items()}
    measures |= {of(ESTIMATED, name): one for name, one in found.estimated.items()}
    measures |= {of(OFF, name): one for name, one in found.off.items()}
    measures |= held.readings(found.coverage, found.labelled)
    if found.evidence is not None:
        measures[CONCEPT] = concept.reading(found.evidence)
    return measures


def slice_readings(known: Known, rows: Rows) -> dict[str, Reading]:
    """Return the measure that decides of the labelled rows of ten slices, as measures."""
    deciding, labelled = DECIDING[known.signature.task], rows.labelled
    found: dict[str, Reading] = {}
    for one in known.slices[:MOST_SLICES]:
        column = labelled.columns.get(one.column)
        if column is None or one.where is None:
            continue
        part = labelled.take(inside(one.where, column))
        true = measured(known.signature, part, draws=SLICE_DRAWS, only=frozenset({deciding}))
        found |= {of(SLICE, f"{one.column} {one.part}"): reading for reading in true.values()}
    return found
