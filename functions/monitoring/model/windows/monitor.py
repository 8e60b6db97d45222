"""A version that is monitored: what of its windows is to be summed.

Whoever takes predictions or labels in says of which minutes or hours they are, each time by another
number; whoever has summed them takes away what is still as it was when he began.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.names import LONGEST
from functions.kit.contract.stepped import Due, Kind
from functions.kit.contract.steps import Step
from functions.kit.contract.telemetry.hourly import moment
from functions.monitoring.model.windows.window import Monitored, minute_start

FUNCTION = "monitoring"
MONITORS = "monitors"

Marks = dict[str, int]
"""A minute, or an hour, since 1970 → the number by which it was told of last."""


class Monitor(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be summed of a version.

    Attributes:
        workspace: where the model is.
        model: by name.
        version: of it.
        created_at: when it was first told of.
        uid: of the model whose windows there are; empty before the first.
        marks: how often it was told of anything.
        told: minutes that predictions came of.
        late: minutes that are summed, but longer windows are not.
        labelled: hours that labels came of.
        rests_until: microseconds since 1970, before which longer windows are left as they are.
        closes: the minute from which on an hour is over that was not when it was summed; 0 for
            none: nothing has come for long.
        sweeps: the minute from which on to look for what is old, where no hour is waited for; 0
            before anything is summed.
    """

    workspace: str
    model: str
    version: int
    created_at: dt.datetime
    uid: str = ""
    marks: int = 0
    told: Marks = {}
    late: Marks = {}
    labelled: Marks = {}
    rests_until: int = 0
    closes: int = 0
    sweeps: int = 0

    @property
    def id(self) -> str:
        """Its name in its workspace."""
        return place_of(self.of).name

    @property
    def place(self) -> Place:
        """Where it is."""
        return place_of(self.of)

    @property
    def of(self) -> Monitored:
        """Whose windows."""
        return Monitored(Place(self.workspace, self.model), self.version)


def place_of(of: Monitored) -> Place:
    """Return where the monitor of a version is."""
    name = f"v{of.version}-{of.model.name}"
    if len(name) > LONGEST:
        name = f"v{of.version}-{hashlib.sha256(of.model.name.encode()).hexdigest()}"
    return Place(of.model.workspace, name)


def sum_step(of: Monitored) -> Step:
    """Return the step that sums."""
    model = of.model
    parts = ("models", model.name, "versions", str(of.version), "steps", "sum")
    return Step(FUNCTION, f"/{workspaces.path(model.workspace, *parts)}")


def due(monitor: Monitor) -> list[Due]:
    """Return what is to be done: at once where there are new minutes, else after a rest.

    Whatever nobody asks any more grows old, too, and its model may be no more.
    """
    if monitor.told:
        return [Due(sum_step(monitor.of))]
    if monitor.late or monitor.labelled:
        return [Due(sum_step(monitor.of), moment(monitor.rests_until))]
    if at := monitor.closes or monitor.sweeps:
        return [Due(sum_step(monitor.of), minute_start(at))]
    return []


MONITOR: Kind[Monitor] = Kind(
    noun="monitor",
    collection=MONITORS,
    type=Monitor,
    due=due,
    list_of=lambda monitor: (monitor.model,),
    open_of=lambda _: "",
)
"""What a store must know of monitors."""


def tell(monitor: Monitor, minutes: Iterable[int]) -> Monitor:
    """Note that predictions of some minutes came."""
    marks = monitor.marks + 1
    return replace(monitor, marks=marks, told=monitor.told | {str(one): marks for one in minutes})


def tell_labels(monitor: Monitor, hours: Iterable[int]) -> Monitor:
    """Note that labels of predictions of some hours came."""
    marks = monitor.marks + 1
    labelled = monitor.labelled | {str(one): marks for one in hours}
    return replace(monitor, marks=marks, labelled=labelled)


def summed(monitor: Monitor, done: Marks, uid: str) -> Monitor:
    """Note that minutes are summed as they were told of; longer windows are not yet."""
    return replace(monitor, uid=uid, told=_without(monitor.told, done), late=monitor.late | done)


def settled(
    monitor: Monitor, late: Marks, labelled: Marks, rests_until: int, closes: int, sweeps: int
) -> Monitor:
    """Note that longer windows are summed, too."""
    return replace(
        monitor,
        late=_without(monitor.late, late),
        labelled=_without(monitor.labelled, labelled),
        rests_until=rests_until,
        closes=closes,
        sweeps=sweeps,
    )


def _without(marks: Mapping[str, int], done: Mapping[str, int]) -> Marks:
    return {key: mark for key, mark in marks.items() if done.get(key) != mark}
