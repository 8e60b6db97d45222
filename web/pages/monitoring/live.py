"""What is measured of some models at once, for pages that tell of all of them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from web.client.alert_schemas import Alert
from web.client.functions import Functions
from web.client.monitoring_schemas import Span, Window
from web.client.schemas import Job
from web.pages.at_once import at_once
from web.pages.best_effort import BestEffort
from web.views.monitoring.heat import off_now

MOST_ALERTS = 100
MOST_JOBS = 50
MOST_MODELS = 3
OPEN = (("state", "firing"),)


class Drifting(NamedTuple):
    """Columns of a table whose live values are not as they were, and the model that is asked."""

    model: str
    columns: list[str]


def open_alerts(functions: Functions, optional: BestEffort) -> list[Alert]:
    """Return the alerts that are not over."""
    page = optional.get(lambda: functions.alerts.page(MOST_ALERTS, None, OPEN))
    return page.items if page else []


def windows_of(
    functions: Functions, models: Sequence[str], span: Span, last: int, optional: BestEffort
) -> dict[str, list[Window]]:
    """Return the last windows of each model; those that cannot be had are none."""
    if not models:
        return {}
    fetches: list[Callable[[], list[Window]]] = [
        partial(_windows, functions, one, span, last, optional) for one in models
    ]
    return dict(zip(models, at_once(fetches), strict=True))


def drifting(functions: Functions, dataset: str, optional: BestEffort) -> list[Drifting]:
    """Return which columns drift of the models that learnt from a dataset last."""
    page = optional.get(lambda: functions.training.page(MOST_JOBS, None, (("q", dataset),)))
    models = _models(page.items if page else [], dataset)
    found = windows_of(functions, models, "hour", 1, optional)
    told = [Drifting(model, off_now(windows)) for model, windows in found.items()]
    return [one for one in told if one.columns]


def _models(jobs: Sequence[Job], dataset: str) -> list[str]:
    named = [one.model for one in jobs if one.dataset == dataset and one.version is not None]
    return list(dict.fromkeys(named))[:MOST_MODELS]


def _windows(
    functions: Functions, model: str, span: Span, last: int, optional: BestEffort
) -> list[Window]:
    found = optional.get(lambda: functions.monitoring.windows(model, span, last))
    return found.windows if found else []
