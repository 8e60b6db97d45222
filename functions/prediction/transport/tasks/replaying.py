"""Answers calls that were kept, by the very code that answers those which come now."""

import io

from flask import Request, Response

from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.failures import problem_answer, problem_for
from functions.kit.http.responses.problems import Problem
from functions.prediction.model.tasks.task import Call, Task
from functions.prediction.service.predictions import Service
from functions.prediction.service.tasks.ports import Answered
from functions.prediction.transport import delivery, fresh, sticking
from functions.prediction.transport.records import calling
from functions.prediction.transport.records.predicting import Predicting

HEADERS = ("HTTP_ACCEPT", fresh.FIELD, delivery.FIELD, sticking.FIELD)
"""What an answer depends on, by WSGI's names."""
MENDABLE = frozenset((429, 503, 507))
"""Statuses that another try may do better than."""


def kept(request: Asked, reference: str | int, digest: str) -> Call:
    """Return what is kept of a request, but for its body."""
    said = request.environ
    return Call(
        reference=reference,
        path=said["PATH_INFO"],
        query=said.get("QUERY_STRING", ""),
        content_type=request.content_type or "",
        headers={name: said[name] for name in HEADERS if name in said},
        digest=digest,
    )


def replayed(call: Call, body: bytes) -> Asked:
    """Return the request of a call that was kept."""
    return Request(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": call.path,
            "QUERY_STRING": call.query,
            "CONTENT_TYPE": call.content_type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **call.headers,
        }
    )


class Replaying:
    """The Answers of this function.

    Args:
        service: finds versions.
        predicting: has them answer.
    """

    def __init__(self, service: Service, predicting: Predicting) -> None:
        self._service = service
        self._predicting = predicting

    def answer(self, task: Task, body: bytes) -> Answered:
        """See Answers."""
        call, request = task.call, replayed(task.call, body)
        parts = (self._service, self._predicting, request)
        try:
            found = calling.answer(*parts, task.caller, task.model, call.reference, lambda: True)
        except Exception as error:  # noqa: BLE001 - as in Api, an error is an answer
            return _refused(problem_for(error, request, step=False), call.path)
        return _answered(found)

    def failed(self, task: Task, reason: str) -> Answered:
        """See Answers."""
        return _refused(Problem(500, reason), task.call.path)


def _refused(problem: Problem, path: str) -> Answered:
    found = _answered(problem_answer(problem, path))
    return found._replace(may_be_mended=problem.status in MENDABLE, is_problem=True)


def _answered(found: Answer | Response) -> Answered:
    if isinstance(found, Answer):
        return Answered(found.status, found.content_type, found.headers, (found.body,))
    headers = {name: text for name, text in found.headers if name != "Content-Type"}
    return Answered(found.status_code, found.content_type or "", headers, found.iter_encoded())
