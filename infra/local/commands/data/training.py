"""What commands tell of trainings."""

from infra.local.calling.names import named, path_of
from infra.local.calling.waiting import until
from infra.local.commands.progress import Meter
from infra.local.commands.signed import Caller, Json
from infra.local.errors import LocalError

FUNCTION = "training"
FIRST = 1
"""The version of a model that serves without being promoted."""
ENDED = {"succeeded", "failed", "cancelled"}


def watched(caller: Caller, job: str) -> Json:
    """Return a job once it has ended; meanwhile tell how far it is.

    Raises:
        LocalError: there is none, or it did not succeed.
        KeyboardInterrupt: nobody waits any more; the job goes on.
    """
    with Meter() as meter, named(caller.client, "job", job):
        try:
            ended = until(
                lambda: caller.client.call("GET", FUNCTION, path_of("job", job)),
                lambda seen: seen["state"] in ENDED,
                lambda seen: meter.tell(_stage(seen), seen["progress"], 1, _share(seen)),
            )
        except KeyboardInterrupt:
            meter.tell(f"Job {job} goes on. See ./mayfly jobs {job}, end it: jobs cancel {job}")
            raise
    if ended["state"] != "succeeded":
        reason = ended.get("failure") or "no reason is given"
        raise LocalError(f"Job {job} {_how(ended['state'])}: {reason}")
    return ended


def lines_of(job: Json) -> list[str]:
    """Return what people are told of a whole job."""
    head = f"job {job['id']} of {job['model']} {_how(job['state'])}"
    if job["state"] not in ENDED:
        return [f"{head}, {_share(job)} done; see ./mayfly jobs {job['id']}"]
    if job["state"] != "succeeded":
        return [f"{head}: {job.get('failure') or 'no reason is given'}"]
    notes = [f"note: {note}" for note in job.get("notes", [])]
    return [head, *_made(job), *notes]


def _made(job: Json) -> list[str]:
    """Return what came of a job, and what follows."""
    measured = (job.get("evaluation") or {}).get("metrics") or {}
    shown = ", ".join(
        f"{name.replace('_', ' ')} {value:.4g}"
        for name, value in measured.items()
        if isinstance(value, int | float)
    )
    version = f"version {job['version']} of {job['model']}"
    held = f"{version} on held-out rows: {shown}" if shown else version
    if job["version"] == FIRST:  # it serves by itself
        return [held, f"it answers: ./mayfly predict {job['model']} FILE"]
    return [
        held,
        f"to ask it: ./mayfly predict {job['model']} FILE --version {job['version']}",
        f"to have it serve: ./mayfly promote {job['model']} {job['version']}",
    ]


def _stage(job: Json) -> str:
    """Return what a job is at."""
    if job.get("place"):
        return f"{job['model']} waits for its turn, at place {job['place']}"
    if job["state"] != "running":
        return f"{job['model']} {_how(job['state'])}"
    rungs = len(job.get("rungs") or ())
    return (
        f"{job['model']}: round {job['rung'] + 1} of {rungs}" if rungs else f"{job['model']} runs"
    )


def _share(job: Json) -> str:
    return f"{job['progress']:.0%}"


def _how(state: str) -> str:
    return state if state in {"succeeded", "failed"} else f"is {state}"
