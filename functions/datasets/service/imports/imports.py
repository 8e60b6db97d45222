"""What callers can do with imports: ask for one, look at it, let it go on, cancel it."""

import hashlib
from collections.abc import Iterator
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.asked import Asked, Source
from functions.datasets.model.imports.imports import (
    AT_WORK,
    FIRST,
    StoredImport,
    due_of,
    first_import,
    held,
    let_go,
    raw,
    step_of,
)
from functions.datasets.model.made import Made, Origin, digest_of
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.imports.ports import ImportStore
from functions.datasets.service.looked_after import LookedAfter
from functions.datasets.service.ports import Change, DatasetStore
from functions.datasets.service.turns import Watch
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Flaw, NotFound, refused
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests.conditions import IfMatch, whatever
from functions.kit.contract.requests.pages import Page, PageQuery, page_of
from functions.kit.service.hints import Hints


class Imports:
    """Takes imports into datasets, and shows how far they are."""

    def __init__(
        self,
        store: DatasetStore,
        imports: ImportStore,
        changes: ChangeLog,
        files: Bucket,
        hints: Hints,
        watch: Watch,
        clock: Clock,
    ) -> None:
        self._store = store
        self._imports = imports
        self._changes = changes
        self._files = files
        self._hints = hints
        self._lookout, self._turns = watch
        self._looked_after = LookedAfter(store, self._lookout)
        self._clock = clock

    def begin(
        self, place: Place, origin: Origin, asked: Asked, source: Source, chunks: Iterator[bytes]
    ) -> StoredImport:
        """Store what is to be imported, and have it checked; the same request again is the same.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready, another import is at work, or the key was another request's.
            Invalid: the import cannot be as it is asked for.
            TooLarge: the file is over the limit.
            Unreadable: it breaks off.
        """
        seen = self._store.find_shown(place).dataset
        _check(asked, seen)
        file = f"{raw(place)}{uuid4().hex}"
        digest = hashlib.sha256()
        with self._files.writer(file, "application/octet-stream") as out:
            for chunk in chunks:
                digest.update(chunk)
                out.write(chunk)
        fresh = self._fresh(place, origin, asked, source)
        fresh.file, fresh.sha256 = file, digest.hexdigest()
        try:
            kept = self._begin(fresh, origin, seen)
        except (Conflict, NotFound):
            self._files.delete(file)
            raise
        if kept.file != file:
            self._files.delete(file)
        return kept

    def fetch(self, place: Place, origin: Origin, asked: Asked, source: Source) -> StoredImport:
        """Have rows fetched from where they are, then checked; raises as `begin`."""
        seen = self._store.find_shown(place).dataset
        _check(asked, seen)
        fresh = self._fresh(place, origin, asked, source)
        fresh.state = "fetching"
        return self._begin(fresh, origin, seen)

    def _begin(self, fresh: StoredImport, origin: Origin, seen: Stored) -> StoredImport:
        def work(change: Change) -> StoredImport:
            if change.dataset.identity != seen.identity:  # whose removal took the file along
                raise Conflict(f"Dataset '{seen.id}' was made anew meanwhile; send it again.")
            return _begun(change, fresh, origin.request)

        kept = self._store.change(fresh.place, work)
        for step in due_of(kept):
            self._turns.ask(step, fresh.workspace)
        return kept

    def _fresh(self, place: Place, origin: Origin, asked: Asked, source: Source) -> StoredImport:
        now = self._clock.now()
        return StoredImport(
            id="",
            number=0,
            workspace=place.workspace,
            dataset=place.name,
            asked=asked,
            source=source,
            state="checking",
            by=origin.owner,
            created_at=now,
            updated_at=now,
            file="",
        )

    def get(self, place: Place, number: str) -> StoredImport:
        """Return an import; raises NotFound. Who reads it looks after its step."""
        if number == FIRST:
            return self._first(self._looked_after.find(place))
        dataset = self._store.find_shown(place).dataset
        found = self._imports.find(place, number)
        self._lookout.watch("/".join((*place, number)), due_of(found))
        if found.state in AT_WORK:
            found.waits_at = self._turns.place(step_of(place, number))
        return _with_progress(found, dataset)

    def page(self, place: Place, query: PageQuery) -> Page[StoredImport]:
        """List the imports into a dataset, the newest first; the last is the one that made it.

        Raises:
            NotFound: there is no such dataset.
            Unreadable: the cursor is not ours.
        """
        dataset = self._store.find_shown(place).dataset
        found = self._imports.page(place, query.limit + 1, query.after_number)
        shown = [_with_progress(one, dataset) for one in found]
        if len(found) <= query.limit:
            shown.append(self._first(dataset))
        return page_of(shown, query.limit, lambda one: one.id)

    def _first(self, dataset: Stored) -> StoredImport:
        """Return the import that made a dataset."""
        logged = self._changes.change(dataset.place, 1) if dataset.revision else None
        return first_import(dataset, dataset.rows if logged is None else logged.records)

    def resume(
        self, place: Place, number: str, if_match: IfMatch = whatever, *, dry_run: bool = False
    ) -> StoredImport:
        """Let one that waits, or failed, go on; have one that is at work looked at now.

        Args:
            place: of the dataset.
            number: of the import.
            if_match: of the dataset's revision, for one that waits or failed.
            dry_run: such a one is checked again, and then waits.

        Raises:
            NotFound: there is no such import.
            Stale: the dataset is at another revision.
            Conflict: it has come to its end, or another one is at work.
        """

        def work(change: Change) -> StoredImport:
            found = change.find_import(number)
            if found.state in {"waiting", "failed"}:
                change.dataset.check_match(if_match)
                _let_on(change.dataset, found.id)
                found.asked = replace(found.asked, dry_run=dry_run)
                found.failure = None
                found.turn("checking" if found.file else "fetching", self._clock.now())
                change.put_import(found)
            found.check_open()
            return found

        found = self._store.change(place, work)
        self._lookout.resume(due_of(found))
        return found

    def cancel(self, place: Place, number: str) -> StoredImport:
        """End an import; what it has written is taken back, and never showed.

        Raises:
            NotFound: there is no such import.
            Conflict: it has come to its end.
        """

        def work(change: Change) -> StoredImport:
            found, now = change.find_import(number), self._clock.now()
            found.check_open()
            changing = held(change.dataset, found)
            if found.state == "importing" and changing is not None:
                change.dataset.change = replace(changing, phase="cancelling")
                found.turn("cancelling", now)
            elif found.state != "cancelling":
                let_go(change.dataset, found)
                found.end("cancelled", now)
            change.put_import(found)
            return found

        found = self._store.change(place, work)
        self._hints.send(due_of(found))
        return found

    def bad_rows(self, place: Place, number: str) -> Iterator[bytes]:
        """Return the rows that were not taken, as CSV; raises NotFound when there are none."""
        found = self.get(place, number)
        if not found.bad:
            raise NotFound(f"Import {number} of '{place.name}' has no bad rows.")
        try:
            return self._files.chunks(found.bad)
        except FileNotFoundError as error:
            raise NotFound(f"The bad rows of import {number} are gone.") from error


def _check(asked: Asked, dataset: Stored) -> None:
    """Raise Invalid when no file could be imported so."""
    names = {column.name for column in dataset.columns}
    flaws = [
        Flaw("the dataset has no such column", column=name)
        for name in asked.key
        if name not in names
    ]
    if asked.mode == "upsert" and not asked.key:
        flaws.append(Flaw("an upsert needs the columns that tell rows apart", column="key"))
    if asked.mode != "upsert" and asked.key:
        flaws.append(Flaw(f"it is for mode=upsert, not {asked.mode}", column="key"))
    if flaws:
        raise refused("The import was refused", *flaws)


def _begun(change: Change, fresh: StoredImport, request: str | None) -> StoredImport:
    """Write a new import, or return the one that the request made before; raises Conflict."""
    dataset = change.dataset
    made = request and Made(request, "", _digest(fresh))
    known = change.made(request) if request else None
    if made and known:
        replace(made, thing=known.thing).check(known)
        return change.find_import(known.thing)
    dataset.check_free()
    dataset.imports += 1
    _let_on(dataset, str(dataset.imports))
    begun = replace(fresh, id=str(dataset.imports), number=dataset.imports)
    if made:
        change.note(replace(made, thing=begun.id))
    change.put_import(begun)
    return begun


def _digest(fresh: StoredImport) -> str:
    return digest_of(fresh.sha256, msgspec.json.encode((fresh.asked, fresh.source)))


def _let_on(dataset: Stored, number: str) -> None:
    """Let an import be the one at work; raises Conflict when there is another."""
    if dataset.running:
        raise Conflict(
            f"Import {dataset.running} is at work on '{dataset.id}'; wait for its end, or "
            "cancel it."
        )
    dataset.running = number


def _with_progress(found: StoredImport, dataset: Stored) -> StoredImport:
    """Return an import with how far the dataset says that it has come."""
    changing = held(dataset, found)
    if changing is None or found.state != "importing":
        return found
    return replace(found, rows_done=changing.looked)
