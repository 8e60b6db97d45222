"""Carries imports out, in turns under a lease: the check, the writing, what is to be taken back.

Whoever is at it may be killed at any moment. The check changes nothing but the import's document,
at its end. The writing is a change of many records like others (`service/changing`): every commit
of it holds only if the dataset's document is the one seen before, says how far it has come, and
logs what it makes. Readers read as of the moment before it, until the one transaction that ends the
import; if it does not come to that, it is taken back by the log.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple
from uuid import uuid4

import structlog
from msgspec.structs import replace

from functions.datasets.model.imports.imports import (
    StoredImport,
    areas,
    external,
    held,
    is_taken,
    let_go,
    step_of,
)
from functions.datasets.model.table_parts import TablePart
from functions.datasets.service.imports import writing
from functions.datasets.service.imports.checking import BINARY, Checker, Outcome
from functions.datasets.service.imports.concluding import conclude
from functions.datasets.service.imports.ports import Fetcher, ImportStore
from functions.datasets.service.imports.tables import ImportTables
from functions.datasets.service.ports import Change, DatasetStore, Overtaken, Seen
from functions.datasets.service.resumable_steps import DIED, FULL_PAUSE
from functions.datasets.service.turns import Turn, Turns
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, NoRoom, NotFound
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.steps import Lease, Superseded
from functions.kit.service import sweeper
from functions.kit.service.step_runner import StepRunner

log = structlog.get_logger()


class Works(NamedTuple):
    """What imports are made of: turns, rows that are fetched, checked, written, left for lists."""

    turns: Turns

    fetcher: Fetcher
    checker: Checker
    writer: writing.Writer
    tables: ImportTables


CAN_FAIL = frozenset({"fetching", "checking", "importing"})
"""What ends by a failure; what is taken back, or swept, has to come to its end."""


class ImportSteps:
    """Works on imports.

    Attributes:
        seconds: of writing in one turn, well below the gateway's patience.
    """

    seconds = 30.0

    def __init__(
        self,
        store: DatasetStore,
        imports: ImportStore,
        files: Bucket,
        works: Works,
        runner: StepRunner,
        clock: Clock,
    ) -> None:
        self._store = store
        self._imports = imports
        self._files = files
        self._runner = runner
        self._clock = clock
        self._works = works
        _, self._fetcher, self._checker, self._writer, self._tables = works

    def step(self, place: Place, number: str) -> None:
        """Work on an import for a while, if it is due, nobody is at it, and it is its turn."""

        def work(lease: Lease, goes_on: Callable[[], bool]) -> bool:
            turn = Turn(self._clock, self.seconds, goes_on)
            return self._is_left(place, number, lease, turn)

        step = step_of(place, number)
        self._works.turns.carry_out(self._runner, step, place.workspace, work)

    def _is_left(self, place: Place, number: str, lease: Lease, turn: Turn) -> bool:
        """Work for a while; tell whether something is left."""
        if lease.is_inherited:
            self._judge(place, number, lease)
        while not self._is_over(place, number, turn, lease):
            if turn.is_over():
                return True
        return False

    def _judge(self, place: Place, number: str, lease: Lease) -> None:
        """Give an import up over which process after process has died at the same place."""
        with suppress(NotFound):  # it is gone
            dataset = self._store.find_shown(place).dataset
            job = self._imports.find(place, number)
            got_on = job.updated_at if held(dataset, job) is None else dataset.updated_at
            if self._runner.is_hopeless(lease, f"{job.state} {got_on}"):
                self._fail(job, f"{DIED} while {job.state}; resume it to have it tried again.")

    def _is_over(self, place: Place, number: str, turn: Turn, lease: Lease) -> bool:
        """Work once; tell whether there is nothing left to do."""
        try:
            # The import first: while its document is this one (`_changed`), so is all that the
            # dataset, which is read later, says of it.
            job = self._imports.find(place, number)
            seen = self._store.find_shown(place)
            if not job.is_due:
                return True
            self._work(job, seen, turn)
        except NotFound:
            return True  # the dataset is gone, or about to go
        except Overtaken as error:
            log.info("overtaken", step=lease.step.path)
            if not self._runner.holds(lease):
                raise Superseded(lease.step.path) from error
        except NoRoom as error:
            log.warning("no room", step=lease.step.path, error=str(error))
            self._clock.sleep(FULL_PAUSE)
        return False

    def _work(self, job: StoredImport, seen: Seen, turn: Turn) -> None:
        try:
            match job.state:
                case "fetching":
                    self._fetch(job)
                case "checking" if is_taken(seen.dataset, job):
                    self._clock.sleep(FULL_PAUSE)  # others are changing it
                case "checking":
                    self._conclude(job, self._checker.check(job, seen, turn))
                case "importing":
                    if self._writer.write(job, seen, turn):
                        self._show(job, self._tables.part(seen.dataset, job, turn))
                case "cancelling":
                    if self._writer.take_back(job, seen, turn):
                        self._end(job)
                case _:
                    self._sweep(job)
        except FileNotFoundError as error:
            self._fail(job, f"The file cannot be read: {error}")

    def _fetch(self, job: StoredImport) -> None:
        """Keep what its source gives as its file, to be checked."""
        file, digest = f"{external(job.place)}{uuid4().hex}", hashlib.sha256()
        try:
            with self._files.writer(file, BINARY) as out:
                self._fetcher.fetch(
                    job.place.workspace, job.source, _both(digest.update, out.write)
                )
        except (Conflict, NotFound) as error:
            self._fail(job, error.detail)
            return

        def work(_: Change, found: StoredImport) -> bool:
            found.file, found.sha256 = file, digest.hexdigest()
            found.turn("checking", self._clock.now())
            return True

        if not self._changed(job, work):
            self._files.delete(file)

    def _conclude(self, job: StoredImport, outcome: Outcome) -> None:
        """Go on from a check, unless somebody else has, or it has to be made again."""

        def work(change: Change, found: StoredImport) -> bool:
            return conclude(change.dataset, found, outcome, self._clock.now())

        if not self._changed(job, work):
            for path in filter(None, (outcome.plan, outcome.bad)):
                self._files.delete(path)

    def _show(self, job: StoredImport, part: TablePart | None) -> None:
        def work(change: Change, found: StoredImport) -> bool:
            writing.show(change, found, self._clock.now(), part)
            return True

        self._changed(job, work)

    def _end(self, job: StoredImport) -> None:
        """Let go of a dataset whose records are again what they were."""

        def work(change: Change, found: StoredImport) -> bool:
            let_go(change.dataset, found)
            found.end("failed" if found.failure else "cancelled", self._clock.now())
            return True

        self._changed(job, work)

    def _fail(self, job: StoredImport, reason: str) -> None:
        """Say why an import cannot go on; what it wrote is to be taken back. It can be resumed."""

        def work(change: Change, found: StoredImport) -> bool:
            now = self._clock.now()
            found.failure = reason
            changing = held(change.dataset, found)
            if found.state == "importing" and changing is not None:
                change.dataset.change = replace(changing, phase="cancelling")
                found.turn("cancelling", now)
            else:
                let_go(change.dataset, found)
                found.end("failed", now)
            return True

        log.warning("import failed", dataset="/".join(job.place), number=job.id, error=reason)
        if job.state in CAN_FAIL:
            self._changed(job, work)

    def _sweep(self, job: StoredImport) -> None:
        """Remove the files that an import that has ended leaves, and tidy the dataset's tables."""
        if job.state == "done":
            self._tables.fold(job.place)
        left = [job.plan] if job.state == "failed" else [job.plan, job.file]
        for path in filter(None, left):
            self._files.delete(path)
        sweep_files(self._files, self._imports, job.place, self._clock.now())

        def work(_: Change, found: StoredImport) -> bool:
            found.is_swept = True
            return True

        self._changed(job, work)

    def _changed(self, job: StoredImport, work: Callable[[Change, StoredImport], bool]) -> bool:
        """Change an import that nobody else has changed; return what `work` does, else False.

        Its state alone would not tell: by others who were quicker it may have failed and been
        resumed, or be another one of the number, of another dataset of the name.
        """

        def change_it(change: Change) -> bool:
            found = change.find_import(job.id)
            if found != job:
                return False
            counts = work(change, found)
            change.put_import(found)
            return counts

        return self._store.change(job.place, change_it)


def _both(*takers: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def write(piece: bytes) -> None:
        for take in takers:
            take(piece)

    return write


def sweep_files(files: Bucket, imports: ImportStore, place: Place, now: dt.datetime) -> None:
    """Remove the files of imports that died before a document named them."""
    for prefix in areas(place):
        sweeper.sweep(files, prefix, lambda paths: imports.naming(place, paths), now=now)
