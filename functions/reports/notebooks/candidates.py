"""What was tried on the way to a model, and how it went."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.reports.notebooks.charts import range_chart
from functions.reports.notebooks.columns import Picture
from functions.reports.notebooks.marks import MOST_CELL, plain
from functions.reports.notebooks.words import NOTHING, counted, number, seconds, words

Candidate = Mapping[str, Any]
"""One of a training job, as JSON."""
MOST_TRIED = 30
_OUTCOMES = {
    "pruned": "set aside early: others did better",
    "skipped": "not tried to the end",
    "succeeded": "tried to the end",
}


def name_of(one: Candidate) -> str:
    """Return what a candidate is called: its algorithm, and its place among all."""
    return f"{words(one['algorithm'])} ({one['index'] + 1})"


def tried(
    candidates: Sequence[Candidate], members: Mapping[int, float], measure: str
) -> list[list[str]]:
    """Return a row for each candidate, the best first."""
    return [
        [
            plain(name_of(one), MOST_CELL),
            _settings(one["settings"]),
            _with_spread(one, measure),
            seconds(one["seconds"]),
            _outcome(one, members),
        ]
        for one in _ordered(candidates)[:MOST_TRIED]
    ]


def compared(candidates: Sequence[Candidate], measure: str, best: int | None) -> Picture | None:
    """Return the candidates that were tried to the end, by the measure that decides."""
    known = [one for one in _ordered(candidates) if measure in one["metrics"]]
    done = [one for one in known if _is_done(one)][:MOST_TRIED]
    if not done:
        return None
    rows = []
    for one in done:
        middle, around = one["metrics"][measure], one["spread"].get(measure, 0.0)
        rows.append((name_of(one), middle, middle - around, middle + around))
    first = next((name_of(one) for one in done if one["index"] == best), "")
    told = ", in orange the one of the largest weight" if first else ""
    return Picture(
        range_chart(rows, words(measure), best=first),
        f"Candidates by {words(measure)} in cross-validation: mean and standard deviation over "
        f"the folds{told}.",
    )


def searched(request: Mapping[str, Any], rungs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return sentences on how the search went."""
    lines = []
    split = request.get("split") or {}
    kept = f"{request.get('holdout', 0):.0%} of the rows were held out"
    how = {
        "record": "by what they hold, so that later versions meet the same rows",
        "group": f"whole groups of “{plain(split.get('column'), MOST_CELL)}” at a time",
        "time": "the latest of them",
    }.get(split.get("by", "record"), "as the job says")
    lines.append(f"{kept} from all that follows: {how}. The seed is {request.get('seed', 0)}.")
    for place, rung in enumerate(rungs):
        rows = "all" if rung["rows"] is None else f"at most {rung['rows']:,}"
        on = "" if place == len(rungs) - 1 else f"; the best {rung['keep']} went on"
        folds = counted(rung["folds"], "fold")
        lines.append(f"Round {place + 1}: fitted on {rows} rows of {folds}{on}.")
    return lines


def _is_done(one: Candidate) -> bool:
    """Tell whether it was tried on all that there was."""
    return bool(one["state"] == "succeeded")


def _ordered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return those first that were tried to the end, and of them those whose score is highest."""
    none = float("-inf")
    return sorted(
        candidates,
        key=lambda one: (not _is_done(one), -(none if one["score"] is None else one["score"])),
    )


def _with_spread(one: Candidate, measure: str) -> str:
    if measure not in one["metrics"]:
        return NOTHING
    around = one["spread"].get(measure) if one["folds_done"] > 1 else None
    return number(one["metrics"][measure]) + ("" if around is None else f" ± {number(around, 2)}")


def _outcome(one: Candidate, members: Mapping[int, float]) -> str:
    if one["index"] in members:
        return f"in the model, weight {members[one['index']]:.2f}"
    if one["state"] == "failed":
        return plain(f"failed: {one['failure']}", MOST_CELL)
    return _OUTCOMES.get(one["state"], "")


def _settings(settings: Mapping[str, Any]) -> str:
    told = ", ".join(f"{words(name)} {number(value, 3)}" for name, value in settings.items())
    return plain(told, 120) or "as they are usually"
