"""Charts of a version, as pictures that a browser may keep for good."""

from flask import Blueprint, Response, abort

from web.client import time_limits
from web.client.functions import Functions
from web.http.htmx import Reply
from web.views.charts.rendering import render_svg
from web.views.charts.styles import ChartStyle

FOREVER = "private, max-age=31536000, immutable"


class ChartPages:
    """Handlers of pictures."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, model: str, version: int, chart: str, theme: str, width: str) -> Reply:
        """Send one chart as SVG. The address names the job, so it never means another picture."""
        style = ChartStyle.named(theme, width)
        found = self._functions.models.version(model, version)
        if style is None or found.evaluation is None:
            abort(404, "There is no such chart.")
        svg = render_svg(chart, found.evaluation, style)
        if svg is None:
            abort(404, "There is no such chart.")
        return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": FOREVER})


def _limit_time() -> None:
    """Give a picture more time than a page: the first to be drawn holds up the others."""
    time_limits.begin_page(None)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ChartPages(functions)
    blueprint = Blueprint("charts", __name__)
    blueprint.before_request(_limit_time)
    blueprint.add_url_rule(
        "/models/<model>/versions/<int:version>/<chart>-<theme>-<width>.svg", "show", handlers.show
    )
    return blueprint
