"""Scheduled imports: the step of each stands among those that are due, from its next time on.

So whoever looks for overdue steps, as a PingSource has it done every five minutes, finds it. A run
is named by its time: whatever is repeated or killed, one import is made of it. While another import
is at work, a run is left out.
"""

import msgspec

from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.imports import schedule_step
from functions.datasets.model.imports.schedules import Schedule, ScheduleBody
from functions.datasets.model.made import Origin
from functions.datasets.service.imports.imports import Imports
from functions.datasets.service.ports import Change, DatasetStore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError, Flaw, NotFound, Transient, refused
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.idempotency import id_of
from functions.kit.service.step_runner import StepRunner


class Schedules:
    """Keeps the schedules of datasets, and begins what is due by them."""

    def __init__(
        self, store: DatasetStore, imports: Imports, runner: StepRunner, clock: Clock
    ) -> None:
        self._store = store
        self._imports = imports
        self._runner = runner
        self._clock = clock

    def put(self, place: Place, body: ScheduleBody, by: str) -> Schedule:
        """Set a dataset's schedule; raises NotFound, Invalid."""
        body.asked.source.source()
        if body.asked.dry_run:
            flaw = Flaw("nobody is there to let it go on after its check", column="asked.dry_run")
            raise refused("The schedule was refused", flaw, noun="field")
        made = Schedule(**msgspec.structs.asdict(body), next_at=self._clock.now(), by=by)

        def work(change: Change) -> None:
            change.dataset.schedule = made

        self._store.change(place, work)
        return made

    def get(self, place: Place) -> Schedule:
        """Return a dataset's schedule; raises NotFound."""
        return _schedule(self._store.find_shown(place).dataset)

    def remove(self, place: Place) -> None:
        """Remove a dataset's schedule; raises NotFound."""

        def work(change: Change) -> None:
            _schedule(change.dataset)
            change.dataset.schedule = None

        self._store.change(place, work)

    def step(self, place: Place) -> None:
        """Begin the import that is due, if one is and nobody is at it."""
        self._runner.run(schedule_step(place), lambda _: self._is_left(place))

    def _is_left(self, place: Place) -> bool:
        """Begin what is due; nothing is left then, for the step waits for the next time."""
        try:
            schedule = self.get(place)
        except NotFound:
            return False
        now = self._clock.now()
        after = self._run(place, schedule) if schedule.next_at <= now else schedule

        def work(change: Change) -> None:
            if change.dataset.schedule == schedule:
                change.dataset.schedule = after
                change.wait_for_schedule()

        self._store.change(place, work)
        return False

    def _run(self, place: Place, schedule: Schedule) -> Schedule:
        now, asked = self._clock.now(), schedule.asked
        run = f"schedule {place.name} {schedule.next_at.isoformat()}"
        origin = Origin(place.workspace, schedule.by, id_of(place.workspace, schedule.by, run))
        try:
            begun = self._imports.fetch(place, origin, asked.asked(), asked.source.source())
        except Transient:
            raise  # the step stays due
        except DomainError as error:
            return schedule.ran(now, schedule.last, error.detail)
        return schedule.ran(now, begun.id)


def _schedule(dataset: Stored) -> Schedule:
    if dataset.schedule is None:
        raise NotFound(f"Dataset '{dataset.id}' has no schedule.")
    return dataset.schedule
