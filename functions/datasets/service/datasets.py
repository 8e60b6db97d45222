"""Datasets: made from a file, listed, shown, changed, removed."""

import datetime as dt
from collections.abc import Iterator

import structlog

from functions.datasets.model.dataset import DatasetPatch, Stored, slug
from functions.datasets.model.due import due_steps
from functions.datasets.service.deleting import Remover
from functions.datasets.service.importing import Importer
from functions.datasets.service.ingestion import IngestedFile, ingest
from functions.datasets.service.ports import Change, DatasetStore
from functions.datasets.service.schema_edits import SchemaEditor
from functions.kit.contract.conditions import IfMatch
from functions.kit.contract.errors import Conflict, NotFound, Transient
from functions.kit.contract.pages import Page, PageQuery, page_of
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.service.lookout import Lookout

log = structlog.get_logger()


class Datasets:
    """What callers can do with whole datasets."""

    def __init__(
        self,
        store: DatasetStore,
        files: Bucket,
        importer: Importer,
        remover: Remover,
        editor: SchemaEditor,
        lookout: Lookout,
        clock: Clock,
    ) -> None:
        self._store = store
        self._files = files
        self._importer = importer
        self._remover = remover
        self._editor = editor
        self._lookout = lookout
        self._clock = clock

    def create(self, name: str, chunks: Iterator[bytes]) -> Stored:
        """Take in a file and have it imported; the same file again gives the same dataset.

        The order matters: file, document with the step that is due, queue, answer. The queue may
        be away: the step is due all the same. A death between file and document leaves a file
        without a dataset, which a later import sweeps away.

        Raises:
            Conflict: when the name is taken by other content.
            Invalid: when the file or the name is refused.
            TooLarge: when the file is over the limit.
            Unreadable: when the upload breaks off.
        """
        dataset_id = slug(name)
        ingested = ingest(self._files, chunks)
        fresh = _fresh(dataset_id, name, ingested, self._clock.now())
        existing = self._store.create(fresh)
        dataset = fresh if existing is None else self._again(existing, ingested)
        if dataset.state == "importing":
            self._importer.ask(dataset_id)
        return dataset

    def _again(self, existing: Stored, ingested: IngestedFile) -> Stored:
        """Take up a dataset whose name is there already; raises Conflict."""
        if existing.state == "failed" and existing.sha256 == ingested.sha256:
            now = self._clock.now()
            existing = self._store.change(existing.id, lambda change: _retry(change, ingested, now))
        if existing.file != ingested.path:
            self._files.delete(ingested.path)
        if existing.state == "deleting":
            self._remover.step(existing.id)
            raise Conflict(f"Dataset '{existing.id}' is being deleted; try again in a moment.")
        if existing.sha256 != ingested.sha256:
            raise Conflict(
                f"There is a dataset '{existing.id}' with other content; choose another name or "
                "delete it first."
            )
        return existing

    def page(self, query: PageQuery) -> Page[Stored]:
        """List datasets by id; raises Unreadable."""
        found = self._store.page(query.limit + 1, query.after)
        return page_of(found, query.limit, lambda dataset: dataset.id)

    def get(self, dataset_id: str) -> Stored:
        """Return a dataset; raises NotFound. Who reads it looks after its step."""
        dataset = self._store.find_shown(dataset_id).dataset
        if self._lookout.watch(dataset_id, due_steps(dataset)):
            self._store.restore_steps(dataset_id)
        return dataset

    def resume(self, dataset_id: str) -> Stored:
        """Queue the import again, at once, unless somebody is at it; raises NotFound."""
        dataset = self._store.restore_steps(dataset_id)
        self._lookout.resume(due_steps(dataset))
        return dataset

    def patch(self, dataset_id: str, patch: DatasetPatch, if_match: IfMatch) -> Stored:
        """Change the name or the schema; raises NotFound, Conflict, Stale, Invalid."""
        return self._editor.edit(dataset_id, patch, if_match)

    def delete(self, dataset_id: str, if_match: IfMatch) -> None:
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
            self._store.change(dataset_id, mark)
        except NotFound:
            self._remover.step(dataset_id)
            raise
        try:
            self._remover.step(dataset_id)
        except Transient as error:
            log.warning("removal goes on later", dataset=dataset_id, error=str(error))


def _fresh(dataset_id: str, name: str, ingested: IngestedFile, now: dt.datetime) -> Stored:
    return Stored(
        id=dataset_id,
        name=name,
        state="importing",
        rows=ingested.rows,
        rows_done=0,
        revision=0,
        columns=ingested.columns,
        created_at=now,
        updated_at=now,
        file=ingested.path,
        sha256=ingested.sha256,
        delimiter=ingested.delimiter,
        offset=ingested.begin,
        last_row=0,
    )


def _retry(change: Change, ingested: IngestedFile, now: dt.datetime) -> Stored:
    """Import on from where it failed: the content is the same, so are the rows done."""
    dataset = change.dataset
    if dataset.state != "failed":  # another upload of it came first
        return dataset
    dataset.state, dataset.failure, dataset.file = "importing", None, ingested.path
    dataset.updated_at = now
    return dataset
