"""Labels as callers send them: by prediction, or by what a column has."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.records.sensitive import text_of
from functions.kit.contract.telemetry.predictions import given_at

MOST = 100_000
"""Labels in one call."""
_MOST_FLAWS = 20

LabelValue = str | int | float | bool


class OneLabel(msgspec.Struct, forbid_unknown_fields=True):
    """What turned out to be true of a prediction: by `id`, or by the `value` of the key column."""

    label: LabelValue
    id: str | None = None
    value: LabelValue | None = None


class LabelsBody(msgspec.Struct, forbid_unknown_fields=True):
    """Labels: of predictions by their ids, or of all that have a value in the column `key`."""

    labels: Annotated[list[OneLabel], msgspec.Meta(min_length=1, max_length=MOST)]
    key: str | None = None


class ByKey(msgspec.Struct):
    """Labels by what a column has.

    Attributes:
        key: the column.
        labels: by its value, as text.
        at: when they came, microseconds since 1970.
        uid: of the model whose they are; empty in what is older than this.
    """

    key: str
    labels: dict[str, str]
    at: int
    uid: str = ""


class LabelsTaken(msgspec.Struct):
    """What became of labels.

    Attributes:
        labels: how many were kept, each prediction's or value's last one.
        matched: predictions that have one of them now.
        waiting: labels whose predictions have not come yet: each counts once it does.
    """

    labels: int
    matched: int
    waiting: int


def by_id(labels: Sequence[OneLabel]) -> dict[str, str]:
    """Return labels by prediction, the last of each; raises Invalid."""
    flaws = [
        Flaw(_no_id(one), row=row, column="id")
        for row, one in enumerate(labels, 1)
        if one.id is None or one.value is not None or given_at(one.id) is None
    ]
    _check(flaws)
    return {str(one.id): text_of(one.label) for one in labels}


def by_value(labels: Sequence[OneLabel]) -> dict[str, str]:
    """Return labels by the key column's value as text, the last of each; raises Invalid."""
    flaws = [
        Flaw("a label by key has a value, and no id", row=row, column="value")
        for row, one in enumerate(labels, 1)
        if one.value is None or one.id is not None
    ]
    _check(flaws)
    return {text_of(one.value): text_of(one.label) for one in labels}


def read_csv(body: bytes, key: str | None) -> LabelsBody:
    """Return labels of a CSV file with a header: `id` or the key column, and `label`.

    Raises:
        Invalid: it has other columns, or a line has not two cells.
    """
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise refused("The labels were refused", Flaw(f"it is no CSV: {error}")) from error
    name = "id" if key is None else key
    header = rows[0] if rows else []
    if sorted(header) != sorted((name, "label")):
        reason = (
            f"the columns are {', '.join(header)[:200] or 'none'}; '{name}' and 'label' are wanted"
        )
        raise refused("The labels were refused", Flaw(reason))
    lines = [row for row in rows[1:] if row]
    flaws = [
        Flaw("the line has not two cells", row=row)
        for row, cells in enumerate(lines, 1)
        if len(cells) != 2
    ]
    _check(flaws)
    if not 1 <= len(lines) <= MOST:
        reason = f"one call takes 1 to {MOST:,} labels, not {len(lines):,}"
        raise refused("The labels were refused", Flaw(reason))
    return _of_cells([dict(zip(header, cells, strict=True)) for cells in lines], name, key)


def _of_cells(rows: Sequence[Mapping[str, str]], name: str, key: str | None) -> LabelsBody:
    field = "id" if key is None else "value"
    labels: list[Any] = [{"label": row["label"], field: row[name]} for row in rows]
    return msgspec.convert({"labels": labels, "key": key}, LabelsBody)


def _no_id(one: OneLabel) -> str:
    if one.id is None or one.value is not None:
        return "a label has the id of a prediction, unless the body names a key column"
    return f"{one.id[:80]!r} is no prediction's id: an answer's id, '-', and a place from 0"


def _check(flaws: Sequence[Flaw]) -> None:
    if flaws:
        raise refused("Some labels were refused", *flaws[:_MOST_FLAWS])
