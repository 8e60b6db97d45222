"""Logs of all parts, searched: for who runs the system."""

from flask import Blueprint, request

from web.client.errors import Failure, Forbidden, NotFound, Refused
from web.client.functions import Functions
from web.client.plane.plane import Plane
from web.client.plane_schemas import LogEntry
from web.forms.log_search import FIELDS, LEVELS, SINCE, parse_log_search
from web.http.htmx import Reply, render
from web.http.readers import require_known

NO_WAY = "These pages were given no way to the plane that keeps the logs."


class LogPages:
    """The handler of searches in logs."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def search(self) -> Reply:
        """Show the newest lines that the address asks for; what it cannot mean is told in place.

        No function guards what the plane tells, so that a doubt about the reader is a no.
        """
        require_known("operate")
        plane = self._functions.plane
        if plane is None:
            raise Forbidden(NO_WAY)
        lines, error = self._lines(plane)
        return render(
            "monitoring/logs.html",
            "list",
            error=error,
            lines=lines,
            texts={name: request.args.get(name, "").strip() for name in FIELDS},
            LEVELS=LEVELS,
            SINCE=SINCE,
        )

    def _lines(self, plane: Plane) -> tuple[list[LogEntry], Failure | None]:
        try:
            return plane.openfaas.search_logs(parse_log_search(request.args)), None
        except (Refused, NotFound) as error:
            return [], error


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("logs", __name__)
    blueprint.add_url_rule("/operations/logs", "search", LogPages(functions).search)
    return blueprint
