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
    ModelsWindowsView,
    ModelWindowsView,
    PointView,
    SeriesView,
    WindowsView,
    window_view,
)
from functions.monitoring.model.windows.window import Monitored, Span, Window
from functions.monitoring.service.alerts.services import Sums
from functions.monitoring.service.drift.choosing import Choosing
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.windows.viewing import Viewing

Version = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
Last = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Models = Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
NONE: tuple[int | None, list[Window]] = (None, [])


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


class ModelsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which windows of which models are meant, and what of them.

    Attributes:
        model: their names; repeatable.
        measure: those alone, such as `calls`; repeatable. All, where none is named.
        span: as of one model.
        last: how many of each, the newest.
    """

    model: Models
    measure: Annotated[list[str], msgspec.Meta(max_length=50)] = []
    span: Span = "hour"
    last: Annotated[int, msgspec.Meta(ge=1, le=100)] = 24


class ColumnQuery(VersionQuery, kw_only=True):
    """Which column is meant, by its name, and whose window."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


def add(api: Api, viewing: Viewing, summing: Sums, known: KnownModels, choosing: Choosing) -> None:
    """Register the routes."""
    _add_columns(api, viewing, known)
    _add_comparison(api, known, choosing)

    @api.route("GET", "/windows", filters=True)
    def list_windows_of_models(query: ModelsQuery, caller: Caller) -> ModelsWindowsView:
        """List what was measured of several models' windows, oldest first.

        Of a model that there is not, or that the caller's key is not for, there are none.
        """
        names = [*dict.fromkeys(query.model)]
        seen = [name for name in names if is_name(name) and caller.sees("model", name)]
        places = [Place(caller.workspace, name) for name in seen]
        measured = viewing.windows_of(places, query.span, query.last) if places else []
        found = dict(zip(seen, measured, strict=True))
        return ModelsWindowsView([_of_model(name, query, *found.get(name, NONE)) for name in names])

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

    @step(api, "/models/{model}/versions/{version}/steps/sum")
    def sum_windows(model: str, version: str, workspace: str = MAIN) -> None:
        """Sum what came of a version."""
        if not is_workspace(workspace):
            raise not_found("workspace", workspace)
        if not is_name(model):
            raise not_found("model", model)
        summing.run(Monitored(Place(workspace, model), version_number(version)))


def _add_columns(api: Api, viewing: Viewing, known: KnownModels) -> None:
    def shown(model: Place, window: str, query: VersionQuery, column: str) -> ColumnView:
        known.check(model)
        return viewing.column(model, query.version, window, column)

    @api.route("GET", "/models/{model}/windows/{window}/columns/{column}")
    def get_window_column(
        model: str, window: str, column: str, query: VersionQuery, caller: Caller
    ) -> ColumnView:
        """Show a column of a window beside what it was like in the rows that were learnt from."""
        return shown(Place(caller.workspace, model), window, query, column)

    @api.route("GET", "/models/{model}/windows/{window}/columns")
    def find_window_column(
        model: str, window: str, query: ColumnQuery, caller: Caller
    ) -> ColumnView:
        """Show a column of a window likewise: by its name in the query, where that has a slash."""
        return shown(Place(caller.workspace, model), window, query, query.name)


def _add_comparison(api: Api, known: KnownModels, choosing: Choosing) -> None:
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


def _of_model(
    name: str, query: ModelsQuery, version: int | None, windows: list[Window]
) -> ModelWindowsView:
    shown = [window_view(one, query.measure) for one in windows]
    return ModelWindowsView(name, version, shown)
