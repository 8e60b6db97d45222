"""Which steps are due for watches, alerts and notices, and when: it follows from each alone."""

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.stepped import Due, Kind
from functions.kit.contract.steps import Step
from functions.monitoring.model.alerts.acts import next_of
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.notices import Notice
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.model.windows.monitor import FUNCTION

WATCHES, ALERTS, NOTICES = "watches", "alerts", "notices"
EVERY = ("all",)
"""The list that all alerts of a workspace stand in; or all that are open, in `OPEN`."""
OPEN, OF_MODEL, OF_SEVERITY = "open", "of_model", "of_severity"
"""Further lists of alerts: those that are not over, of a model, of a severity."""


def evaluate_step(model: Place) -> Step:
    """Return the step that evaluates a model's rules."""
    return _step(model, WATCHES, "evaluate")


def act_step(alert: Place) -> Step:
    """Return the step that gets on with an alert's acts."""
    return _step(alert, ALERTS, "act")


def send_step(notice: Place) -> Step:
    """Return the step that sends a notice."""
    return _step(notice, NOTICES, "send")


def forget_alert_step(alert: Place) -> Step:
    """Return the step that removes an alert that is old."""
    return _step(alert, ALERTS, "forget")


def forget_notice_step(notice: Place) -> Step:
    """Return the step that removes a notice that is old."""
    return _step(notice, NOTICES, "forget")


def due_of_watch(watch: Watch) -> list[Due]:
    """Return what is due for a watch."""
    return [] if watch.next_at is None else [Due(evaluate_step(watch.place), watch.next_at)]


def due_of_alert(alert: Alert) -> list[Due]:
    """Return what is due for an alert: its next act, or in the end, that it goes."""
    place = next_of(alert.acts)
    if place is not None:
        return [Due(act_step(alert.place), alert.acts[place].at)]
    if alert.forgotten_at is not None:
        return [Due(forget_alert_step(alert.place), alert.forgotten_at)]
    return []


def due_of_notice(notice: Notice) -> list[Due]:
    """Return what is due for a notice: that it is sent, and later that it goes."""
    if notice.forgotten_at is not None:
        return [Due(forget_notice_step(notice.place), notice.forgotten_at)]
    return [Due(send_step(notice.place), notice.at)]


def _nobody(_: object) -> str:
    return ""


WATCH: Kind[Watch] = Kind(
    noun="watch",
    collection=WATCHES,
    type=Watch,
    due=due_of_watch,
    list_of=lambda _: (),
    open_of=_nobody,
)
ALERT: Kind[Alert] = Kind(
    noun="alert",
    collection=ALERTS,
    type=Alert,
    due=due_of_alert,
    list_of=lambda _: EVERY,
    open_of=_nobody,
    lists={
        OPEN: lambda alert: EVERY if alert.state == "firing" else (),
        OF_MODEL: lambda alert: (alert.model,),
        OF_SEVERITY: lambda alert: (alert.severity,),
    },
)
NOTICE: Kind[Notice] = Kind(
    noun="notice",
    collection=NOTICES,
    type=Notice,
    due=due_of_notice,
    list_of=lambda _: (),
    open_of=_nobody,
)


def _step(place: Place, collection: str, which: str) -> Step:
    path = workspaces.path(place.workspace, collection, place.name, "steps", which)
    return Step(FUNCTION, f"/{path}")
