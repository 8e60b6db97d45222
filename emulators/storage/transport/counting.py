"""Counts calls by route and status; the time is the one until an answer's head is there."""

from collections.abc import Callable
from time import perf_counter

from emulators.kit.metrics import CallCounts
from emulators.storage.transport.call import Call
from emulators.storage.transport.errors import status_of
from emulators.storage.transport.http.messages import Response
from emulators.storage.transport.routes import Handler


def counted(route: str, handler: Handler, counts: CallCounts) -> Handler:
    """Return a route's handler, each of whose calls is counted."""

    def answer(call: Call) -> Response:
        return counting(route, counts, lambda: handler(call))

    return answer


def counting(call: str, counts: CallCounts, work: Callable[[], Response]) -> Response:
    """Do a call's work, and count it by the status that it ends with."""
    began, outcome = perf_counter(), "gone"
    counts.begun(call)
    try:
        response = work()
        outcome = str(response.status)
    except ConnectionError:  # nobody is there to be told
        raise
    except Exception as error:
        outcome = str(status_of(error))
        raise
    finally:
        counts.over(call, outcome, perf_counter() - began)
    return response
