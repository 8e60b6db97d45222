"""What is asked for and cannot be had: of any task, or of the one that it is. Light."""

from functions.kit.contract.measures import names
from functions.kit.contract.models.signature import Task
from functions.training.model.requests.spec import Goal, TrainingSpec


def wrong_wish(spec: TrainingSpec, task: Task | None) -> tuple[str, str] | None:
    """Return the field that asks for what cannot be had, and why; or None.

    Args:
        spec: what is asked for.
        task: what it turned out to be, or None while that is not known.
    """
    if spec.measure is not None and (why := _wrong_measure(spec.measure, task)):
        return "measure", why
    if spec.goal is None:
        return None
    if task not in {None, "binary"}:
        why = f"A goal chooses the threshold between two classes; this is a {task} task."
        return "goal", f"{why} Leave 'goal' out."
    lacking = _lacking(spec.goal)
    return (f"goal.{lacking}", _what_it_needs(spec.goal, lacking)) if lacking else None


def _wrong_measure(measure: str, task: Task | None) -> str | None:
    if task is not None:
        return names.unknown(task, measure)
    if measure in names.EVERY:
        return None
    return f"There is no measure '{measure}'; choose among {', '.join(sorted(names.EVERY))}."


def _lacking(goal: Goal) -> str:
    if goal.best == "cost":
        return "" if goal.costs is not None and min(goal.costs) >= 0 else "costs"
    return "at" if goal.best != "f1" and goal.at is None else ""


def _what_it_needs(goal: Goal, lacking: str) -> str:
    if lacking == "costs":
        return (
            "The goal 'cost' needs 'costs': of a missed positive and of a false alarm, 0 or more."
        )
    return f"The goal '{goal.best}' needs 'at': the least that is wanted of the other one, 0 to 1."
