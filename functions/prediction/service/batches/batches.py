"""What a user does with batches."""

import uuid
from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Flaw, Invalid, NotFound, not_found
from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests import idempotency
from functions.kit.contract.requests.pages import Page, PageQuery, page_of
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.prediction.model.batches import changes
from functions.prediction.model.batches.batch import Batch, Form, Output, Request, Source
from functions.prediction.model.batches.due import BATCHES, due_steps
from functions.prediction.model.batches.kind import OPEN, of_model
from functions.prediction.service.batches.ports import BatchStore, Dataset, OtherFunctions, Tables
from functions.prediction.service.ports import Predictor, Reference
from functions.prediction.service.predictions import Service


class Asked(NamedTuple):
    """Which version predicts, and what comes out.

    Attributes:
        model: in the caller's workspace.
        reference: an alias, or a version's number.
        output: what comes out.
    """

    model: str
    reference: Reference
    output: Output


def asked(model: str, version: int | None, alias: str | None, output: Output) -> Asked:
    """Return what a caller asks who may name a version or an alias; raises Invalid for both."""
    if version is not None and alias is not None:
        flaw = Flaw("name a version or an alias, not both", column="alias", value=alias)
        raise Invalid("A batch has one version.", flaw)
    return Asked(model, alias or CHAMPION if version is None else version, output)


class BatchService:
    """Takes batches, shows and ends them.

    Args:
        store: the batches.
        predictions: finds versions.
        functions: the other functions.
        files: the bucket.
        hints: has steps looked at.
        lookout: looks after those that were lost.
        clock: tells when something happens.
        tables: gives a file in another form; made by the first that is wanted so.
    """

    def __init__(
        self,
        store: BatchStore,
        predictions: Service,
        functions: OtherFunctions,
        files: Callable[[], Bucket],
        hints: Hints,
        lookout: Lookout,
        clock: Clock,
        tables: Callable[[], Tables],
    ) -> None:
        self._store = store
        self._predictions = predictions
        self._functions = functions
        self._files = files
        self._hints = hints
        self._lookout = lookout
        self._clock = clock
        self._tables = tables

    def create(
        self, caller: Caller, model: str, request: Request, batch_id: str | None = None
    ) -> Batch:
        """Take a batch of a dataset; where there is one of this id already, that one.

        Raises:
            NotFound: there is no such model, version or alias.
            Invalid: there is no such dataset, or it lacks columns.
            Conflict: it is not ready, or has another revision; or the id was for another request.
            OverQuota: its account has too many open; those who ask at the same moment may each have
                one beyond the bound. Functions, which have no account, have no bound.
        """
        wanted = asked(model, request.version, request.alias, request.output)
        source = Source(request.dataset, request.revision)
        batch = self._new(caller, wanted, source, batch_id)
        known = batch_id and self._store.find(batch.place)
        if known:
            return _same(known, batch)
        self._check(caller, request, self._predictor(batch))
        self._check_open(batch)
        return self._take(batch)

    def create_from_file(
        self,
        caller: Caller,
        wanted: Asked,
        source: Source,
        body: Iterator[bytes],
        batch_id: str | None,
    ) -> Batch:
        """Take a batch of a file that is being sent; see `create`.

        The file is kept before the batch is: one that breaks off leaves nothing behind but itself,
        which is swept away.
        """
        batch = self._new(caller, wanted, source, batch_id)
        known = batch_id and self._store.find(batch.place)
        if known:
            return _same(known, batch)
        self._predictor(batch)
        self._check_open(batch)
        path = f"{folder_of(batch.place)}{uuid.uuid4().hex}.{source.form}"
        with self._files().writer(path, "application/octet-stream") as file:
            for chunk in body:
                file.write(chunk)
        return self._take(_with_path(batch, path))

    def batch(self, place: Place, model: str) -> Batch:
        """Return a batch of a model; raises NotFound. Who reads it looks after its steps."""
        found = self._store.load(place)
        if found.model != model or found.removed:
            raise not_found("batch", place.name, of=model)
        if self._lookout.watch(found.id, due_steps(found)):
            self._store.restore_steps(place)
        return found

    def batches(self, model: Place, query: PageQuery) -> Page[Batch]:
        """Return a page of a model's batches, newest first; raises NotFound."""
        self._predictions.versions(model)
        listed = of_model(model.name)
        found = self._store.page(model.workspace, listed, query.limit + 1, query.after)
        return page_of(found, query.limit, lambda batch: batch.id)

    def predictions(self, batch: Batch, form: Form | None = None) -> Iterator[bytes]:
        """Yield the file that came out of a batch, as it is or in another form.

        Raises:
            Conflict: the batch has not succeeded, or its file cannot be given in that form.
        """
        if batch.state != "succeeded":
            raise Conflict(f"Batch '{batch.id}' is {batch.state}; it has no predictions.")
        if form in {None, batch.output.form}:
            return self._files().chunks(batch.path)
        if form == "parquet":
            raise Conflict(
                f"Batch '{batch.id}' was made as CSV, which forgets what kind each value is of; "
                "ask for a batch whose output is Parquet: that can be had as CSV, too."
            )
        return self._tables().as_csv(batch.path)

    def cancel(self, place: Place, model: str) -> Batch:
        """End a batch; raises Conflict for one that has ended otherwise."""
        self.batch(place, model)
        batch = self._store.update(place, lambda found: changes.cancel(found, self._clock.now()))
        if batch.state != "cancelled":
            raise Conflict(f"Batch '{place.name}' has {batch.state}; it cannot be cancelled.")
        self._hints.send(due_steps(batch))
        return batch

    def resume(self, place: Place, model: str) -> Batch:
        """Queue again, at once, what a batch still has to do and nobody is at."""
        self.batch(place, model)
        batch = self._store.restore_steps(place)
        self._lookout.resume(due_steps(batch))
        return batch

    def remove(self, place: Place, model: str) -> None:
        """Remove an ended batch and what came out of it; raises Conflict for another."""
        self.batch(place, model)
        batch = self._store.update(place, changes.remove)
        self._hints.send(due_steps(batch))

    def look(self) -> None:
        """Have steps that were lost looked at again."""
        self._lookout.look()

    def _new(self, caller: Caller, wanted: Asked, source: Source, batch_id: str | None) -> Batch:
        chosen = self._predictions.target(Place(caller.workspace, wanted.model), wanted.reference)
        return Batch(
            id=batch_id or uuid.uuid4().hex,
            workspace=caller.workspace,
            model=wanted.model,
            uid=chosen.uid,
            version=chosen.version,
            account=caller.account,
            plan=caller.plan,
            by=caller.name,
            asked=f"{wanted.reference} {source.revision}",
            source=source,
            output=wanted.output,
            created_at=self._clock.now(),
        )

    def _predictor(self, batch: Batch) -> Predictor:
        """Return the version that predicts, ready: one that cannot be loaded takes no batch."""
        return self._predictions.predictor(Place(batch.workspace, batch.model), batch.version)

    def _take(self, batch: Batch) -> Batch:
        if not self._store.create(batch):
            return _same(self._store.load(batch.place), batch)
        self._hints.send(due_steps(batch))
        return batch

    def _check_open(self, batch: Batch) -> None:
        OPEN.check(self._store.open(batch.workspace, batch.account, OPEN.most))

    def _check(self, caller: Caller, request: Request, predictor: Predictor) -> None:
        """Refuse what can cheaply be known to fail; the rest the first step finds."""
        found = self._dataset(caller, request.dataset)
        if found is None:
            flaw = Flaw("no such dataset", column="dataset", value=request.dataset)
            raise Invalid(f"There is no dataset '{request.dataset}'.", flaw)
        if found.state != "ready":
            raise Conflict(f"Dataset '{found.id}' is {found.state}; wait until it is ready.")
        if request.revision not in {None, found.revision}:
            raise other_revision(found.id, request.revision, found.revision)
        check_columns([column.name for column in found.columns], predictor)

    def _dataset(self, caller: Caller, name: str) -> Dataset | None:
        """Return a dataset that the caller may read, or None."""
        if not (caller.may("read") and caller.sees("dataset", name)):
            return None
        try:
            return self._functions.dataset(Place(caller.workspace, name))
        except NotFound:
            return None


def other_revision(dataset: str, wanted: int | None, found: int) -> Conflict:
    """Say that a dataset has another revision than a batch wants."""
    return Conflict(f"Dataset '{dataset}' is at revision {found} by now, not {wanted}.")


def check_columns(names: list[str], predictor: Predictor) -> None:
    """Refuse rows that lack a column which no row lacked when the model learnt; raises Invalid."""
    lacking = [
        column.name
        for column in predictor.version.signature.columns
        if column.required and column.name not in names
    ]
    if lacking:
        flaws = [Flaw("the model needs this column", column=name) for name in lacking]
        told = ", ".join(f"'{name}'" for name in lacking[:5])
        raise Invalid(f"The rows lack what '{predictor.version.model}' needs: {told}.", *flaws)


def folder_of(batch: Place) -> str:
    """Return what the names of a batch's files begin with."""
    return workspaces.path(batch.workspace, BATCHES, batch.name, "")


def _with_path(batch: Batch, path: str) -> Batch:
    return replace(batch, source=replace(batch.source, path=path))


def _same(known: Batch, asked_for: Batch) -> Batch:
    if _what(known) != _what(asked_for):
        raise idempotency.other_request()
    return known


def _what(batch: Batch) -> tuple[object, ...]:
    """Return what a batch was asked for; which version an alias names may change meanwhile."""
    return batch.model, batch.asked, batch.source.dataset, batch.source.form, batch.output
