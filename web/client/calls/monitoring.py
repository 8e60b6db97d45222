"""Calls to the function `monitoring` about what was measured."""

from collections.abc import Sequence

from web.client.monitoring_schemas import (
    ColumnThenNow,
    ModelsWindows,
    Quality,
    Span,
    Window,
    Windows,
)
from web.client.transport.endpoint import Endpoint, path


class Monitoring:
    """Windows of models' predictions."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def windows(self, model: str, span: Span, last: int, version: int | None = None) -> Windows:
        """Return the last windows, oldest first: of a version, or of the newest that has some."""
        params: list[tuple[str, str | int]] = [("span", span), ("last", last)]
        params += [] if version is None else [("version", version)]
        return self._endpoint.call(Windows, "GET", path("models", model, "windows"), params=params)

    def windows_of(
        self, models: Sequence[str], span: Span, last: int, measures: Sequence[str] = ()
    ) -> dict[str, list[Window]]:
        """Return the last windows of several models by one call, with some measures or all."""
        params: list[tuple[str, str | int]] = [("span", span), ("last", last)]
        params += [*(("model", one) for one in models), *(("measure", one) for one in measures)]
        found = self._endpoint.call(ModelsWindows, "GET", "/windows", params=params)
        return {one.model: one.windows for one in found.models}

    def quality(self, model: str, window: str, version: int | None = None) -> Quality:
        """Tell how good a model is over a window: by labels, as estimated, and in each slice."""
        route = path("models", model, "windows", window, "quality")
        params = [] if version is None else [("version", version)]
        return self._endpoint.call(Quality, "GET", route, params=params)

    def column(
        self, model: str, window: str, column: str, version: int | None = None
    ) -> ColumnThenNow:
        """Return a column of a window beside the rows that the version learnt from."""
        route = path("models", model, "windows", window, "columns")
        params: list[tuple[str, str | int]] = [("name", column)]
        params += [] if version is None else [("version", version)]
        return self._endpoint.call(ColumnThenNow, "GET", route, params=params)
