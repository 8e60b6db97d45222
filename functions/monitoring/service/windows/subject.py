"""What windows are of."""

from typing import NamedTuple

from functions.kit.contract.steps import Lease
from functions.monitoring.model.logged import Life
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.windows.ports import Known


class Subject(NamedTuple):
    """What windows are of.

    Attributes:
        of: a version.
        life: of its model.
        known: its reference.
        now: the minute since 1970 that it is: windows that end by then are over.
        lease: of the step that sums them: they are kept while it holds.
    """

    of: Monitored
    life: Life
    known: Known | None
    now: int
    lease: Lease
