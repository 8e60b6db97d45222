"""Datasets: made from a file, listed, shown, changed, removed."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import structlog

from functions.datasets.model.dataset import DatasetPatch, Outline, Stored, slug
from functions.datasets.model.due import due_steps, step_in
from functions.datasets.model.imports.asked import Source
from functions.datasets.model.made import Made, Origin, digest_of
from functions.datasets.model.reading.shapes import Overrule
from functions.datasets.service.deleting import Remover
from functions.datasets.service.files.importing import Importer
from functions.datasets.service.files.ingestion import IngestedFile, ingest
from functions.datasets.service.files.opening import Opener
from functions.datasets.service.looked_after import LookedAfter
from functions.datasets.service.ports import Change, DatasetStore
from functions.datasets.service.schema_edits import EditedBy, SchemaEditor
from functions.datasets.service.turns import Watch
from functions.kit.contract.access.identity import Subject
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, NotFound, Transient
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests.conditions import IfMatch
from functions.kit.contract.requests.lists import Listed, ListQuery, every
from functions.kit.contract.requests.pages import Page, page_of

log = structlog.get_logger()

ORDERS: dict[str, Callable[[Any], Any]] = {
    "name": lambda one: one.name.casefold(),
    "rows": lambda one: one.rows,
    "state": lambda one: one.state,
    "created_at": lambda one: one.created_at,
    "updated_at": lambda one: one.updated_at,
}
OUTLINED: Listed[Outline] = Listed(lambda one: one.id, lambda one: (one.id, one.name), ORDERS)
"""Of which a list is found, where that needs no more: columns and readings are much larger."""
LISTED: Listed[Stored] = Listed(
    key=lambda one: one.id,
    texts=lambda one: (one.id, one.name),
    orders={**ORDERS, "columns": lambda one: len(one.columns)},
)


class Datasets:
    """What callers can do with whole datasets."""

    def __init__(
        self,
        store: DatasetStore,
        files: Bucket,
        opener: Opener,
        importer: Importer,
        remover: Remover,
        editor: SchemaEditor,
        watch: Watch,
        clock: Clock,
    ) -> None:
        self._store = store
        self._files = files
        self._opener = opener
        self._importer = importer
        self._remover = remover
        self._editor = editor
        self._lookout, self._turns = watch
        self._looked_after = LookedAfter(store, self._lookout)
        self._clock = clock

    def create(
        self,
        origin: Origin,
        name: str,
        chunks: Iterator[bytes],
        said: Overrule | None = None,
        source: Source | None = None,
    ) -> Stored:
        """Take in a file and have it imported; the same file again gives the same dataset.

        So does the same request again, by its Idempotency-Key, for as long as there is the dataset.

        The order matters: file, document with the step that is due, queue, answer. The queue may
        be away: the step is due all the same. A death between file and document leaves a file
        without a dataset, which a later import sweeps away.

        Args:
            origin: who makes it, and by which request.
            name: what it will be called.
            chunks: the file.
            said: what somebody said of how the file is read; the rest is detected.
            source: where the file came from, to be told.

        Raises:
            Conflict: when the name is taken by other content, or the key by another request.
            Invalid: when the file or the name is refused.
            TooLarge: when the file is over the limit.
            Unreadable: when the upload breaks off.
        """
        dataset_id = slug(name)
        given = said or Overrule()
        ingested = ingest(self._files, self._opener, origin.workspace, chunks, given)
        fresh = _fresh(dataset_id, name, origin, ingested, self._clock.now())
        fresh.source = source
        try:
            existing = self._store.create(fresh, _made(origin.request, fresh))
        except Conflict:
            self._files.delete(ingested.path)
            raise
        dataset = fresh if existing is None else self._again(existing, ingested, given)
        if dataset.state == "importing":
            self._importer.ask(dataset.place)
        return dataset

    def _again(self, existing: Stored, ingested: IngestedFile, said: Overrule) -> Stored:
        """Take up a dataset whose name is there already; raises Conflict."""
        if existing.state == "failed" and existing.sha256 == ingested.sha256:
            now = self._clock.now()
            existing = self._store.change(
                existing.place, lambda change: _retry(change, ingested, now)
            )
        if existing.file != ingested.path:
            self._files.delete(ingested.path)
        if existing.state == "deleting":
            self._remover.step(existing.place)
            raise Conflict(f"Dataset '{existing.id}' is being deleted; try again in a moment.")
        if existing.sha256 != ingested.sha256:
            raise Conflict(
                f"There is a dataset '{existing.id}' with other content; choose another name or "
                "delete it first."
            )
        if said != Overrule() and existing.reading not in (None, ingested.reading):
            raise Conflict(
                f"There is a dataset '{existing.id}' of the same file, read in another way; "
                "choose another name or delete it first."
            )
        return existing

    def page(self, workspace: str, query: ListQuery, only: Subject | None = None) -> Page[Stored]:
        """List the datasets of a workspace by id, or the one that a key is `only` for.

        Raises:
            Unreadable: the cursor or the order is not ours.
        """
        order = (query.sort or "").removeprefix("-")
        if not query.plain and only is None and order in {"", *ORDERS}:
            outlines = every(partial(self._store.outlines, workspace), OUTLINED.key)
            found = OUTLINED.page(outlines, query)
            places = [Place(workspace, one.id) for one in found.items]
            return Page(self._store.several(places), found.next, found.count)
        if not query.plain:
            items = every(partial(self._store.page, workspace), LISTED.key)
            return LISTED.page(self._alone(workspace, only, None) if only else items, query)
        after = query.after
        if only is not None:
            return Page(self._alone(workspace, only, after))
        some = self._store.page(workspace, query.limit + 1, after)
        return page_of(some, query.limit, lambda dataset: dataset.id)

    def _alone(self, workspace: str, only: Subject, after: str | None) -> list[Stored]:
        """Return the dataset that a key is for, if it is one, is there, and comes after a key."""
        if only.kind != "dataset" or only.name <= (after or ""):
            return []
        try:
            return [self._store.find_shown(Place(workspace, only.name)).dataset]
        except NotFound:
            return []

    def get(self, place: Place) -> Stored:
        """Return a dataset; raises NotFound. Who reads it looks after its step."""
        dataset = self._looked_after.find(place)
        if dataset.state == "importing":
            dataset.waits_at = self._turns.place(step_in(place, "importing"))
        return dataset

    def resume(self, place: Place) -> Stored:
        """Queue the import again, at once, unless somebody is at it; raises NotFound."""
        dataset = self._store.restore_steps(place)
        self._lookout.resume(due_steps(dataset))
        return dataset

    def patch(self, place: Place, patch: DatasetPatch, if_match: IfMatch, by: str = "") -> Stored:
        """Change the name or the schema; raises NotFound, Conflict, Stale, Invalid."""
        return self._editor.edit(place, patch, if_match, EditedBy(by))

    def delete(self, place: Place, if_match: IfMatch) -> None:
        """Remove a dataset with its records, snapshots and file; small ones before we return.

        To callers it is gone at once; what is left of it, and what we do not come to, is a step
        that is due.

        Raises:
            NotFound: when there is no such dataset.
            Stale: when the caller saw an older revision.
        """

        def mark(change: Change) -> None:
            change.dataset.check_match(if_match)
            change.dataset.state = "deleting"
            change.dataset.updated_at = self._clock.now()

        try:
            self._store.change(place, mark)
        except NotFound:
            self._remover.step(place)
            raise
        try:
            self._remover.step(place)
        except Transient as error:
            log.warning("removal goes on later", dataset="/".join(place), error=str(error))


def _made(request: str | None, fresh: Stored) -> Made | None:
    if request is None:
        return None
    return Made(request, fresh.id, digest_of(fresh.sha256, fresh.name))


def _fresh(
    dataset_id: str, name: str, origin: Origin, ingested: IngestedFile, now: dt.datetime
) -> Stored:
    return Stored(
        id=dataset_id,
        name=name,
        workspace=origin.workspace,
        owner=origin.owner,
        state="importing",
        rows=ingested.rows,
        rows_done=0,
        revision=0,
        columns=ingested.columns,
        created_at=now,
        updated_at=now,
        file=ingested.path,
        sha256=ingested.sha256,
        delimiter=ingested.reading.dialect.delimiter,
        reading=ingested.reading,
        offset=ingested.begin,
        last_row=0,
    )


def _retry(change: Change, ingested: IngestedFile, now: dt.datetime) -> Stored:
    """Import on from where it failed: the content is the same, so are the rows done."""
    dataset = change.dataset
    if dataset.state != "failed" or dataset.sha256 != ingested.sha256:
        return dataset  # another upload came first
    dataset.state, dataset.failure, dataset.file = "importing", None, ingested.path
    dataset.updated_at = now
    return dataset
