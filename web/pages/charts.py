"""Charts of a version, as pictures that a browser may keep for good."""

from flask import Blueprint, Response, abort

from web.client import Functions
from web.http.htmx import Reply
from web.views.charts import Look, drawing

FOREVER = "private, max-age=31536000, immutable"


class ChartPages:
    """Handlers of pictures."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, model: str, version: int, chart: str, theme: str, width: str) -> Reply:
        """Send one chart as SVG. The address names the job, so it never means another picture."""
        look = Look.named(theme, width)
        found = self._functions.models.version(model, version)
        if look is None or found.evaluation is None:
            abort(404, "There is no such chart.")
        svg = drawing(chart, found.evaluation, look)
        if svg is None:
            abort(404, "There is no such chart.")
        return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": FOREVER})


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ChartPages(functions)
    blueprint = Blueprint("charts", __name__)
    blueprint.add_url_rule(
        "/models/<model>/versions/<int:version>/<chart>-<theme>-<width>.svg", "show", handlers.show
    )
    return blueprint
