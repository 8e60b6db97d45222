"""A model's monitor: is it still right, since when not, and why."""

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Blueprint, Response, abort, request, url_for

from web.client.errors import NotFound
from web.client.functions import Functions
from web.client.monitoring_schemas import ColumnThenNow, Span, Window, Windows
from web.client.schemas import Model
from web.client.transport import time_limits
from web.forms.repeats import key_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.pages.at_once import at_once
from web.pages.best_effort import BestEffort
from web.views.charts import live
from web.views.charts.rendering import render_svg
from web.views.charts.specs import Spec, whole
from web.views.charts.styles import ChartStyle
from web.views.metrics import Measure
from web.views.monitoring import charts
from web.views.monitoring.heat import heat
from web.views.monitoring.slices import most_labels_first, part_metrics, slices, told
from web.views.monitoring.standing import (
    doubt,
    labelled,
    metrics_of,
    off_so_far,
    standing,
    why_no_drift,
)
from web.views.monitoring.words import EXPLANATIONS, SPANS, column_label, window_words

if TYPE_CHECKING:
    from collections.abc import Callable

LAST: dict[Span, int] = {"minute": 60, "hour": 48, "day": 30, "count": 30}
"""How many windows are shown of each span."""
USUAL: Span = "hour"
ALERTS = 10
CHAMPION = "champion"
KEPT = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}


class MonitorPages:
    """Handlers of monitors."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, model: str) -> Reply:
        """Show how a model does, over the windows that the address names."""
        span, version, optional = _span(), _version(), BestEffort()
        functions = self._functions
        fetches: list[Callable[[], Any]] = [
            partial(functions.models.get, model),
            partial(optional.get, lambda: self._windows(model, span, version)),
            partial(optional.get, lambda: functions.alerts.page(ALERTS, None, (("model", model),))),
            partial(optional.get, lambda: functions.alerts.rules(model)),
        ]
        found, measured, alerts, rules = at_once(fetches)
        windows: list[Window] = measured.windows if measured else []
        metrics = metrics_of(windows)
        metric = _metric(metrics)
        return render(
            "monitoring/show.html",
            "monitor",
            model=found,
            span=span,
            version=measured.version if measured else version,
            asked=version,
            versions=_versions(found),
            windows=windows,
            is_cut=measured is not None and measured.next is not None,
            metrics=metrics,
            metric=metric,
            labelled=labelled(windows),
            standing=standing(windows) if measured else None,
            heat=heat(windows, everything="all" in request.args),
            why_no_drift=why_no_drift(windows),
            charts=list(charts.charts_of(windows, metric)),
            off_so_far=off_so_far(windows, metric) if metric else None,
            doubt=doubt(windows, metric) if metric else "",
            slices=slices(windows),
            reasons=self._reasons(model, windows, optional),
            alerts=alerts.items if alerts else [],
            rules=rules or [],
            unmeasured=measured is None and bool(optional.notes),
            alerts_unknown=(alerts is None or rules is None) and bool(optional.notes),
            notes=optional.notes,
            SPANS=SPANS,
        )

    def column(self, model: str) -> Reply:
        """Show a column of a window, over what it was like in the rows that were learnt from."""
        name, window = request.args.get("name", ""), request.args.get("window", "")
        found = self._column(model, name, window)
        return render(
            "monitoring/column.html",
            model=model,
            name=name,
            label=column_label(name),
            window=window,
            span=window.partition("-")[0],
            version=_version(),
            found=found,
            chart=charts.distribution(found),
        )

    def quality(self, model: str) -> Reply:
        """Show how good it was over a window: by labels, as estimated, and part by part."""
        window = request.args.get("window", "")
        if not window:
            abort(404, "Choose a window on the monitor's page.")
        found = self._functions.monitoring.quality(model, window, _version())
        metrics = part_metrics(found)
        return render(
            "monitoring/quality.html",
            model=model,
            when=window_words(window),
            span=window.partition("-")[0],
            version=_version(),
            found=found,
            measures=told(found),
            window=window,
            metrics=metrics,
            metric=_metric(metrics),
            slices=most_labels_first(found),
        )

    def chart(self, model: str, chart: str, theme: str, width: str = "wide") -> Reply:
        """Send a chart, as SVG or as Vega-Lite for a browser to draw."""
        style = ChartStyle.named(theme, width)
        spec = None if style is None else self._spec(model, chart, style)
        if style is None or spec is None:
            abort(404, "There is no such chart.")
        drawn = whole(spec, style)
        if request.path.endswith(".svg"):
            return Response(render_svg(drawn), mimetype="image/svg+xml", headers=KEPT)
        return Response(msgspec.json.encode(drawn), mimetype="application/json", headers=KEPT)

    def retrain(self, model: str) -> Reply:
        """Train as the version that answers was trained, on the newest rows."""
        found = self._functions.models.get(model)
        version = self._functions.models.version(model, found.aliases.get(CHAMPION, found.latest))
        if version.job is None or version.function is not None:
            raise NotFound(f"Version {version.version} of {model} was not trained here.")
        job = self._functions.training.again(version.job, key_of(request.form))
        toasts.say(f"A training on the newest rows began. {model} answers as before until then.")
        return see_other(url_for("jobs.show", job=job.id))

    def _windows(self, model: str, span: Span, version: int | None) -> Windows:
        return self._functions.monitoring.windows(model, span, LAST[span], version)

    def _column(self, model: str, name: str, window: str) -> ColumnThenNow:
        if not name or not window:
            abort(404, "Choose a column and a window on the monitor's page.")
        return self._functions.monitoring.column(model, window, name, _version())

    def _spec(self, model: str, chart: str, style: ChartStyle) -> Spec | None:
        if chart == "column":
            name, window = request.args.get("name", ""), request.args.get("window", "")
            return live.distribution(self._column(model, name, window), style)
        windows = self._windows(model, _span(), _version()).windows
        if chart == "traffic":
            return live.traffic(charts.traffic_points(windows), style)
        if chart == "latency":
            return live.latency(charts.latency_points(windows), style)
        metric = _metric(metrics_of(windows))
        if chart != "quality" or metric is None:
            return None
        points = charts.quality_points(windows, metric)
        return live.quality(points, style, Measure(metric, None).label)

    def _reasons(
        self, model: str, windows: list[Window], optional: BestEffort
    ) -> ColumnThenNow | None:
        """Return what each column does for the answers then and now, where that is measured."""
        for one in reversed(windows):
            found = one.measures.get(f"drift:{EXPLANATIONS}")
            if found is not None and found.value is not None:
                column = self._functions.monitoring.column
                return optional.get(partial(column, model, one.id, EXPLANATIONS, one.version))
        return None


def _span() -> Span:
    asked = request.args.get("span")
    return next((one for one in LAST if one == asked), USUAL)


def _version() -> int | None:
    version = request.args.get("version", type=int)
    return version if version is not None and version > 0 else None


def _metric(known: list[str]) -> str | None:
    asked = request.args.get("metric")
    return asked if asked in known else next(iter(known), None)


def _versions(model: Model) -> list[int]:
    """Return the versions that the page lets choose among: those named, and the newest."""
    named = {*model.aliases.values(), model.latest, *range(model.latest, model.latest - 10, -1)}
    return sorted((one for one in named if one > 0 and one not in model.deleted), reverse=True)


def _limit_time() -> None:
    """Give a picture more time than a page: the first to be drawn holds up the others."""
    if request.endpoint == "monitor.chart":
        time_limits.begin_page(None)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = MonitorPages(functions)
    blueprint = Blueprint("monitor", __name__, url_prefix="/models/<model>/monitor")
    blueprint.before_request(_limit_time)
    rule = blueprint.add_url_rule
    rule("", "show", handlers.show)
    rule("/column", "column", handlers.column)
    rule("/quality", "quality", handlers.quality)
    rule("/retrain", "retrain", handlers.retrain, methods=["POST"])
    rule("/<chart>-<theme>.json", "chart", handlers.chart)
    rule("/<chart>-<theme>-<width>.svg", "chart", handlers.chart)
    return blueprint
