"""The choices of a training, and what it would do: beside each other, before there is one."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from web.client.errors import Conflict, Failure, NotFound, Refused
from web.client.functions import Functions
from web.client.plan_schemas import JobPlan
from web.client.schemas import Algorithm, Job
from web.client.table_schemas import Dataset
from web.forms import job_requests
from web.forms.job_requests import Choices, choices_of, first_choices, kept_of, parse_job_request
from web.forms.repeats import key_of
from web.http.htmx import Reply, render, see_other
from web.http.readers import require
from web.pages.best_effort import BestEffort
from web.views.boards import took
from web.views.targets import grouped

IN_PLACE = (Refused, NotFound, Conflict)
# Trainings that are looked at for how long such a one takes.
LATEST = 50
# Of those that look alike, read whole for how long they were to search.
MOST_READ = 3
WORDS: dict[str, Any] = {
    "budgets": job_requests.BUDGETS,
    "tasks": job_requests.TASKS,
    "measures": job_requests.MEASURES,
    "splits": job_requests.SPLITS,
    "roles": job_requests.ROLES,
}


class TrainPages:
    """Handlers of the form."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def form(self, dataset: str) -> Reply:
        """Ask what to learn; `?from=` names a training whose settings the form begins with."""
        require("write")
        found = self._functions.datasets.get(dataset)
        algorithms = self._functions.training.algorithms()
        known = _names(algorithms)
        if earlier := request.args.get("from"):
            made = choices_of(found, self._functions.training.get(earlier).request, known)
            choices = Choices(
                {**made.texts, "from": earlier}, made.algorithms, made.used, made.kept
            )
        else:
            choices = first_choices(found, known)
        return self._form(found, algorithms, choices)

    def start(self, dataset: str) -> Reply:
        """Start a training."""
        found = self._functions.datasets.get(dataset)
        algorithms, choices = self._functions.training.algorithms(), _sent({})
        try:
            choices = self._choices()
            asked = parse_job_request(found, choices, _names(algorithms))
            job = self._functions.training.start(asked, key_of(request.form))
        except IN_PLACE as error:
            return self._form(found, algorithms, choices, error)
        return see_other(url_for("jobs.show", job=job.id))

    def plan(self, dataset: str) -> Reply:
        """Tell what a training by these choices would do; none is started."""
        found = self._functions.datasets.get(dataset)
        algorithms, choices = self._functions.training.algorithms(), _sent({})
        try:
            choices = self._choices()
            asked = parse_job_request(found, choices, _names(algorithms))
            plan = self._functions.training.plan(asked)
        except Failure as error:
            return self._form(found, algorithms, choices, error, planned=True)
        usual = BestEffort().get(lambda: self._usual(plan, asked))
        return self._form(found, algorithms, choices, planned=True, plan=plan, usual=usual)

    def _usual(self, plan: JobPlan, asked: dict[str, Any]) -> float | None:
        """Return the seconds that the last training took that searched for as long."""
        same = [
            job for job in self._functions.training.page(LATEST).items if _like(job, plan, asked)
        ]
        for job in same[:MOST_READ]:
            if _search(self._functions.training.get(job.id).request) == _search(asked):
                return took(job)
        return None

    def _choices(self) -> Choices:
        """Return what the form holds, with what it keeps of an earlier training."""
        earlier = request.form.get("from")
        return _sent(kept_of(self._functions.training.get(earlier).request) if earlier else {})

    def _form(
        self,
        dataset: Dataset,
        algorithms: list[Algorithm],
        choices: Choices,
        error: Failure | None = None,
        **more: Any,
    ) -> Response:
        """Render the form, or where only that changes, what will happen (`planned`)."""
        planned = more.get("planned", False)
        return render(
            "jobs/form.html",
            "plan" if planned else "order",
            dataset=dataset,
            algorithms=algorithms,
            targets=grouped(dataset.columns),
            choices=choices,
            error=error,
            opened=planned or error is not None,
            **WORDS,
            **more,
        )


def _names(algorithms: list[Algorithm]) -> list[str]:
    return [one.name for one in algorithms]


def _sent(kept: dict[str, Any]) -> Choices:
    form = request.form
    used = form.getlist("used") if "shown" in form else None
    return Choices(form.to_dict(), form.getlist("algorithms"), used, kept)


def _like(job: Job, plan: JobPlan, asked: dict[str, Any]) -> bool:
    """Tell whether a training that has succeeded learnt the same of the same table."""
    same = (job.dataset, job.target) == (asked["dataset"], asked["target"])
    return same and job.task == plan.task and job.state == "succeeded"


def _search(asked: dict[str, Any]) -> tuple[Any, ...]:
    """Return what of a request says how long to search."""
    return (asked.get("seconds") or asked.get("budget") or "fast", bool(asked.get("candidates")))


def add(blueprint: Blueprint, functions: Functions) -> None:
    """Add the form's routes to those of trainings."""
    handlers = TrainPages(functions)
    rule = blueprint.add_url_rule
    rule("/datasets/<dataset>/train", "form", handlers.form)
    rule("/datasets/<dataset>/train", "start", handlers.start, methods=["POST"])
    rule("/datasets/<dataset>/train/plan", "plan", handlers.plan, methods=["POST"])
