"""`models` and `training` in memory, as far as acts ask of them, for tests without a gateway."""

from typing import Any

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, NotFound, Stale, not_found
from functions.kit.contract.models.registration import Model
from functions.kit.contract.models.traffic import Bounds, Traffic
from functions.monitoring.adapters.alerts.memory_registered import MemoryRegistered
from functions.monitoring.service.alerts.ports import JobNow


class MemoryFunctions:
    """The OtherFunctions of one process.

    Args:
        registered: the models.

    Attributes:
        jobs: the trainings that were begun, by cause.
        states: how each training stands.
        not_better: what a promotion on condition is refused with; empty where it is better.
        why_better: what one says that is not.
        causes: of all changes, in order.
    """

    def __init__(self, registered: MemoryRegistered) -> None:
        self._registered = registered
        self.jobs: dict[str, str] = {}
        self.states: dict[str, JobNow] = {}
        self.not_better = ""
        self.why_better = "Better on the same rows."
        self.causes: list[str] = []

    def model(self, model: Place) -> Model:
        """See OtherFunctions."""
        found = self._registered.model(model)
        if found is None:
            raise not_found("model", model.name)
        return found

    def train_again(self, workspace: str, job: str, cause: str) -> str:
        """See OtherFunctions."""
        if job not in {one.job for one in self._registered.versions.values()}:
            raise NotFound(f"There is no job '{job}' in {workspace}.")
        if cause not in self.jobs:
            self.causes.append(cause)
            self.jobs[cause] = f"again-{len(self.jobs) + 1}"
            self.states[self.jobs[cause]] = JobNow("queued", None, None)
        return self.jobs[cause]

    def job(self, workspace: str, job: str) -> JobNow:
        """See OtherFunctions."""
        if job in self.states:
            return self.states[job]
        for (model, version), made in self._registered.versions.items():
            if (model.workspace, made.job) == (workspace, job):
                return JobNow("succeeded", version, None, model.name)
        raise not_found("job", job)

    def cancel(self, workspace: str, job: str, cause: str) -> None:
        """See OtherFunctions."""
        del workspace
        self.causes.append(cause)
        self.states[job] = JobNow("cancelled", None, None)

    def promote(
        self,
        model: Place,
        alias: str,
        version: int,
        cause: str,
        *,
        if_better: dict[str, Any] | None = None,
        revision: int | None = None,
    ) -> str:
        """See OtherFunctions."""
        found = self._at(model, revision)
        if if_better is not None and self.not_better:
            raise Conflict(self.not_better)
        before = found.previous.get(alias, [])
        if alias in found.aliases:
            before = [*before, found.aliases[alias]]
        aliases, previous = {**found.aliases, alias: version}, {**found.previous, alias: before}
        self._keep(model, replace(found, aliases=aliases, previous=previous), cause)
        return self.why_better if if_better is not None else ""

    def roll_back(self, model: Place, alias: str, revision: int, cause: str) -> Model:
        """See OtherFunctions."""
        found = self._at(model, revision)
        *earlier, last = found.previous[alias]
        aliases, previous = {**found.aliases, alias: last}, {**found.previous, alias: earlier}
        return self._keep(model, replace(found, aliases=aliases, previous=previous), cause)

    def share_out(
        self, model: Place, alias: str, traffic: dict[str, Any], revision: int, cause: str
    ) -> None:
        """See OtherFunctions."""
        found = self._at(model, revision)
        kept = {name: one for name, one in found.traffic.items() if name != alias}
        if traffic:
            shares = {int(version): share for version, share in traffic["shares"].items()}
            kept[alias] = Traffic(
                id=f"t{found.revision}",
                champion=found.aliases[alias],
                shares=shares,
                shadows=list(traffic.get("shadows", [])),
                slots=[],
                bounds=msgspec.convert(traffic.get("bounds", {}), Bounds),
                reason=traffic.get("reason", ""),
                by="monitoring",
                at=found.updated_at,
            )
        self._keep(model, replace(found, traffic=kept), cause)

    def delete_version(self, model: Place, version: int, cause: str) -> None:
        """See OtherFunctions."""
        found = self.model(model)
        if version in found.aliases.values():
            raise Conflict(f"An alias names version {version}.")
        self._keep(model, replace(found, deleted=[*found.deleted, version]), cause)

    def _at(self, model: Place, revision: int | None) -> Model:
        found = self.model(model)
        if revision is not None and found.revision != revision:
            raise Stale(f"The model '{model.name}' is at revision {found.revision} by now.")
        return found

    def _keep(self, place: Place, model: Model, cause: str) -> Model:
        kept = replace(model, revision=model.revision + 1)
        self._registered.models[place] = kept
        self.causes.append(cause)
        return kept
