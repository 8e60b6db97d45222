"""What is asked for when a job is done again, on the rows of another day."""

from msgspec.structs import replace

from functions.training.model.jobs import Job
from functions.training.model.requests.spec import JobRequest


def repeated(job: Job) -> JobRequest:
    """Return the request of a job as another one, on newer rows, takes it.

    What a job that has made a model took from its rows stays as it was: the task, and which of two
    labels is the positive one. By default that is the rarer one, which may be the other one by now;
    the model's versions would not fit one another.
    """
    if job.evaluation is None or job.task is None:
        return job.request
    asked = replace(job.request, task=job.task)
    confusion = job.evaluation.get("confusion")
    if job.task != "binary" or asked.positive is not None or not confusion:
        return asked
    return replace(asked, positive=confusion["labels"][-1])
