"""The first step: the job's data, what is to be tried on them and in which rounds."""

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError
from functions.training.model import transitions
from functions.training.model.jobs import Job, TrainingData
from functions.training.model.task import UnsuitableData
from functions.training.service.step_kinds import searching
from functions.training.service.step_kinds.base import Work
from functions.training.service.step_kinds.planning import pin


class StartWork(Work):
    """Pins the snapshot, makes the plan, fans out."""

    def start(self, job: Job) -> Job:
        """Look at the job's data and fan out its candidates."""
        try:
            dataset = Place(job.workspace, job.dataset)
            pinned = pin(self._tools, dataset, job.request)
            job = self._update(job, lambda job: transitions.begin_start(job, self._clock.now()))
            if job.state != "queued":
                return job
            plan = pinned.make()
            search = searching.search(plan, job.request)
        except (UnsuitableData, DomainError) as error:
            return self._fail(job, error)
        rows = searching.rows_to_fit(plan)
        found, most = pinned.snapshot, pinned.most
        data = TrainingData(found.revision, found.path, found.columns, plan.task, rows, most)
        return self._update(
            job, lambda job: transitions.start(job, data, search, self._clock.now())
        )
