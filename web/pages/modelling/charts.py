"""Charts of a version, as pictures that a browser keeps, and shows again to whoever may see them.

It asks each time: somebody else may be signed in by then, or nobody.
"""

import hashlib
from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, abort, request

from web.client.functions import Functions
from web.client.schemas import Evaluation
from web.client.transport import time_limits
from web.http.htmx import Reply
from web.pages.lists import PAGE_SIZE
from web.views.charts.rendering import render_svg
from web.views.charts.specs import Spec, course, spec_of, whole
from web.views.charts.styles import ChartStyle
from web.views.course import course_of

KEPT = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}


class ChartPages:
    """Handlers of pictures."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def picture(self, model: str, version: int, chart: str, theme: str, width: str) -> Reply:
        """Send one chart as SVG, unless the browser has it."""
        return self._sent(model, version, chart, ChartStyle.named(theme, width), _svg)

    def spec(self, model: str, version: int, chart: str, theme: str) -> Reply:
        """Send one chart as Vega-Lite, for a browser to draw."""
        return self._sent(model, version, chart, ChartStyle.named(theme, "wide"), _json)

    def course(self, model: str, theme: str, width: str = "wide") -> Reply:
        """Send the measure over a model's newest versions, as SVG or as Vega-Lite."""
        style = ChartStyle.named(theme, width)
        found = course_of(self._functions.models.versions(model, PAGE_SIZE).items)
        if style is None or found is None:
            abort(404, "There is no such chart.")
        drawn = whole(course(found.points, found.label, style), style)
        return (_svg if request.path.endswith(".svg") else _json)(drawn)

    def _sent(
        self,
        model: str,
        version: int,
        chart: str,
        style: ChartStyle | None,
        made: Callable[[Spec], Response],
    ) -> Reply:
        found = self._functions.models.version(model, version).evaluation
        if style is None or found is None:
            abort(404, "There is no such chart.")
        headers = KEPT | {"ETag": _tag(found)}
        if request.if_none_match.contains(headers["ETag"].strip('"')):
            return Response(status=304, headers=headers)
        spec = spec_of(chart, found, style)
        if spec is None:
            abort(404, "There is no such chart.")
        answer = made(spec)
        answer.headers.extend(headers)
        return answer


def _svg(spec: Spec) -> Response:
    return Response(render_svg(spec), mimetype="image/svg+xml")


def _json(spec: Spec) -> Response:
    return Response(msgspec.json.encode(spec), mimetype="application/json")


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
    below = "/models/<model>/versions/<int:version>/"
    rule = blueprint.add_url_rule
    rule(f"{below}<chart>-<theme>-<width>.svg", "show", handlers.picture)
    rule(f"{below}<chart>-<theme>.json", "spec", handlers.spec)
    rule("/models/<model>/course-<theme>-<width>.svg", "course", handlers.course)
    rule("/models/<model>/course-<theme>.json", "course", handlers.course)
    return blueprint
