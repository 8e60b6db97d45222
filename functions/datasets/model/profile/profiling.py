"""The profile of a table, column by column and all together."""

from collections.abc import Sequence

from functions.datasets.model.profile.cautions import warnings
from functions.datasets.model.profile.cells import ColumnCells
from functions.datasets.model.profile.correlations import strongest
from functions.datasets.model.profile.relations import measures
from functions.datasets.model.profile.summaries import summary
from functions.kit.contract.records.profile import Profile


def profile_of(revision: int, columns: Sequence[ColumnCells], target: str | None) -> Profile:
    """Return what is known of a table of a revision; `target` is one of its columns."""
    wanted = next((one for one in columns if one.column.name == target), None)
    told = [summary(one) for one in columns]
    if wanted is not None:
        for cells, found in zip(columns, told, strict=True):
            if cells is not wanted:
                found.target = measures(cells, wanted)
    rows = len(columns[0].codes) if columns else 0
    return Profile(revision, rows, target, told, strongest(columns), warnings(columns, wanted))
