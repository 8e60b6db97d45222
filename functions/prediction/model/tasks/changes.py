"""How a task goes from state to state.

Pure: each takes a task as it is stored and returns it as it shall be, or the same object when
there is nothing to change. That makes every step safe to repeat.
"""

import datetime as dt

from msgspec.structs import replace

from functions.prediction.model.tasks.task import Result, Task

FIRST_REFUSAL = 400  # of HTTP's statuses


def begin(task: Task, now: dt.datetime) -> Task:
    """Note that somebody is at it."""
    return task if task.state != "queued" else replace(task, state="running", started_at=now)


def end(task: Task, result: Result, now: dt.datetime, kept: dt.timedelta) -> Task:
    """Note what was answered: a refusal is a failure."""
    if task.is_ended:
        return task
    state = "failed" if result.status >= FIRST_REFUSAL else "succeeded"
    return replace(task, state=state, result=result, ended_at=now, expires_at=now + kept)


def give_up(task: Task, now: dt.datetime, kept: dt.timedelta) -> Task:
    """End a task at its owner's wish; one that has ended is removed."""
    if task.is_ended:
        return replace(task, is_removed=True)
    return replace(task, state="cancelled", ended_at=now, expires_at=now + kept)


def swept(task: Task) -> Task:
    """Note that its files are gone."""
    return replace(task, is_swept=True)
