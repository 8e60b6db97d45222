"""Trainings side by side: what each was asked, and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from web.client.schemas import Job, Task
from web.views import boards
from web.views.boards import took, worth
from web.views.formatting import NOTHING, counted, seconds, words
from web.views.metrics import Measure

TASKS: dict[Task, str] = {
    "binary": "one of two labels",
    "multiclass": "one of several labels",
    "regression": "a value",
}
SPLITS = {"record": "by chance", "group": "by group", "time": "by time"}


class Row(NamedTuple):
    """One thing, as it was in each training."""

    label: str
    values: list[str]

    @property
    def differs(self) -> bool:
        """Whether it was not the same in all."""
        return len(set(self.values)) > 1


def rows(jobs: Sequence[Job]) -> list[Row]:
    """Return what trainings are compared by, what came of them first."""
    return [Row(label, [tell(job) or NOTHING for job in jobs]) for label, tell in _TOLD.items()]


def task_in_words(task: Task) -> str:
    """Return what is predicted, in words."""
    return TASKS[task]


def _asked(name: str, write: Callable[[Any], str] = str) -> Callable[[Job], str]:
    def tell(job: Job) -> str:
        value = job.request.get(name)
        return "" if value in (None, "", [], {}) else write(value)

    return tell


def _split(split: Mapping[str, Any]) -> str:
    by = SPLITS.get(split.get("by") or "record", "")
    return f"{by}, {split['column']}" if split.get("column") else by


def _roles(roles: Mapping[str, str]) -> str:
    out = [name for name, role in roles.items() if role == "ignore"]
    others = [f"{name} as {role}" for name, role in roles.items() if role != "ignore"]
    return "; ".join([*([f"without {', '.join(out)}"] if out else []), *others])


def _best(job: Job) -> str:
    found = [one for one in job.candidates if one.index == job.best]
    return words(found[0].algorithm) if found else ""


_TOLD: dict[str, Callable[[Job], str]] = {
    "Result": lambda job: worth(job.result),
    "State": lambda job: job.state,
    "Best": _best,
    "Made of": lambda job: counted(len(job.members), "candidate") if job.members else "",
    "Tried": lambda job: counted(len(job.candidates), "candidate") if job.candidates else "",
    "Took": lambda job: seconds(length) if (length := took(job)) is not None else "",
    "Table": lambda job: job.dataset,
    "Revision": lambda job: str(job.revision or ""),
    "Predicts": lambda job: job.target,
    "Kind": lambda job: TASKS[job.task] if job.task else "",
    "Search": _asked("budget", words),
    "Seconds": _asked("seconds", "{:g}".format),
    "Best by": _asked("measure", lambda name: Measure(name, None).label),
    "Algorithms": _asked("algorithms", lambda names: ", ".join(map(words, names))),
    "Columns": _asked("roles", _roles),
    "Split": _asked("split", _split),
    "Folds": _asked("folds"),
    "Held back": _asked("holdout"),
    "Seed": _asked("seed"),
}


FILTERS: dict[str, Callable[..., Any]] = {
    "task": task_in_words,
    "took": took,
    "worth": worth,
    "winner": boards.winner,
    "why_failed": boards.failure,
    "remedy": boards.remedy,
    "time_left": boards.time_left,
    "board_title": boards.title,
    "candidates_shown": lambda job, everything: boards.shown(job, everything=everything),
}
"""What templates know of trainings."""
