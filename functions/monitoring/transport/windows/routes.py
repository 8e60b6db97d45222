"""Windows out, for whoever may see the model; and the step that sums them."""

from typing import Annotated

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place, is_workspace
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name, version_number
from functions.kit.contract.requests.pages import cursor_after, key_of, unknown_cursor
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
from functions.monitoring.model.windows.window import Monitored, Span
from functions.monitoring.service.alerts.services import Sums
from functions.monitoring.service.drift.choosing import Choosing
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.windows.viewing import Asked, Left, Shown, Viewing

Version = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
MOST_WINDOWS = 1_000
LONGEST = 10
"""Digits of a number in a cursor."""
Last = Annotated[int, msgspec.Meta(ge=1, le=MOST_WINDOWS)]
Models = Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
Measures = Annotated[list[str], msgspec.Meta(max_length=50)]
NONE = Shown(None, [], None)


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


class PageQuery(WindowsQuery, kw_only=True):
    """Which windows are meant, what of them, and where to go on.

    Attributes:
        measure: those alone, such as `calls`; repeatable. One that ends with a colon stands for
            all of its kind: `drift:`. All, where none is named.
        cursor: `next` of an answer that had no room for all: those before, of the same version.
    """

    measure: Measures = []
    cursor: str | None = None

    @property
    def asked(self) -> tuple[int | None, Asked]:
        """Of which version what is to be shown; raises Unreadable."""
        named = self.measure or None
        if self.cursor is None:
            return self.version, Asked(self.span, self.last, named)
        left = _going_on(self.cursor)
        if self.version not in {None, left.version}:
            raise unknown_cursor()
        return left.version, Asked(self.span, left.last, named, left.before)


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
        measure: as of one model.
        span: as of one model.
        last: how many of each, the newest.
    """

    model: Models
    measure: Measures = []
    span: Span = "hour"
    last: Annotated[int, msgspec.Meta(ge=1, le=100)] = 24


class ColumnQuery(VersionQuery, kw_only=True):
    """Which column is meant, by its name, and whose window."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


def add(api: Api, viewing: Viewing, summing: Sums, known: KnownModels, choosing: Choosing) -> None:
    """Register the routes."""
    _add_columns(api, viewing, known)
    _add_comparison(api, known, choosing)
    _add_step(api, summing)

    @api.route("GET", "/windows", filters=True)
    def list_windows_of_models(query: ModelsQuery, caller: Caller) -> ModelsWindowsView:
        """List what was measured of several models' windows, oldest first.

        Of a model that there is not, or that the caller's key is not for, there are none. Models
        share the room of an answer, 100,000 measures: of wide tables the newest windows alone are
        there, and `next` is the cursor of that model's own list for those before.
        """
        names = [*dict.fromkeys(query.model)]
        seen = [name for name in names if is_name(name) and caller.sees("model", name)]
        places = [Place(caller.workspace, name) for name in seen]
        asked = Asked(query.span, query.last, query.measure or None)
        shown = dict(zip(seen, viewing.pages(places, asked) if places else [], strict=True))
        return ModelsWindowsView([_of_model(name, asked, shown.get(name, NONE)) for name in names])

    @api.route("GET", "/models/{model}/windows", access="both")
    def list_windows(model: str, query: PageQuery, caller: Caller) -> WindowsView:
        """List what was measured of a model's windows, oldest first.

        An answer has room for about 100,000 measures: of wide tables it is of the newest windows
        alone, and `next` is the cursor for those before. `measure` leaves out what is not needed.
        """
        place, (version, asked) = Place(caller.workspace, model), query.asked
        known.check(place)
        shown = viewing.page(place, version, asked)
        return WindowsView(
            shown.version,
            [window_view(one, asked.measures) for one in shown.windows],
            _next(shown),
        )

    @api.route("GET", "/models/{model}/series")
    def get_series(model: str, query: SeriesQuery, caller: Caller) -> SeriesView:
        """Give one measure of a model's windows, oldest first."""
        known.check(Place(caller.workspace, model))
        points = viewing.points(
            caller.workspace, model, query.version, query.measure, query.span, query.last
        )
        return SeriesView(query.measure, query.span, [PointView(*one) for one in points])


def _add_step(api: Api, summing: Sums) -> None:
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


def _of_model(name: str, asked: Asked, shown: Shown) -> ModelWindowsView:
    windows = [window_view(one, asked.measures) for one in shown.windows]
    return ModelWindowsView(name, shown.version, windows, _next(shown))


def _next(shown: Shown) -> str | None:
    return None if shown.left is None else cursor_after("-".join(map(str, shown.left)))


def _going_on(cursor: str) -> Left:
    """Return where an answer goes on."""
    numbers = key_of(cursor).split("-")
    if not all(one.isdecimal() and len(one) <= LONGEST for one in numbers):
        raise unknown_cursor()
    if len(numbers) != len(Left._fields):
        raise unknown_cursor()
    left = Left(*map(int, numbers))
    if not (left.version and 1 <= left.last <= MOST_WINDOWS):
        raise unknown_cursor()
    return left
