"""A version that is monitored: what of its windows is to be summed.

Whoever has put predictions or labels on disk looks whether their minutes or hours are marked, and
marks them where they are not: so a document is written as often as it is summed, not as often as
something comes. Whoever sums takes the marks away first and looks at the disk then: what came
before is there, and what comes after is marked anew. What he took stays noted until he is done.
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

PACE = dt.timedelta(seconds=4)
"""Between two sums of a version that is told of all the time: each writes its document thrice."""
AT_ONCE = 5
"""Sums that wait for no pace, where there were none for long."""
MICROSECOND = dt.timedelta(microseconds=1)
_PACE = PACE // MICROSECOND


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
        taken: minutes that somebody sums, or summed when he died.
        late: minutes that are summed, but longer windows are not.
        labelled: hours that labels came of.
        correcting: hours that somebody corrects, or corrected when he died.
        paced: microseconds since 1970: each sum moves it on by PACE, from now on at least.
        sum_at: microseconds since 1970 until which minutes that are told of wait; 0 for none.
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
    taken: Marks = {}
    late: Marks = {}
    labelled: Marks = {}
    correcting: Marks = {}
    paced: int = 0
    sum_at: int = 0
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
    """Return what is to be done: new minutes when it is their turn, else the rest after a while.

    It is the same from the first mark to the end of the sum, whatever is marked or taken meanwhile.
    Whatever nobody asks any more grows old, too, and its model may be no more.
    """
    if monitor.told or monitor.taken:
        at = moment(monitor.sum_at) if monitor.sum_at else None
        return [Due(sum_step(monitor.of), at)]
    if monitor.late or monitor.labelled or monitor.correcting:
        return [Due(sum_step(monitor.of), moment(monitor.rests_until))]
    if at_minute := monitor.closes or monitor.sweeps:
        return [Due(sum_step(monitor.of), minute_start(at_minute))]
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


def tell(monitor: Monitor, minutes: Iterable[int], now: int) -> Monitor:
    """Note that predictions of some minutes came; return it as it is where that is marked.

    Args:
        monitor: as it is kept.
        minutes: since 1970.
        now: microseconds since 1970.
    """
    fresh = {str(one) for one in minutes} - monitor.told.keys()
    if not fresh:
        return monitor
    marks = monitor.marks + 1
    is_first = not (monitor.told or monitor.taken)
    return replace(
        monitor,
        marks=marks,
        told=monitor.told | dict.fromkeys(sorted(fresh), marks),
        sum_at=_turn(monitor, now) if is_first else monitor.sum_at,
    )


def tell_labels(monitor: Monitor, hours: Iterable[int]) -> Monitor:
    """Note that labels of predictions of some hours came; as it is where that is marked."""
    fresh = {str(one) for one in hours} - monitor.labelled.keys()
    if not fresh:
        return monitor
    marks = monitor.marks + 1
    labelled = monitor.labelled | dict.fromkeys(sorted(fresh), marks)
    return replace(monitor, marks=marks, labelled=labelled)


def waits(monitor: Monitor, now: int) -> bool:
    """Tell whether new minutes are to wait: never long, whatever a clock had said."""
    return now < monitor.sum_at <= now + _PACE


def take(monitor: Monitor, most: int, now: int) -> Monitor:
    """Take the first minutes that were told of, to sum them; look at the log only after this."""
    chosen = dict(sorted(monitor.told.items())[:most])
    if not chosen:
        return monitor
    paced = monitor.paced if monitor.paced <= now + (AT_ONCE + 1) * _PACE else 0
    return replace(
        monitor,
        told=_without(monitor.told, chosen),
        taken=monitor.taken | chosen,
        paced=max(paced, now) + _PACE,
    )


def take_labelled(monitor: Monitor) -> Monitor:
    """Take the hours that labels came of, to correct them; look at labels only after this."""
    if not monitor.labelled:
        return monitor
    return replace(monitor, labelled={}, correcting=monitor.correcting | monitor.labelled)


def inherited(monitor: Monitor) -> Monitor:
    """Note that what somebody took is left: he has died, or failed."""
    if not (monitor.taken or monitor.correcting):
        return monitor
    told, labelled = monitor.taken | monitor.told, monitor.correcting | monitor.labelled
    return replace(monitor, told=told, taken={}, labelled=labelled, correcting={})


def can_be_taken(monitor: Monitor, now: int) -> bool:
    """Tell whether more minutes may be taken while some are summed."""
    return bool(monitor.told) and not _turn(monitor, now)


def summed(monitor: Monitor, uid: str, now: int) -> Monitor:
    """Note that what was taken is summed; longer windows are not yet."""
    late = monitor.late | monitor.taken
    at = _turn(monitor, now) if monitor.told else 0
    return replace(monitor, uid=uid, taken={}, late=late, sum_at=at)


def settled(monitor: Monitor, late: Marks, rests_until: int, closes: int, sweeps: int) -> Monitor:
    """Note that longer windows are summed, too, and that hours are corrected."""
    return replace(
        monitor,
        late=_without(monitor.late, late),
        correcting={},
        rests_until=rests_until,
        closes=closes,
        sweeps=sweeps,
    )


def _turn(monitor: Monitor, now: int) -> int:
    """Return until when new minutes wait, that documents are not written too often; 0 for now."""
    at = monitor.paced - AT_ONCE * _PACE
    return at if now < at <= now + _PACE else 0


def _without(marks: Mapping[str, int], done: Mapping[str, int]) -> Marks:
    return {key: mark for key, mark in marks.items() if done.get(key) != mark}
