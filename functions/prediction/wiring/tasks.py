"""Puts tasks together: made for the first call that is to be answered later."""

import datetime as dt
from typing import TYPE_CHECKING

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.ports import Clock
from functions.kit.http.api import Api
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.kit.lazy import Lazy
from functions.prediction.model.tasks.due import FUNCTION
from functions.prediction.service.ports import Reference
from functions.prediction.service.predictions import Service
from functions.prediction.transport.records.predicting import Predicting
from functions.prediction.transport.tasks import routes

if TYPE_CHECKING:
    from functions.kit.adapters.calls import function_calls
    from functions.kit.adapters.steps import step_tools, stepped_documents
    from functions.prediction.model.tasks import kind
    from functions.prediction.service.tasks import steps, tasks
    from functions.prediction.transport.tasks import replaying, taking
else:  # a first answer that comes at once needs none of it
    function_calls = Lazy("functions.kit.adapters.calls.function_calls")
    step_tools = Lazy("functions.kit.adapters.steps.step_tools")
    stepped_documents = Lazy("functions.kit.adapters.steps.stepped_documents")
    kind = Lazy("functions.prediction.model.tasks.kind")
    steps = Lazy("functions.prediction.service.tasks.steps")
    tasks = Lazy("functions.prediction.service.tasks.tasks")
    replaying = Lazy("functions.prediction.transport.tasks.replaying")
    taking = Lazy("functions.prediction.transport.tasks.taking")


class TaskParts:
    """The parts of tasks, each made once it is asked for.

    Args:
        service: finds versions.
        predicting: has them answer.
        settings: the function's.
        clock: tells when something happens.
        kept: for how long results are kept.
    """

    def __init__(
        self,
        service: Service,
        predicting: Predicting,
        settings: Settings,
        clock: Clock,
        kept: dt.timedelta,
    ) -> None:
        self._service = service
        self._predicting = predicting
        self._settings = settings
        self._clock = clock
        self._kept = kept
        self._files = Once(lambda: Files(settings))
        self._tools = Once(self._new_tools)
        self._taking = Once(lambda: taking.Taking(self.tasks, service, predicting))
        self.tasks = Once(self._new_tasks)
        self.steps = Once(self._new_steps)

    def take(self, request: Asked, caller: Caller, model: str, reference: Reference) -> Answer:
        """Take a call that is to be answered later (`routes.Later`)."""
        return self._taking().take(request, caller, model, reference)

    def _new_tools(self) -> "step_tools.StepTools":
        calls = function_calls.Calls(FUNCTION, self._settings, FunctionAddresses.from_env())
        return step_tools.step_tools(FUNCTION, self._settings, calls, self._clock)

    def _new_tasks(self) -> "tasks.TaskService":
        found = self._tools()
        store = stepped_documents.SteppedDocuments(kind.TASK, found.store)
        return tasks.TaskService(
            store, self._files, found.hints, found.lookout, self._clock, self._kept
        )

    def _new_steps(self) -> "steps.TaskSteps":
        found = self._tools()
        store = stepped_documents.SteppedDocuments(kind.TASK, found.store)
        answers = replaying.Replaying(self._service, self._predicting)
        work = steps.Tools(store, self._files, answers, self._clock, self._kept)
        return steps.TaskSteps(work, found.runner, found.lookout)


def add_tasks(
    api: Api,
    service: Service,
    predicting: Predicting,
    settings: Settings,
    clock: Clock,
    kept: dt.timedelta,
) -> TaskParts:
    """Register the routes of tasks and of their steps; return what takes calls."""
    parts = TaskParts(service, predicting, settings, clock, kept)
    routes.add(api, service, parts.tasks, parts.steps)
    return parts
