"""One version of a model: how good it is, and its file."""

from flask import Blueprint, request, url_for
from msgspec.structs import astuple

from web.client.functions import Functions
from web.client.schemas import Evaluation, Job, Version
from web.forms.costs import Costs, parse_costs
from web.http.downloads import download
from web.http.htmx import Reply, render, see_other
from web.pages.best_effort import BestEffort
from web.views.charts.catalog import charts_of
from web.views.lead import lead
from web.views.metrics import measures
from web.views.thresholds import Line, line


class VersionPages:
    """Handlers of versions."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, model: str, version: int) -> Reply:
        """Show the evaluation."""
        found = self._functions.models.version(model, version)
        evaluation = found.evaluation or Evaluation()
        optional = BestEffort()
        costs = parse_costs(request.args)
        return render(
            "versions/show.html",
            model=self._functions.models.get(model),
            version=found,
            evaluation=evaluation,
            measures=measures(evaluation, found.metrics.get("holdout")),
            lead=lead(evaluation, found.target or ""),
            charts=charts_of(evaluation),
            line=_line(evaluation, found, costs),
            costs=costs,
            counted=[astuple(one) for one in evaluation.thresholds],
            job=optional.get(lambda: self._job(found)),
            notes=optional.notes,
        )

    def _job(self, version: Version) -> Job | None:
        """Return the training that made it; a function was made by none."""
        if version.job is None or version.function is not None:
            return None
        return self._functions.training.get(version.job)

    def delete(self, model: str, version: int) -> Reply:
        """Delete it; refused while an alias names it."""
        self._functions.models.delete_version(model, version)
        return see_other(url_for("models.show", model=model))

    def file(self, model: str, version: int) -> Reply:
        """Send the ONNX file."""
        opened = self._functions.models.file(model, version)
        return download(opened, f"{model}-{version}.onnx", "application/octet-stream")

    def proto(self, model: str, version: int) -> Reply:
        """Send the schema for Protocol Buffers."""
        opened = self._functions.prediction.proto(model, version)
        return download(opened, f"{model}-{version}.proto", "text/plain; charset=utf-8")


def _line(evaluation: Evaluation, found: Version, costs: Costs) -> Line | None:
    """Return where the line between two classes is drawn, as the address says."""
    place = request.args.get("at", type=int)
    return line(evaluation, found.signature, place, costs.missed, costs.alarm)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = VersionPages(functions)
    blueprint = Blueprint("versions", __name__, url_prefix="/models/<model>/versions/<int:version>")
    blueprint.add_url_rule("", "show", handlers.show)
    blueprint.add_url_rule("/delete", "delete", handlers.delete, methods=["POST"])
    blueprint.add_url_rule("/model.onnx", "file", handlers.file)
    blueprint.add_url_rule("/model.proto", "proto", handlers.proto)
    return blueprint
