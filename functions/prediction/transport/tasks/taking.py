"""Takes calls that are to be answered later."""

from collections.abc import Callable
from functools import partial

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Invalid
from functions.kit.http.activity import note_rows
from functions.kit.http.requests.bodies import read_limited
from functions.kit.http.requests.idempotency import request_id
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.prediction.model.tasks.task import Call, Task
from functions.prediction.service.ports import Reference
from functions.prediction.service.predictions import Service
from functions.prediction.service.tasks.tasks import TaskService, digest_of
from functions.prediction.transport import delivery, prefer
from functions.prediction.transport.records import asking, calling, streaming
from functions.prediction.transport.records.formats import media
from functions.prediction.transport.records.predicting import Predicting
from functions.prediction.transport.sticking import key_of
from functions.prediction.transport.tasks.replaying import kept, replayed
from functions.prediction.transport.tasks.views import view


class Taking:
    """Keeps calls as tasks, once what can be known at once to be wrong with them is not.

    Args:
        tasks: the tasks.
        service: finds versions.
        predicting: knows what callers may have predicted.
    """

    def __init__(
        self, tasks: Callable[[], TaskService], service: Service, predicting: Predicting
    ) -> None:
        self._tasks = tasks
        self._service = service
        self._predicting = predicting

    def take(self, request: Asked, caller: Caller, model: str, reference: Reference) -> Answer:
        """Take a call; raises what is wrong with it, or why it cannot be kept."""
        allowed, most = self._predicting.quotas.of(caller), self._predicting.max_bytes
        body = allowed.read(partial(read_limited, request), most)
        call = kept(request, reference, digest_of(body))

        def check() -> None:
            rows = self._rows(caller, model, call, body)
            if allowed.most_rows is not None and rows > allowed.most_rows:
                bound = f"{rows:,} rows: the plan '{caller.plan}' allows {allowed.most_rows:,}."
                raise Invalid(bound)
            note_rows(request, rows)

        known = request_id(request, caller)
        task = self._tasks().take(caller, model, call, body, check, known)
        headers = {"Location": _location(call, task), prefer.APPLIED: prefer.RESPOND_ASYNC}
        return Answer(msgspec.json.encode(view(task)), 202, headers)

    def _rows(self, caller: Caller, model: str, call: Call, body: bytes) -> int:
        """Return how many rows a call has; raises what is wrong with it."""
        request = replayed(call, body)
        wanted, _ = media.wanted(request), delivery.asked(request)
        place, sticky = Place(caller.workspace, model), key_of(request)
        predictor = self._service.choose(place, call.reference, caller, sticky).predictor
        if calling.is_stream(request, wanted):
            allowed, most = self._predicting.quotas.of(caller), self._predicting.max_bytes
            return len(streaming.first_block(request, predictor, allowed, most).rows)
        return len(asking.read(request, len(body), predictor).rows)


def _location(call: Call, task: Task) -> str:
    """Return where a task is, as seen from the path that was asked, whatever stands before it."""
    levels = call.path.count("/") - "/models/{model}/predict".count("/")
    return f"{'../' * levels}tasks/{task.id}"
