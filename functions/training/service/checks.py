"""What can cheaply be known to be wrong with a request. Light: no scikit-learn."""

from functions.kit.contract.errors import DomainError, Flaw, Invalid
from functions.kit.contract.errors import refused as all_refused
from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column
from functions.kit.contract.wording import counted
from functions.training.learning.candidates import algorithms
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model.requests import fitting
from functions.training.model.requests.spec import JobRequest
from functions.training.model.requests.wishes import wrong_wish
from functions.training.model.task import UnsuitableData, check_kind, fewest_rows
from functions.training.service.ports import Dataset

CLASSES: tuple[Task, Task] = ("binary", "multiclass")


def check_choice(request: JobRequest) -> None:
    """Refuse what the catalogue does not have, or has not for the task; raises Invalid."""
    if request.candidates and request.algorithms:
        detail = "Send either 'candidates' or 'algorithms': the latter choose among our own."
        raise refused(detail, "algorithms")
    algorithms.check(request.candidates or [])
    algorithms.check_names(request.algorithms or [])
    if wrong := wrong_wish(request, request.task):
        raise refused(wrong[1], wrong[0])
    if request.task is not None:
        candidates_for(request, request.task)


def candidates_for(request: JobRequest, task: Task) -> list[Choice]:
    """Return what to try, every setting spelt out.

    Raises:
        Invalid: when it cannot do the task.
    """
    asked = request.candidates or algorithms.able(task, request.algorithms)
    wrong = algorithms.check_task(asked, task)
    if wrong is not None:
        raise wrong
    return [algorithms.complete(one) for one in asked]


def check_dataset(dataset: Dataset, request: JobRequest) -> None:
    """Refuse a dataset that the request does not fit; raises Invalid."""
    if dataset.state != "ready":
        why = f": {dataset.failure}" if dataset.failure else ""
        raise refused(f"Dataset '{dataset.id}' is {dataset.state}{why}; it must be ready.")
    known = {column.name: column for column in dataset.columns}
    if request.target not in known:
        names = ", ".join(f"'{name}'" for name in list(known)[:20])
        raise refused(
            f"Dataset '{dataset.id}' has no column '{request.target}'; it has {names}.", "target"
        )
    for name in request.columns or []:
        if name not in known or name == request.target:
            reason = "is the target" if name == request.target else "is not there"
            raise refused(f"Column '{name}' {reason}; it cannot be learnt from.", "columns")
    if found := fitting.flaws(request, dataset.columns):
        raise all_refused("The request does not fit the dataset", *found, noun="field")
    try:
        check_kind(known[request.target], request.task)
    except UnsuitableData as error:
        raise refused(str(error), "target") from error
    _check_able(known[request.target], request)
    needed = fewest_rows(request.folds, request.holdout)
    if dataset.rows < needed:
        raise refused(
            f"Dataset '{dataset.id}' has {counted(dataset.rows, 'row')}; {request.folds} folds "
            f"and a held-out part need at least {needed}."
        )


def _check_able(target: Column, request: JobRequest) -> None:
    """Refuse what learns quantities alone where the target can only be of classes; raises Invalid.

    Where numbers may be either, the first step decides.
    """
    if target.kind in fitting.QUANTITIES or request.task is not None:
        return
    if request.candidates:
        as_two, as_more = (algorithms.check_task(request.candidates, one) for one in CLASSES)
        if as_two is not None and as_more is not None:
            raise as_two
    if request.algorithms and not any(_names_able(one, request.algorithms) for one in CLASSES):
        fit = ", ".join(one.algorithm for one in algorithms.able("multiclass", None))
        raise refused(
            f"'{target.name}' is of kind {target.kind}: its values are classes, which "
            f"{' and '.join(request.algorithms)} cannot learn; choose among {fit}.",
            "algorithms",
        )


def _names_able(task: Task, names: list[str]) -> bool:
    return any(task in algorithms.CATALOGUE[name].tasks for name in names)


def refused(detail: str, column: str = "dataset") -> DomainError:
    """Return the refusal of a request, for one thing in it."""
    return Invalid(detail, Flaw(detail, column=column))
