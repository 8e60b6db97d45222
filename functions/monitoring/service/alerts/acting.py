"""Gets on with the acts of alerts, as a step under a lease; and takes them back when asked."""

from typing import Any

from msgspec.structs import replace

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, DomainError, Transient, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.steps import Lease
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.model.alerts import acts
from functions.monitoring.model.alerts.acts import ActRun, next_of, settled
from functions.monitoring.model.alerts.alert import Alert, with_act
from functions.monitoring.model.alerts.due import act_step
from functions.monitoring.service.alerts.doing import Acts, Doing
from functions.monitoring.service.alerts.ports import AlertStore


class Acting:
    """Carries out the steps of acts.

    Args:
        store: the alerts.
        doer: knows how each act is done.
        runner: takes steps, and holds their leases.
        lookout: is asked for more after each.
        clock: tells the time.
    """

    def __init__(
        self, store: AlertStore, doer: Acts, runner: StepRunner, lookout: Lookout, clock: Clock
    ) -> None:
        self._store = store
        self._doer = doer
        self._runner = runner
        self._lookout = lookout
        self._clock = clock

    def act(self, place: Place) -> None:
        """Get on with the next act of an alert.

        Raises:
            Transient: a function does not answer now; the step stays due.
        """

        def work(lease: Lease) -> bool:
            alert = self._store.load(place)
            at = next_of(alert.acts)
            if at is None:
                return False
            run, now = alert.acts[at], self._clock.now()
            if run.at is not None and run.at > now:
                return False
            after = self._done(alert, at, lease)
            return _is_due_now(self._keep(alert, at, after, lease))

        self._runner.run(act_step(place), work)
        self._lookout.look()

    def undo(self, caller: Caller, ident: str, number: int) -> Alert:
        """Take an act back.

        Raises:
            NotFound: there is no such alert, or it has no such act.
            Conflict: the act changed nothing, or somebody has changed the same since.
            DomainError: what the functions say that are asked.
        """
        place = Place(caller.workspace, ident)
        alert = self._store.find(place)
        if alert is None or not caller.sees("model", alert.model):
            raise not_found("alert", ident)
        if number >= len(alert.acts):
            raise not_found("act", str(number), f"the alert '{ident}'")
        run = alert.acts[number]
        if run.state == "undone":
            return alert
        if any(one.state == "done" for one in alert.acts[number + 1 :]):
            raise Conflict("An act after this one was done: take that back first.")
        now = self._clock.now()
        said = self._doer.undo(Doing(alert, number, run, lambda _: run, now))

        def change(found: Alert) -> Alert:
            made = acts.undone(found.acts[number], caller.name, f"{said}, by {caller.name}")
            changed = with_act(found, number, made, now)
            return replace(changed, acts=settled(changed.acts, now))

        return self._store.update(place, change)

    def _done(self, alert: Alert, at: int, lease: Lease) -> ActRun:
        run, now = alert.acts[at], self._clock.now()

        def note(before: dict[str, Any]) -> ActRun:
            return self._keep(alert, at, acts.noted(run, before), lease).acts[at]

        if self._runner.is_hopeless(lease, f"{at} {run.state}"):
            return acts.ended(run, "failed", "Process after process ended over this act.", now)
        try:
            return self._doer.do(Doing(alert, at, run, note, now))
        except Transient:
            raise
        except DomainError as error:
            kept = self._store.load(alert.place).acts[at]
            return acts.ended(kept, "failed", error.detail, self._clock.now())

    def _keep(self, alert: Alert, at: int, run: ActRun, lease: Lease) -> Alert:
        now = self._clock.now()

        def change(found: Alert) -> Alert:
            if found.acts[at].is_over:  # taken back meanwhile
                return found
            changed = with_act(found, at, run, now)
            return replace(changed, acts=settled(changed.acts, now))

        return self._store.update(alert.place, change, lease)


def _is_due_now(alert: Alert) -> bool:
    at = next_of(alert.acts)
    return at is not None and alert.acts[at].at is None
