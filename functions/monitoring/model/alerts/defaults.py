"""The rules that come with a model, made when its first predictions come."""

import datetime as dt

from functions.kit.contract.measures.names import DECIDING
from functions.kit.contract.models.signature import Task
from functions.monitoring.model.alerts.conditions import Above, Alarm, Below, Worse
from functions.monitoring.model.alerts.rules import Rule, RuleSpec, made
from functions.monitoring.model.windows import measures

BY = "monitoring"
_ESTIMATED: dict[Task, str] = {"binary": "accuracy", "multiclass": "accuracy", "regression": "mae"}
"""The metric of each task that can be estimated without labels, and is read by everybody."""


def specs(task: Task) -> dict[str, RuleSpec]:
    """Return them by id."""
    metric, deciding = _ESTIMATED[task], DECIDING[task]
    is_number = task == "regression"
    return {
        "drift": RuleSpec(
            name="Inputs drift",
            measure=measures.DRIFT,
            span="hour",
            condition=Alarm(),
            for_windows=3,
            clear_windows=3,
            cooldown_minutes=24 * 60,
        ),
        "estimated": RuleSpec(
            name="Estimated quality fell",
            measure=measures.of(measures.ESTIMATED, metric),
            span="day",
            condition=Worse(0.2, relative=True) if is_number else Worse(0.05),
            severity="critical",
            cooldown_minutes=24 * 60,
        ),
        "quality": RuleSpec(
            name="Quality fell, by labels",
            measure=measures.of(measures.QUALITY, deciding),
            span="day",
            condition=Worse(0.1, relative=True),
            severity="critical",
            cooldown_minutes=24 * 60,
        ),
        "latency": RuleSpec(
            name="Calls are slow",
            measure=measures.P95,
            span="minute",
            condition=Above(1_000.0),
            for_windows=5,
            clear_windows=5,
        ),
        "errors": RuleSpec(
            name="Calls fail",
            measure=measures.ERROR_RATE,
            span="minute",
            condition=Above(0.05),
            for_windows=5,
            clear_windows=5,
            severity="critical",
        ),
        "traffic": RuleSpec(
            name="No calls any more",
            measure=measures.CALLS,
            span="hour",
            condition=Below(1.0),
            for_windows=24,
            severity="info",
            cooldown_minutes=24 * 60,
        ),
    }


def rules(task: Task, now: dt.datetime) -> dict[str, Rule]:
    """Return those of a model that begins to be asked, by id."""
    return {ident: made(spec, ident, BY, now) for ident, spec in specs(task).items()}
