"""All models at a glance, and how functions and models are called."""

from flask import Blueprint

from web.client.functions import Functions
from web.client.plane.plane import Plane
from web.client.plane_schemas import Anomalies
from web.http.htmx import Reply, render
from web.http.readers import reader
from web.pages.best_effort import BestEffort
from web.pages.monitoring.live import open_alerts, windows_of
from web.views.monitoring.operations import MEASURES, by_model, operated, unusual
from web.views.monitoring.standing import standing
from web.views.system.deployed import Deployed, deployed

SHOWN = 12
LATEST = (("sort", "-updated_at"), ("count", "true"))
HOURS = 12
DAY = 24


class OverviewPages:
    """Handlers of what is told of all models."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """Show the models that changed last, and whether each is still right."""
        optional, of_alerts = BestEffort(), BestEffort()
        page = self._functions.models.page(SHOWN, None, LATEST)
        serving = [one for one in page.items if one.aliases]
        names = [one.name for one in serving]
        windows = windows_of(self._functions, names, "hour", HOURS, optional)
        return render(
            "monitoring/index.html",
            "room",
            models=serving,
            more=max(0, (page.count or 0) - len(page.items)),
            standings={name: standing(windows[name]) for name in names},
            rows={name: sum(one.rows for one in windows[name]) for name in names},
            unmeasured=bool(optional.notes),
            alerts=by_model(open_alerts(self._functions, of_alerts)),
            alerts_unknown=bool(of_alerts.notes),
            notes=list(dict.fromkeys([*optional.notes, *of_alerts.notes])),
        )

    def operations(self) -> Reply:
        """Show calls, errors, times and queues, by function and by model."""
        optional = BestEffort()
        page = optional.get(lambda: self._functions.models.page(SHOWN, None, LATEST))
        names = [one.name for one in page.items if one.aliases] if page else []
        of_windows = BestEffort()
        windows = windows_of(self._functions, names, "hour", DAY, of_windows, MEASURES)
        called = [operated(name, windows[name]) for name in names]
        return render(
            "monitoring/operations.html",
            functions=self._deployed(optional),
            anomalies=self._anomalies(optional),
            models=[one for one in called if one is not None],
            silent=[one for one in names if not windows[one]],
            unusual=unusual(windows),
            unmeasured=page is None or bool(of_windows.notes),
            notes=list(dict.fromkeys([*optional.notes, *of_windows.notes])),
        )

    def _plane(self) -> Plane | None:
        """Return the plane, for who runs the system.

        No function guards what it tells, so that a doubt about the reader is a no.
        """
        me = reader().me
        return self._functions.plane if me is not None and "operate" in me.rights else None

    def _anomalies(self, optional: BestEffort) -> Anomalies | None:
        """Return what is unusual in calls and logs; None where nobody says."""
        plane = self._plane()
        return None if plane is None else optional.get(plane.openfaas.anomalies)

    def _deployed(self, optional: BestEffort) -> list[Deployed] | None:
        """Return the functions; None for a reader who may not know, or where nobody says."""
        plane = self._plane()
        if plane is None:
            return None
        services = optional.get(plane.knative.services)
        statuses = optional.get(plane.openfaas.functions)
        return deployed(services, statuses, optional.get(plane.counted.figures))


def pages(functions: Functions) -> tuple[Blueprint, Blueprint]:
    """Return the blueprints."""
    handlers = OverviewPages(functions)
    models, operations = Blueprint("monitoring", __name__), Blueprint("operations", __name__)
    models.add_url_rule("/monitoring", "index", handlers.index)
    operations.add_url_rule("/operations", "show", handlers.operations)
    return models, operations
