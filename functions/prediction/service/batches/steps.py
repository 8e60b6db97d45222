"""The steps of a batch, each carried out under a lease (`kit/service/step_runner.py`)."""

import functools
import uuid
from collections.abc import Callable
from typing import NamedTuple

import structlog

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError, NotFound, Transient
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests.names import is_name
from functions.kit.contract.steps import Lease, Step
from functions.kit.service.bounded import Quotas
from functions.kit.service.hints import Hints
from functions.kit.service.step_runner import StepRunner
from functions.kit.service.sweeper import sweep
from functions.prediction.model.batches import changes
from functions.prediction.model.batches.batch import (
    LONGEST_REASON,
    MOST_REFUSALS,
    Batch,
    Part,
    Refusal,
    Source,
)
from functions.prediction.model.batches.due import (
    BATCHES,
    due_steps,
    finish_step,
    part_step,
    start_step,
    tidy_step,
)
from functions.prediction.service.batches.batches import check_columns, folder_of, other_revision
from functions.prediction.service.batches.ports import BatchStore, OtherFunctions, Tables
from functions.prediction.service.ports import Predictor
from functions.prediction.service.predictions import Service

log = structlog.get_logger()

Do = Callable[[Batch, Lease], Batch]


class Tools(NamedTuple):
    """What steps work with.

    Attributes:
        store: the batches.
        predictions: finds versions.
        functions: the other functions.
        tables: reads and writes rows; made by the first step, its libraries are slow to import.
        files: the bucket.
        quotas: what accounts may have predicted.
        clock: tells when something happens.
    """

    store: BatchStore
    predictions: Service
    functions: OtherFunctions
    tables: Callable[[], Tables]
    files: Callable[[], Bucket]
    quotas: Quotas
    clock: Clock


class BatchSteps:
    """Carries steps out.

    What ends a batch is noted in it. What another try may mend is raised: the step stays due.

    Args:
        tools: what they work with.
        runner: takes steps, and holds their leases.
        hints: has steps looked at.
    """

    def __init__(self, tools: Tools, runner: StepRunner, hints: Hints) -> None:
        self._tools = tools
        self._runner = runner
        self._hints = hints

    def start(self, place: Place) -> None:
        """Find the rows and cut them into parts."""
        self._run(start_step(place), place, self._start)

    def part(self, place: Place, index: int) -> None:
        """Predict for a part."""
        self._run(part_step(place, index), place, functools.partial(self._part, index=index))

    def finish(self, place: Place) -> None:
        """Put the parts together."""
        self._run(finish_step(place), place, self._finish)

    def tidy(self, place: Place) -> None:
        """Remove what is needed no more."""
        self._run(tidy_step(place), place, self._tidy)

    def _run(self, step: Step, place: Place, do: Do) -> None:
        def carry_out(lease: Lease) -> bool:
            before = self._tools.store.load(place)
            try:
                after = do(before, lease)
            except Transient:
                raise
            except FileNotFoundError as error:
                after = self._fail(before, _gone(before, str(error)), lease)
            except DomainError as error:
                after = self._fail(before, error.detail, lease)
            was = due_steps(before)
            self._hints.send(one for one in due_steps(after) if one not in was)
            return False

        self._runner.run(step, carry_out)

    def _start(self, batch: Batch, lease: Lease) -> Batch:
        store, clock = self._tools.store, self._tools.clock
        source = self._pinned(batch)
        batch = store.update(batch.place, lambda found: changes.begin(found, clock.now()), lease)
        if batch.state != "queued":
            return batch
        tables, most = self._tools.tables(), self._tools.quotas.of(_caller(batch)).most_rows
        folder = f"{folder_of(batch.place)}cut-{uuid.uuid4().hex}/"
        parts = tables.cut(source, folder, most)
        check_columns([*tables.columns(parts[0])], self._predictor(batch))
        return store.update(
            batch.place, lambda found: changes.start(found, source, parts, clock.now()), lease
        )

    def _pinned(self, batch: Batch) -> Source:
        """Return the source with the file that has its rows."""
        source = batch.source
        if not source.dataset:
            return source
        found = self._tools.functions.snapshot(Place(batch.workspace, source.dataset))
        if source.revision not in {None, found.revision}:
            raise other_revision(source.dataset, source.revision, found.revision)
        return Source(source.dataset, found.revision, found.path)

    def _part(self, batch: Batch, lease: Lease, *, index: int) -> Batch:
        if batch.state != "running" or index >= len(batch.parts) or batch.parts[index].done:
            return batch
        part = batch.parts[index]
        if self._runner.is_hopeless(lease, ""):
            rows = f"rows {part.row + 1:,} to {part.row + part.rows:,}"
            reason = f"Process after process ended over {rows} (out of memory?)."
            return self._fail(batch, reason, lease)
        path = f"{folder_of(batch.place)}part-{index}-{lease.holder}"
        refused, first = self._predict(batch, part, path)
        return self._tools.store.update(
            batch.place, lambda found: changes.end_part(found, index, path, refused, first), lease
        )

    def _predict(self, batch: Batch, part: Part, path: str) -> tuple[int, list[Refusal]]:
        """Write what is predicted for a part.

        Return how many rows have a problem instead, and the first of them.
        """
        predictor, tables = self._predictor(batch), self._tools.tables()
        allowed = self._tools.quotas.of(_caller(batch))
        row, refused = part.row, 0
        first: list[Refusal] = []
        with tables.writer(path, batch.output, predictor) as writer:
            for block in tables.blocks(part, batch.source, allowed.most_rows):
                work = functools.partial(tables.predict, predictor, block)
                outcome, _ = allowed.counted(block.rows, work)
                writer.add(row, block, outcome)
                first += _refusals(row, outcome.problems, MOST_REFUSALS - len(first))
                row += block.rows
                refused += len(outcome.problems)
        return refused, first

    def _finish(self, batch: Batch, lease: Lease) -> Batch:
        if batch.state != "running" or batch.undone:
            return batch
        path = f"{folder_of(batch.place)}predictions-{lease.holder}.{batch.output.form}"
        size = self._tools.tables().join([part.done for part in batch.parts], path, batch.output)
        now = self._tools.clock.now()
        return self._tools.store.update(
            batch.place, lambda found: changes.succeed(found, path, size, now), lease
        )

    def _tidy(self, batch: Batch, lease: Lease) -> Batch:
        files = self._tools.files()
        kept = "" if batch.removed else batch.path
        for path, _ in list(files.listed(folder_of(batch.place))):
            if path != kept:
                files.delete(path)
        self._sweep(batch.workspace)
        if batch.removed:
            self._tools.store.remove(batch.place, lease)
            return batch
        return self._tools.store.update(batch.place, changes.tidied, lease)

    def _sweep(self, workspace: str) -> None:
        """Remove what others left behind that died before a batch named it, or after its end."""
        sweep(
            self._tools.files(),
            workspaces.path(workspace, BATCHES, ""),
            lambda paths: [path for path in paths if self._is_in_use(workspace, path)],
            now=self._tools.clock.now(),
        )

    def _is_in_use(self, workspace: str, path: str) -> bool:
        name = path.removeprefix(workspaces.path(workspace, BATCHES, "")).partition("/")[0]
        if not is_name(name):
            return True  # not of ours
        found = self._tools.store.find(Place(workspace, name))
        return found is not None and (found.keeps_files or path == found.path)

    def _predictor(self, batch: Batch) -> Predictor:
        """Return the version that predicts; raises NotFound once it, or its model, is another."""
        place = Place(batch.workspace, batch.model)
        if self._tools.predictions.target(place, batch.version).uid != batch.uid:
            raise NotFound(f"The model '{batch.model}' was deleted and made again meanwhile.")
        return self._tools.predictions.predictor(place, batch.version)

    def _fail(self, batch: Batch, reason: str, lease: Lease) -> Batch:
        log.warning("batch failed", batch=batch.id, reason=reason)
        now = self._tools.clock.now()
        return self._tools.store.update(
            batch.place, lambda found: changes.fail(found, reason, now), lease
        )


def _refusals(row: int, problems: dict[int, str], most: int) -> list[Refusal]:
    """Return the first rows of a block that have a problem; its own first row is at place `row`."""
    places = sorted(problems)[:most]
    return [Refusal(row + place + 1, problems[place][:LONGEST_REASON]) for place in places]


def _gone(batch: Batch, path: str) -> str:
    if not batch.source.dataset:
        return f"The file {path} is gone from the bucket; send it again."
    name = batch.source.dataset
    return f"Dataset '{name}' was changed or deleted meanwhile: its file {path} is gone."


def _caller(batch: Batch) -> Caller:
    """Return whose quota a batch's rows count in."""
    return Caller(
        name=batch.by,
        kind="step",
        workspace=batch.workspace,
        account=batch.account,
        plan=batch.plan,
    )
