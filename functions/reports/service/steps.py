"""The steps of a report, each carried out under a lease (`kit/service/step_runner.py`)."""

import uuid
from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Invalid, NotFound
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.steps import Lease, Superseded
from functions.kit.service.hints import Hints
from functions.kit.service.step_runner import StepRunner
from functions.reports.model import changes
from functions.reports.model.kind import due, folder_of, step_of
from functions.reports.model.report import Form, Report, ReportFile
from functions.reports.service.gathering import Gathering
from functions.reports.service.ports import Busy, ReportStore, Spoilt, Workshop

log = structlog.get_logger()

TYPES: dict[Form, str] = {
    "notebook": "application/x-ipynb+json",
    "pdf": "application/pdf",
    "html": "text/html",
}
DIED = "Process after process ended over this report (out of memory?)."
_Change = Callable[[Report], Report]


class Tools(NamedTuple):
    """What steps work with.

    Attributes:
        store: the reports.
        files: gives the bucket.
        gathering: asks the other functions.
        workshop: makes notebooks and pages.
        clock: tells when something happens, and how long it took.
    """

    store: ReportStore
    files: Callable[[], Bucket]
    gathering: Gathering
    workshop: Workshop
    clock: Clock


class ReportSteps:
    """Carries steps out.

    Args:
        tools: what they work with.
        runner: takes steps, and holds their leases.
        hints: has the next one looked at.
    """

    def __init__(self, tools: Tools, runner: StepRunner, hints: Hints) -> None:
        self._tools = tools
        self._runner = runner
        self._hints = hints

    def gather(self, place: Place) -> None:
        """Ask for what there is to know; raises Away: the step stays due."""
        self._make("gather", place, self._gather)

    def run(self, place: Place) -> None:
        """Carry the notebook out."""
        self._make("run", place, self._notebook)

    def typeset(self, place: Place) -> None:
        """Set the pages."""
        self._make("typeset", place, self._pages)

    def remove(self, place: Place) -> None:
        """Remove a report's files, and what is left of it."""

        def carry_out(lease: Lease) -> bool:
            files = self._tools.files()
            for path, _ in list(files.listed(folder_of(place))):
                files.delete(path)
            self._tools.store.remove(place, lease)
            return False

        self._runner.run(step_of(place, "remove"), carry_out)

    def _make(self, which: str, place: Place, do: Callable[[Report, Lease], Report]) -> None:
        step = step_of(place, which)

        def carry_out(lease: Lease) -> bool:
            report = self._tools.store.load(place)
            try:
                hopeless = self._runner.is_hopeless(lease, which)
                after = self._fail(report, DIED, lease) if hopeless else do(report, lease)
            except Busy:
                return True  # it goes behind the others
            except (Spoilt, NotFound, Conflict, Invalid) as error:
                after = self._fail(report, str(error), lease)
            self._hints.send(one.step for one in due(after) if one.step != step)
            return False

        self._runner.run(step, carry_out)

    def _gather(self, report: Report, lease: Lease) -> Report:
        now, began = self._tools.clock.now(), self._tools.clock.monotonic()
        report = self._update(report, lambda found: changes.begin(found, now), lease)
        found = self._tools.gathering.of(report)
        facts = self._kept(report, "facts", "application/json", found.facts)
        took = self._tools.clock.monotonic() - began
        return self._keep(
            report,
            [facts],
            lambda one: changes.gathered(one, facts, found.data, found.revision, took),
            lease,
        )

    def _notebook(self, report: Report, lease: Lease) -> Report:
        began = self._tools.clock.monotonic()
        files = self._tools.files()
        assert report.facts is not None
        try:
            facts = files.read(report.facts.path)
            data = report.data
            rows = (lambda file: files.download(data, file)) if data else None
            made = self._tools.workshop.run(report.subject.kind, facts, rows)
        except FileNotFoundError as error:
            raise Spoilt(f"What it is made of is gone from the bucket: {error}.") from error
        notebook = self._kept(report, "notebook", TYPES["notebook"], made)
        took, now = self._tools.clock.monotonic() - began, self._tools.clock.now()
        return self._keep(
            report, [notebook], lambda one: changes.ran(one, notebook, took, now), lease
        )

    def _pages(self, report: Report, lease: Lease) -> Report:
        began = self._tools.clock.monotonic()
        try:
            notebook = self._tools.files().read(report.files["notebook"].path)
        except FileNotFoundError as error:
            raise Spoilt(f"The notebook is gone from the bucket: {error}.") from error
        wanted = [form for form in report.forms if form != "notebook"]
        made = self._tools.workshop.typeset(notebook, wanted)
        pages: Mapping[Form, ReportFile] = {
            form: self._kept(report, form, TYPES[form], data) for form, data in made.items()
        }
        took, now = self._tools.clock.monotonic() - began, self._tools.clock.now()
        return self._keep(
            report,
            [*pages.values()],
            lambda one: changes.typeset(one, pages, took, now),
            lease,
        )

    def _kept(self, report: Report, what: str, kind: str, data: bytes) -> ReportFile:
        """Store a file under a name that was never used."""
        path = f"{folder_of(report.place)}{what}-{uuid.uuid4().hex[:12]}"
        self._tools.files().write(path, data, kind)
        return ReportFile(path, len(data))

    def _keep(
        self, report: Report, files: list[ReportFile], change: _Change, lease: Lease
    ) -> Report:
        """Note files that were made; those that nobody waits for any more are removed at once."""
        try:
            after = self._update(report, change, lease)
        except Superseded:
            for file in files:
                self._tools.files().delete(file.path)
            raise
        if after.is_ended:
            self._tidy(after)
        return after

    def _tidy(self, report: Report) -> None:
        """Remove what those who died before us had made."""
        files, named = self._tools.files(), report.paths
        for path, _ in list(files.listed(folder_of(report.place))):
            if path not in named:
                files.delete(path)

    def _fail(self, report: Report, reason: str, lease: Lease) -> Report:
        log.info("report failed", report=report.id, reason=reason)
        now = self._tools.clock.now()
        return self._update(report, lambda found: changes.failed(found, reason, now), lease)

    def _update(self, report: Report, change: _Change, lease: Lease) -> Report:
        return self._tools.store.update(report.place, change, lease)
