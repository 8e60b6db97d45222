"""How a model's windows are compared, as its people want it."""

import msgspec

from functions.monitoring.model.drift.seasonal import CompareWith


class Comparison(msgspec.Struct, frozen=True):
    """What windows that come are compared with.

    Attributes:
        compare_with: `training`: the rows that the version learnt from; `season`: windows of the
            same time of the week before, from three on.
    """

    compare_with: CompareWith = "training"


class Kept(msgspec.Struct, frozen=True):
    """It as it is kept: `uid` is the model's, as another may get the name."""

    uid: str
    comparison: Comparison


USUAL = Comparison()
