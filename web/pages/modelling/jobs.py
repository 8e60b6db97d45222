"""Trainings: start one, watch it, stop it."""

from collections.abc import Iterator
from itertools import chain

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for

from web.client.errors import Failure
from web.client.functions import Functions
from web.client.schemas import Job
from web.http.events import ALIVE, STREAM, event
from web.http.htmx import Reply, render, see_other
from web.http.readers import reader
from web.http.shutdown import Shutdown
from web.http.statuses import status_of
from web.pages.bulk import Act, act_on_chosen, chosen_rows
from web.pages.lists import list_page
from web.pages.modelling import train
from web.views import comparing
from web.views.boards import by_result
from web.views.lists import Column

COLUMNS = (
    Column("Learns", "target"),
    Column("From", "dataset"),
    Column("State", "state"),
    Column("Result"),
    Column("Took", "seconds", numeric=True),
    Column("Made", "model"),
    Column("Begun", "created_at", greatest_first=True),
)
DELETE = Act("Delete", "deleted", "training", "The models that they made stay.")
# Trainings that are looked at for a ranking, the newest ones; and shown side by side.
MOST_RANKED = 500
MOST_COMPARED = 6


class JobPages:
    """Handlers of trainings."""

    def __init__(self, functions: Functions, shutdown: Shutdown) -> None:
        self._functions = functions
        self._shutdown = shutdown

    def index(self) -> Reply:
        """List them."""
        return list_page("jobs/index.html", self._functions.training.page, COLUMNS)

    def delete_chosen(self) -> Reply:
        """Delete those that were chosen in the list."""
        do = self._functions.training.remove
        return act_on_chosen(DELETE, do, lambda one: one[:8], url_for("jobs.index"))

    def compare_chosen(self) -> Reply:
        """Go on to those that were chosen in the list, side by side."""
        return see_other(url_for("jobs.compare", job=chosen_rows()))

    def ranking(self) -> Reply:
        """Rank the trainings of one table and target, the best first."""
        dataset, target = request.args.get("dataset", ""), request.args.get("target", "")
        page = self._functions.training.page(MOST_RANKED)
        same = [one for one in page.items if (one.dataset, one.target) == (dataset, target)]
        return render(
            "jobs/ranking.html",
            dataset=dataset,
            target=target,
            jobs=by_result(same),
            more=page.next is not None,
        )

    def compare(self) -> Reply:
        """Show some trainings side by side."""
        chosen = list(dict.fromkeys(request.args.getlist("job")))
        jobs = [self._functions.training.get(one) for one in chosen[:MOST_COMPARED]]
        return render(
            "jobs/compare.html", jobs=jobs, rows=comparing.rows(jobs), left=len(chosen) - len(jobs)
        )

    def show(self, job: str) -> Reply:
        """Show one as it stands; the page goes on by itself while the job lives."""
        found = self._functions.training.get(job)
        return render("jobs/show.html", "live", job=found, everything=_everything())

    def watch(self, job: str) -> Reply:
        """Send the live part of the page each time that the job changes."""
        changes = self._functions.training.watch(job)
        first = next(changes, None)  # an unknown job is refused before the stream begins,
        _ = reader().me  # and so is a reader whose session has ended
        events = stream_with_context(
            self._events(chain([first], changes), everything=_everything())
        )
        response = Response(events, headers=STREAM)
        response.call_on_close(changes.close)
        return response

    def _events(self, changes: Iterator[Job | None], *, everything: bool) -> Iterator[str]:
        """Write each change as an event whose data is HTML.

        A broken source ends the stream, and so does our own stop; the page asks again by itself.
        """
        try:
            for job in changes:
                if job is not None:
                    html = render_template("jobs/live.html", job=job, everything=everything)
                    yield event(html)
                if job is not None and not job.live:
                    yield event("done", name="end")
                    return
                if self._shutdown.requested:
                    return
                yield ALIVE
        except Failure as error:
            yield f": {status_of(error)}\n\n"

    def cancel(self, job: str) -> Reply:
        """Stop a training."""
        self._functions.training.cancel(job)
        return see_other(url_for("jobs.show", job=job))

    def resume(self, job: str) -> Reply:
        """Have a training that seems to stand still looked at now."""
        self._functions.training.resume(job)
        return see_other(url_for("jobs.show", job=job))


def _everything() -> bool:
    """Tell whether all candidates are wanted, not the best alone."""
    return "all" in request.args


def pages(functions: Functions, shutdown: Shutdown) -> Blueprint:
    """Return the blueprint."""
    handlers = JobPages(functions, shutdown)
    blueprint = Blueprint("jobs", __name__)
    rule = blueprint.add_url_rule
    rule("/jobs", "index", handlers.index)
    rule("/jobs/delete", "delete_chosen", handlers.delete_chosen, methods=["POST"])
    train.add(blueprint, functions)
    rule("/jobs/ranking", "ranking", handlers.ranking)
    rule("/jobs/compare", "compare", handlers.compare)
    rule("/jobs/compare", "compare_chosen", handlers.compare_chosen, methods=["POST"])
    rule("/jobs/<job>", "show", handlers.show)
    rule("/jobs/<job>/live", "watch", handlers.watch)
    rule("/jobs/<job>/cancel", "cancel", handlers.cancel, methods=["POST"])
    rule("/jobs/<job>/resume", "resume", handlers.resume, methods=["POST"])
    return blueprint
