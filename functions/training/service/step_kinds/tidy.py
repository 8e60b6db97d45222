"""The last step of all: what an ended job kept for its own steps is removed."""

from collections.abc import Collection

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.service.sweeper import sweep
from functions.training.model import transitions
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import predictions
from functions.training.service.step_kinds.base import Work


class TidyWork(Work):
    """Removes objects."""

    def tidy(self, job: Job) -> Job:
        """Remove what an ended job kept; and what others left that died after they were tidied."""
        if not job.ended:
            return job
        for path, _ in list(self._files.listed(predictions.folder_of(job.place))):
            self._files.delete(path)
        sweep(
            self._files,
            workspaces.path(job.workspace, predictions.FOLDER, ""),
            lambda paths: self._in_use(job.workspace, paths),
            now=self._clock.now(),
        )
        return self._update(job, transitions.tidied)

    def _in_use(self, workspace: str, paths: Collection[str]) -> set[str]:
        """Return those paths whose job has not ended, and those that are not ours."""
        jobs = {path: predictions.job_of(path, workspace) for path in paths}
        open_ones = {one for one in set(jobs.values()) if one is not None and self._is_open(one)}
        return {path for path, one in jobs.items() if one is None or one in open_ones}

    def _is_open(self, place: Place) -> bool:
        found = self._store.find(place)
        return found is not None and not found.ended
