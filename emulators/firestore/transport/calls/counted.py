"""The calls, counted: whichever wire they come by, each is one call with one outcome."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from emulators.firestore.model.errors import FirestoreError
from emulators.firestore.transport.calls.table import Calls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from emulators.firestore.transport.calls.table import Duplex, Streaming, Unary
    from emulators.kit.metrics import CallCounts

_FINE = "OK"
_FAULT = "UNKNOWN"  # of ours, as the wire tells it


def counted(calls: Calls, counts: CallCounts) -> Calls:
    """Return the same calls, each counted by its name and the status that it ends with."""
    return Calls(
        unary={name: _unary(name, call, counts) for name, call in calls.unary.items()},
        streaming={name: _streaming(name, call, counts) for name, call in calls.streaming.items()},
        duplex={name: _duplex(name, call, counts) for name, call in calls.duplex.items()},
    )


class _One:
    """A call under way: ends as cancelled, unless it says how it ended."""

    __slots__ = ("_began", "_counts", "_name", "outcome")

    def __init__(self, name: str, counts: CallCounts) -> None:
        self._name = name
        self._counts = counts
        self._began = perf_counter()
        self.outcome = "CANCELLED"
        counts.begun(name)

    def failed(self, error: Exception) -> None:
        self.outcome = error.status if isinstance(error, FirestoreError) else _FAULT

    def over(self) -> None:
        self._counts.over(self._name, self.outcome, perf_counter() - self._began)


def _unary(name: str, call: Unary, counts: CallCounts) -> Unary:
    async def answer(request: Any) -> Any:
        one = _One(name, counts)
        try:
            response = await call(request)
            one.outcome = _FINE
        except Exception as error:
            one.failed(error)
            raise
        finally:
            one.over()
        return response

    return answer


def _streaming(name: str, call: Streaming, counts: CallCounts) -> Streaming:
    def to_the_end(one: _One, responses: Iterable[Any]) -> Iterator[Any]:
        try:
            yield from responses
            one.outcome = _FINE
        except Exception as error:
            one.failed(error)
            raise
        finally:
            one.over()

    async def answer(request: Any) -> Iterable[Any]:
        one = _One(name, counts)
        try:
            responses = await call(request)
        except Exception as error:
            one.failed(error)
            one.over()
            raise
        return to_the_end(one, responses)

    return answer


def _duplex(name: str, call: Duplex, counts: CallCounts) -> Duplex:
    async def answer(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
        one = _One(name, counts)
        responses = call(requests)
        try:
            async for response in responses:
                yield response
            one.outcome = _FINE
        except Exception as error:
            one.failed(error)
            raise
        finally:
            await responses.aclose()  # type: ignore[attr-defined]  # they are generators
            one.over()

    return answer
