"""Windows out, for whoever may see the model; and the step that sums them."""

from typing import Annotated

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name, version_number
from functions.kit.http.api import Api
from functions.kit.http.routing.step_routes import step
from functions.monitoring.model.drift.comparison import Comparison
from functions.monitoring.model.windows.views import (
    ColumnView,
    PointView,
    SeriesView,
    WindowsView,
    window_view,
)
from functions.monitoring.model.windows.window import Monitored, Span
from functions.monitoring.service.alerts.services import Sums
from functions.monitoring.service.drift.choosing import Choosing
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.windows.viewing import Viewing

Version = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
Last = Annotated[int, msgspec.Meta(ge=1, le=1_000)]


class WindowsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which windows are meant.

    Attributes:
        version: whose; the newest that has windows, where none is named.
        span: "minute", "hour", "day", or "count": whole minutes of 1,000 predictions at least.
        last: how many, the newest.
    """

    version: Version | None = None
    span: Span = "hour"
    last: Last = 48


class SeriesQuery(WindowsQuery, kw_only=True):
    """Which measure of which windows is meant: `calls`, `drift`, `drift:{column}` and so on."""

    measure: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class VersionQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Whose window is meant; of the newest version that has windows, where none is named."""

    version: Version | None = None


def add(api: Api, viewing: Viewing, summing: Sums, known: KnownModels, choosing: Choosing) -> None:
    """Register the routes."""

    @api.route("GET", "/models/{model}/comparison")
    def get_comparison(model: str, caller: Caller) -> Comparison:
        """Say what a model's windows are compared with."""
        place = Place(caller.workspace, model)
        known.check(place)
        return choosing.get(place)

    @api.route("PUT", "/models/{model}/comparison")
    def put_comparison(model: str, body: Comparison, caller: Caller) -> Comparison:
        """Have windows that come compared with training's rows, or with windows like them."""
        place = Place(caller.workspace, model)
        known.check(place)
        return choosing.put(place, body)

    @api.route("GET", "/models/{model}/windows", access="both")
    def list_windows(model: str, query: WindowsQuery, caller: Caller) -> WindowsView:
        """List what was measured of a model's windows, oldest first."""
        place = Place(caller.workspace, model)
        known.check(place)
        version, found = viewing.windows(place, query.version, query.span, query.last)
        return WindowsView(version, [window_view(one) for one in found])

    @api.route("GET", "/models/{model}/series")
    def get_series(model: str, query: SeriesQuery, caller: Caller) -> SeriesView:
        """Give one measure of a model's windows, oldest first."""
        known.check(Place(caller.workspace, model))
        points = viewing.points(
            caller.workspace, model, query.version, query.measure, query.span, query.last
        )
        return SeriesView(query.measure, query.span, [PointView(*one) for one in points])

    @api.route("GET", "/models/{model}/windows/{window}/columns/{column}")
    def get_window_column(
        model: str, window: str, column: str, query: VersionQuery, caller: Caller
    ) -> ColumnView:
        """Show a column of a window beside what it was like in the rows that were learnt from."""
        place = Place(caller.workspace, model)
        known.check(place)
        return viewing.column(place, query.version, window, column)

    @step(api, "/models/{model}/versions/{version}/steps/sum")
    def sum_windows(model: str, version: str, workspace: str = MAIN) -> None:
        """Sum what came of a version."""
        if not is_workspace(workspace):
            raise not_found("workspace", workspace)
        if not is_name(model):
            raise not_found("model", model)
        summing.run(Monitored(Place(workspace, model), version_number(version)))
