"""What is measured of some models at once, for pages that tell of all of them."""

from collections.abc import Sequence
from typing import NamedTuple

from web.client.alert_schemas import Alert
from web.client.functions import Functions
from web.client.monitoring_schemas import Span, Window
from web.client.schemas import Job
from web.pages.best_effort import BestEffort
from web.views.monitoring.heat import off_now

MOST_ALERTS = 100
MOST_JOBS = 50
MOST_MODELS = 3
OPEN = (("state", "firing"), ("count", "true"))


class Drifting(NamedTuple):
    """Columns of a table whose live values are not as they were, and the model that is asked."""

    model: str
    columns: list[str]


def open_alerts(functions: Functions, optional: BestEffort) -> list[Alert]:
    """Return the alerts that are not over."""
    page = optional.get(lambda: functions.alerts.page(MOST_ALERTS, None, OPEN))
    return page.items if page else []


def windows_of(
    functions: Functions,
    models: Sequence[str],
    span: Span,
    last: int,
    optional: BestEffort,
    measures: Sequence[str] = (),
) -> dict[str, list[Window]]:
    """Return the last windows of each model; those that cannot be had are none."""
    if not models:
        return {}
    measured = functions.monitoring.windows_of
    found = optional.get(lambda: measured(models, span, last, measures)) or {}
    return {name: found.get(name, []) for name in models}


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
