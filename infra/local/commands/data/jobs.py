"""`./mayfly jobs`."""

from typing import Any

import click

from infra.local.calling.names import found, named, path_of
from infra.local.commands.data import training
from infra.local.commands.signed import Caller, Json, ListingGroup, signed

COLUMNS = {
    "id": "id",
    "state": "state",
    "done": "progress",
    "model": "model",
    "version": "version",
    "dataset": "dataset",
    "target": "target",
    "began": "created_at",
}
CANDIDATES = {
    "algorithm": "algorithm",
    "state": "state",
    "score": "score",
    "folds done": "folds_done",
    "seconds": "seconds",
}
NONE = "Nothing was trained here yet: ./mayfly train DATASET --target COLUMN"


@click.group(cls=ListingGroup, takes_name=True)
def command() -> None:
    """List trainings, show one by its ID, cancel and delete them.

    \b
    Examples:
      ./mayfly jobs
      ./mayfly jobs 0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e
      ./mayfly jobs wait 0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e
      ./mayfly jobs cancel 0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e
      ./mayfly jobs delete 0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e
    """


@command.command("list")
@click.argument("job", metavar="[ID]", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@signed
def list_jobs(*, caller: Caller, job: str | None, limit: int) -> None:
    """List trainings, newest first; or show one."""
    if job is None:
        jobs = caller.client.pages(training.FUNCTION, "/jobs", {}, limit)
        caller.show([_shown(caller, one) for one in jobs], COLUMNS, NONE)
        return
    whole = found(caller.client, "job", job)
    caller.tell(whole, *training.lines_of(whole))
    if not caller.as_json:
        best = sorted(whole["candidates"], key=lambda one: one["score"] or float("-inf"))
        caller.show(map(_rounded, reversed(best)), CANDIDATES, "No candidate is there yet.")


@command.command()
@click.argument("job", metavar="ID")
@signed
def wait(*, caller: Caller, job: str) -> None:
    """Return once it has ended; the exit code is 1 where it did not succeed."""
    ended = training.watched(caller, job)
    caller.tell(ended, *training.lines_of(ended))


@command.command()
@click.argument("jobs", metavar="ID...", nargs=-1, required=True)
@signed
def cancel(*, caller: Caller, jobs: tuple[str, ...]) -> None:
    """End trainings that are not done."""
    _each(caller, "POST", jobs, "cancel", "cancelled")


@command.command()
@click.argument("jobs", metavar="ID...", nargs=-1, required=True)
@signed
def delete(*, caller: Caller, jobs: tuple[str, ...]) -> None:
    """Remove trainings that have ended; the versions that they made stay."""
    _each(caller, "DELETE", jobs, "", "deleted")


def _each(caller: Caller, method: str, jobs: tuple[str, ...], act: str, done: str) -> None:
    for job in jobs:
        with named(caller.client, "job", job):
            path = path_of("job", job, *([act] if act else []))
            caller.client.call(method, training.FUNCTION, path)
        if not caller.as_json:
            click.echo(f"job {job} is {done}")
    if caller.as_json:
        caller.tell({done: list(jobs)})


def _shown(caller: Caller, job: Json) -> Json:
    return job if caller.as_json else {**job, "progress": f"{job['progress']:.0%}"}


def _rounded(one: Json) -> dict[str, Any]:
    numbers = {key: one[key] for key in ("score", "seconds") if one[key] is not None}
    return one | {key: f"{value:.4g}" for key, value in numbers.items()}
