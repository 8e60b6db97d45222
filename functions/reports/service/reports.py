"""What a user does with reports."""

import itertools
import uuid
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Flaw, Gone, Invalid, NotFound, not_found
from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.requests import idempotency
from functions.kit.contract.requests.lists import every
from functions.kit.contract.requests.pages import Page, cursor_after
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.reports.model import changes
from functions.reports.model.facts import Dataset
from functions.reports.model.kind import KEPT, LIST, OPEN, due
from functions.reports.model.report import FORMS, Form, Report, ReportFile, Subject, owner_of
from functions.reports.model.requests import LISTED, NAMES, ReportRequest, ReportsQuery
from functions.reports.service.ports import OtherFunctions, Registry, ReportStore

MOST_PAGES = 5
"""Pages of a list that are looked through for one page of it."""


class ReportService:
    """Takes, shows and removes reports.

    Args:
        store: the reports.
        functions: the other functions.
        registry: the models.
        files: gives the bucket.
        hints: has steps looked at.
        lookout: looks after those that were lost.
        clock: tells when something happens.
    """

    def __init__(
        self,
        store: ReportStore,
        functions: OtherFunctions,
        registry: Registry,
        files: Callable[[], Bucket],
        hints: Hints,
        lookout: Lookout,
        clock: Clock,
    ) -> None:
        self._store = store
        self._functions = functions
        self._registry = registry
        self._files = files
        self._hints = hints
        self._lookout = lookout
        self._clock = clock

    def create(self, caller: Caller, asked: ReportRequest, report_id: str | None = None) -> Report:
        """Take a wish for a report; where there is one of this id already, that one.

        Raises:
            Invalid: it is about nothing, or about two things.
            NotFound: there is no such dataset, model or version that the caller sees.
            Conflict: the dataset is not ready; the id was for another wish; or its owner has as
                many reports as are kept.
            OverQuota: its owner has too many made.
        """
        wished = asked.subject()
        forms = [form for form in FORMS if form in asked.kinds]
        if not caller.sees(wished.kind, wished.name):
            raise not_found(wished.kind, wished.name)
        known = report_id and self._store.find(Place(caller.workspace, report_id))
        if known:
            return _same(known, wished, forms)
        subject = self._known(Place(caller.workspace, wished.name), wished)
        owner = owner_of(caller)
        OPEN.check(self._store.open(caller.workspace, owner, OPEN.most))
        KEPT.check(self._store.kept(caller.workspace, owner, KEPT.most))
        report = Report(
            id=report_id or uuid.uuid4().hex,
            workspace=caller.workspace,
            owner=owner,
            by=caller.name,
            subject=subject,
            forms=forms,
            created_at=self._clock.now(),
        )
        if not self._store.create(report):
            return _same(self._store.load(report.place), wished, forms)
        self._hints.send(one.step for one in due(report))
        return report

    def report(self, caller: Caller, name: str) -> Report:
        """Return a report; raises NotFound. Who reads it looks after its step."""
        found = self._store.load(Place(caller.workspace, name))
        if found.is_removed or not caller.sees(found.subject.kind, found.subject.name):
            raise not_found("report", name)
        steps = [one.step for one in due(found)]
        if steps and self._lookout.watch(found.id, steps):
            self._store.restore_steps(found.place)
        return found

    def reports(self, caller: Caller, query: ReportsQuery) -> Page[Report]:
        """Return a page of reports, newest first; one that is short may have others after it.

        Where they are searched, sorted or counted, all of them are looked through.

        Raises:
            Unreadable: the order or the cursor is not ours.
        """
        if not query.plain:
            wanted = (one for one in self._all(caller) if self._is_wanted(caller, query, one))
            return LISTED.page(wanted, query)
        found: list[Report] = []
        after = query.after
        for _ in range(MOST_PAGES):
            some = self._store.page(caller.workspace, LIST, query.limit + 1, after)
            for one in some[: query.limit]:
                after = one.id
                if self._is_wanted(caller, query, one):
                    found.append(one)
                    if len(found) == query.limit:
                        return Page(found, self._next(caller, after))
            if len(some) <= query.limit:
                return Page(found)
        return Page(found, None if after is None else cursor_after(after))

    def file(self, caller: Caller, name: str, form: Form) -> tuple[ReportFile, Iterator[bytes]]:
        """Return a file of a report.

        Raises:
            NotFound: there is no such report, or it has no such file.
            Conflict: it is not there yet, or never will be.
            Gone: it was, and is lost.
        """
        found = self.report(caller, name)
        if form not in found.forms and form != "notebook":
            raise NotFound(f"Report '{name}' was not asked to have a {NAMES[form]}.")
        file = found.files.get(form)
        if file is None:
            why = f": {found.failure}" if found.failure else " and has no such file yet."
            raise Conflict(f"Report '{name}' is {found.state}{why}")
        return file, self._chunks(file)

    def facts(self, caller: Caller, name: str) -> tuple[ReportFile, Iterator[bytes]]:
        """Return what a report's notebook was told; raises NotFound, Conflict, Gone."""
        found = self.report(caller, name)
        if found.facts is None:
            raise Conflict(f"Report '{name}' is {found.state}, and its facts are not known yet.")
        return found.facts, self._chunks(found.facts)

    def remove(self, caller: Caller, name: str) -> None:
        """Remove a report with its files; one that is being made is made no further."""
        place = self.report(caller, name).place
        report = self._store.update(place, changes.removed)
        self._hints.send(one.step for one in due(report))

    def _known(self, place: Place, wished: Subject) -> Subject:
        """Return what is meant, once it is known to be there; raises NotFound, Conflict."""
        if wished.kind == "dataset":
            dataset = self._functions.dataset(place)
            if dataset.state != "ready":
                raise Conflict(f"Dataset '{dataset.id}' is {dataset.state}, not ready.")
            _check_target(dataset, wished.target)
            return wished
        model = self._registry.model(place)
        number = wished.version or model.aliases.get(CHAMPION) or max(model.versions, default=0)
        if not model.has(number):
            raise not_found("version", str(number), of=place.name)
        return Subject("model", place.name, number)

    def _is_wanted(self, caller: Caller, query: ReportsQuery, one: Report) -> bool:
        return query.wants(one.subject) and caller.sees(one.subject.kind, one.subject.name)

    def _all(self, caller: Caller) -> Iterator[Report]:
        store, workspace = self._store, caller.workspace
        return every(lambda most, after: store.page(workspace, LIST, most, after), LISTED.key)

    def _next(self, caller: Caller, after: str) -> str | None:
        """Return the cursor of the page that begins after a report; None where none follows."""
        rest = self._store.page(caller.workspace, LIST, 1, after)
        return cursor_after(after) if rest else None

    def _chunks(self, file: ReportFile) -> Iterator[bytes]:
        pieces = iter(self._files().chunks(file.path))
        try:
            first = next(pieces, b"")
        except FileNotFoundError as error:
            raise Gone("The report's file is gone from the bucket; ask for a new one.") from error
        return itertools.chain((first,), pieces)


def _check_target(dataset: Dataset, target: str | None) -> None:
    if target is not None and target not in {one.name for one in dataset.columns}:
        reason = f"Dataset '{dataset.id}' has no column '{target}'"
        raise Invalid(f"{reason}.", Flaw(reason, column="target", value=target))


def _same(known: Report, wished: Subject, forms: list[Form]) -> Report:
    about = known.subject
    meant = wished.version is None or wished.version == about.version
    same = replace(about, version=None) == replace(wished, version=None)
    if not (same and meant and known.forms == forms) or known.is_removed:
        raise idempotency.other_request()
    return known
