"""Charts of a version, as pictures that a browser keeps, and shows again to whoever may see them.

It asks each time: somebody else may be signed in by then, or nobody.
"""

import hashlib

import msgspec
from flask import Blueprint, Response, abort, request

from web.client.functions import Functions
from web.client.schemas import Evaluation
from web.client.transport import time_limits
from web.http.htmx import Reply
from web.views.charts.rendering import render_svg
from web.views.charts.styles import ChartStyle

KEPT = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}


class ChartPages:
    """Handlers of pictures."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, model: str, version: int, chart: str, theme: str, width: str) -> Reply:
        """Send one chart as SVG, unless the browser has it."""
        style = ChartStyle.named(theme, width)
        found = self._functions.models.version(model, version)
        if style is None or found.evaluation is None:
            abort(404, "There is no such chart.")
        headers = KEPT | {"ETag": _tag(found.evaluation)}
        if request.if_none_match.contains(headers["ETag"].strip('"')):
            return Response(status=304, headers=headers)
        svg = render_svg(chart, found.evaluation, style)
        if svg is None:
            abort(404, "There is no such chart.")
        return Response(svg, mimetype="image/svg+xml", headers=headers)


def _tag(evaluation: Evaluation) -> str:
    """Return the entity tag of each chart of an evaluation: its address says which one."""
    return f'"{hashlib.sha256(msgspec.json.encode(evaluation)).hexdigest()[:32]}"'


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
