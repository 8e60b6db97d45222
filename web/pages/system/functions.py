"""Functions as the plane runs them, for whoever runs the system.

The plane's API asks for a password that this container has, and the reader has not: so no function
refuses these pages, and each of them asks itself who the reader is.
"""

import re
import time
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from werkzeug.exceptions import NotFound as NoPage

from web.client.account_schemas import Me
from web.client.errors import Conflict, Failure, NotFound, Refused, SignedOut, Stale
from web.client.functions import Functions
from web.client.plane.plane import Plane
from web.client.plane_schemas import LogLine, Service, Share
from web.client.transport import time_limits
from web.forms.preconditions import expected_text
from web.forms.scaling import all_to, parse_bounds, parse_replicas, parse_split
from web.http import toasts
from web.http.events import ALIVE, STREAM, event
from web.http.htmx import Reply, render, see_other
from web.http.readers import require_known
from web.http.shutdown import Shutdown
from web.http.statuses import status_of
from web.http.toasts import Undo
from web.pages.best_effort import BestEffort
from web.pages.lists import list_page
from web.views.lists import Column
from web.views.system.deployed import Known, arranged, deployed, known, lead, one_of

IN_PLACE = (Refused, Conflict, Stale)
NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
TAIL = 200
FEW = 8
"""Revisions that calls are shared out among, besides those that have some."""
LOOK_EVERY, ASK_EVERY = 1.0, 5.0
"""Seconds between two looks at a log, and two questions whether the reader may still see it."""
COLUMNS = (
    Column("Function", "name"),
    Column("Replicas", "replicas", numeric=True, greatest_first=True),
    Column("Least and most"),
    Column("Calls", "calls", numeric=True, greatest_first=True),
    Column("Refused", "refused", numeric=True, greatest_first=True),
    Column("Failed", "failed", numeric=True, greatest_first=True),
    Column("95 of 100 within", "p95", numeric=True, greatest_first=True),
    Column("Cold starts", "cold_starts", numeric=True, greatest_first=True),
)
SCALED = "The number of replicas is set. The autoscaler takes over after its window."
BOUNDED = "The bounds count for a new revision, which takes over once it is ready."
ROUTED = "Calls are shared so from now on."


class FunctionPages:
    """Handlers of functions."""

    _rest = staticmethod(time.sleep)

    def __init__(self, functions: Functions, shutdown: Shutdown) -> None:
        self._functions = functions
        self._shutdown = shutdown

    def index(self) -> Reply:
        """List them, with what is counted of each."""
        require_known("operate")
        plane, optional = self._functions.plane, BestEffort()
        if plane is None:
            return render("functions/closed.html")
        services = optional.get(plane.knative.services)
        statuses = optional.get(plane.openfaas.functions)
        counted = optional.get(plane.counted.figures)
        rows = deployed(services, statuses, counted)
        return list_page(
            "functions/index.html",
            lambda _limit, _cursor, asked: arranged(rows, dict(asked)),
            COLUMNS,
            counted=counted is not None,
            has_knative=services is not None,
            has_openfaas=statuses is not None,
            notes=optional.notes,
        )

    def show(self, name: str) -> Reply:
        """Show one: how it does, what it wrote last, its revisions, and what leads to it."""
        return self._page(name)

    def scale(self, name: str) -> Reply:
        """Set the number of replicas."""
        plane = self._plane(name)

        def work() -> Undo:
            wanted, before = parse_replicas(request.form), plane.openfaas.function(name).replicas
            plane.openfaas.scale(name, wanted)
            return Undo(url_for("functions.scale", name=name), {"replicas": str(before)})

        return self._done(name, SCALED, work)

    def bound(self, name: str) -> Reply:
        """Set how few and how many replicas there may be."""
        plane = self._plane(name)

        def work() -> None:
            least, most = parse_bounds(request.form)
            plane.knative.bound(name, least, most, _version())

        return self._done(name, BOUNDED, work)

    def split(self, name: str) -> Reply:
        """Share the calls out among revisions."""
        return self._route(name, lambda newest, now: parse_split(request.form, newest, now))

    def send_all(self, name: str) -> Reply:
        """Let one revision have all calls: a roll back, or the way on from one."""
        revision = request.form.get("revision", "")
        return self._route(name, lambda newest, now: all_to(revision, newest, now))

    def watch(self, name: str) -> Reply:
        """Send the end of the log each time that something was written."""
        plane = self._plane(name)
        first = _log(plane, name)  # an unknown function is refused before the stream begins
        events = stream_with_context(self._events(plane, name, first))
        return Response(events, headers=STREAM)

    def _route(self, name: str, shares: Callable[[str, list[Share]], list[Share]]) -> Reply:
        plane = self._plane(name)

        def work() -> None:
            found = plane.knative.service(name)
            wanted = shares(found.status.latest_created_revision_name, found.spec.traffic)
            plane.knative.route(name, wanted, _version())

        return self._done(name, ROUTED, work)

    def _done(self, name: str, said: str, work: Callable[[], Undo | None]) -> Reply:
        """Do it, say so, and show the page; with what is wrong where the plane refuses."""
        try:
            undo = work()
        except IN_PLACE as error:
            return self._page(name, error)
        toasts.say(said, undo)
        return see_other(url_for("functions.show", name=name))

    def _plane(self, name: str) -> Plane:
        """Return the plane, for a reader who may use it.

        Raises:
            Forbidden: the reader may not.
            NotFound: there is no such function, or these pages have no plane.
        """
        require_known("operate")
        if not NAME.fullmatch(name):
            raise NoPage(f"There is no function '{name[:100]}'.")
        if self._functions.plane is None:
            raise NotFound("These pages were given no way to the plane.")
        return self._functions.plane

    def _page(self, name: str, error: Failure | None = None) -> Response:
        plane, optional = self._plane(name), BestEffort()
        service = optional.get(lambda: plane.knative.service(name))
        status = optional.get(lambda: plane.openfaas.function(name))
        if service is None and status is None and not optional.notes:
            raise NotFound(f"There is no function '{name}'.")
        counted = optional.get(plane.counted.figures)
        figures = counted.get(name) if counted else None
        sources = optional.get(lambda: plane.knative.sources(name))
        revisions = _revisions(plane, service, optional)
        return render(
            "functions/show.html",
            "log",
            error=error,
            name=name,
            service=service,
            scaled=status,
            one=one_of(service, status, figures, name),
            counted=counted is not None,
            revisions=revisions,
            choices=[one for n, one in enumerate(revisions or ()) if n < FEW or one.percent],
            follows=service is not None and _follows(service),
            sources=None if sources is None else [lead(source) for source in sources],
            lines=optional.get(lambda: _log(plane, name)),
            notes=optional.notes,
        )

    def _events(self, plane: Plane, name: str, lines: list[LogLine]) -> Iterator[str]:
        """Write the log's end as HTML at each change, for as long as the reader may see it."""
        time_limits.begin_page(None)
        shown: list[LogLine] | None = None
        asked = time.monotonic()
        try:
            while not self._shutdown.requested:
                yield ALIVE if lines == shown else event(_lines(lines))
                shown = lines
                self._rest(LOOK_EVERY)
                if time.monotonic() - asked >= ASK_EVERY:
                    if not _operates(self._functions.accounts.me()):
                        break
                    asked = time.monotonic()
                lines = _log(plane, name)
        except SignedOut:
            yield event("over", name="end")
        except Failure as error:  # the page asks again by itself
            yield f": {status_of(error)}\n\n"
        else:
            yield event("over", name="end")


def _operates(me: Me) -> bool:
    return "operate" in me.rights


def _revisions(plane: Plane, service: Service | None, optional: BestEffort) -> list[Known] | None:
    if service is None:
        return None
    found = optional.get(lambda: plane.knative.revisions(service.metadata.name))
    return None if found is None else known(service, found)


def _follows(service: Service) -> bool:
    """Tell whether a later deploy gets calls by itself."""
    return not service.spec.traffic or any(one.latest_revision for one in service.spec.traffic)


def _log(plane: Plane, name: str) -> list[LogLine]:
    """Return the last lines, by the API that the platform has."""
    try:
        return plane.openfaas.log(name, TAIL)
    except NotFound:
        return plane.knative.log(name, TAIL)


def _version() -> str:
    """Return the version of a service that the form was made from."""
    return expected_text(request.form, "version", "the function it changes")


def _lines(lines: list[LogLine]) -> str:
    return render_template("functions/lines.html", lines=lines)


def pages(functions: Functions, shutdown: Shutdown) -> Blueprint:
    """Return the blueprint."""
    handlers = FunctionPages(functions, shutdown)
    blueprint = Blueprint("functions", __name__, url_prefix="/functions")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("/<name>", "show", handlers.show)
    rule("/<name>/log", "watch", handlers.watch)
    rule("/<name>/scale", "scale", handlers.scale, methods=["POST"])
    rule("/<name>/bounds", "bound", handlers.bound, methods=["POST"])
    rule("/<name>/traffic", "split", handlers.split, methods=["POST"])
    rule("/<name>/all", "send_all", handlers.send_all, methods=["POST"])
    return blueprint
