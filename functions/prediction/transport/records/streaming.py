"""JSON Lines of any length: answers flow while rows come, a block at a time, in flat memory.

A caller reads while it sends: what it does not read holds up what it sends.
"""

import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

import msgspec
from flask import Response

from functions.kit.contract.access.over_quota import Standing
from functions.kit.contract.errors import DomainError, Flaw, told
from functions.kit.http.activity import note_rows
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.problems import Problem, document, problem_of
from functions.kit.http.routing.routes import StillMay
from functions.kit.service.bounded import Bounded
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS, wrong_count
from functions.prediction.service.choosing import CACHE
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records import answering, asking
from functions.prediction.transport.records.formats import json_lines
from functions.prediction.transport.records.formats.forms import Answered
from functions.prediction.transport.records.formats.media import Media
from functions.prediction.transport.records.line_reader import LineReader

LOOK_SECONDS = 1.0
"""Between two looks whether the caller may go on."""

Predict = Callable[[Callable[[int], Question]], tuple[Answered, Standing | None]]
"""What reads a question → what is answered, and where the caller's account stands."""


class Call(NamedTuple):
    """A call whose rows come as lines.

    Attributes:
        request: it.
        wanted: the media type of its answer.
        predictor: the version that answers all of it.
        allowed: tells what the caller's account may have predicted.
        max_bytes: of a block.
    """

    request: Asked
    wanted: Media
    predictor: Predictor
    allowed: Callable[[], Bounded]
    max_bytes: int


def answer(call: Call, predict: Predict, still_may: StillMay) -> Answer | Response:
    """Answer a call: as a whole where all of its rows are in one block.

    Args:
        call: it.
        predict: makes the predictions of a block, and counts them.
        still_may: tells whether the caller may go on.

    Raises:
        DomainError: what is wrong with the first block; with a later one, its last line tells.
    """
    blocks = _Blocks(call, predict, still_may)
    found = blocks.next()
    if found is None:
        raise wrong_count(0)
    first, standing = found
    whole = answering.write(call.wanted, first, standing)
    if blocks.is_over:
        return whole
    lines = chain((whole.body,), _others(blocks, call.request.path))
    of_one = {answering.ID, CACHE}  # what holds of the first block alone
    headers = {name: text for name, text in whole.headers.items() if name not in of_one}
    return Response(lines, headers=headers, content_type=whole.content_type)


def first_block(request: Asked, predictor: Predictor, allowed: Bounded, max_bytes: int) -> Question:
    """Return what the first block of a call asks; raises what is wrong with it."""
    reader, rows = LineReader(request.stream), allowed.rows(MOST_RECORDS)
    lines = allowed.read(lambda most: reader.take(rows, most), max_bytes)
    if not lines:
        raise wrong_count(0)
    return json_lines.read_lines(lines, predictor, asking.options_of(request))


def _others(blocks: "_Blocks", path: str) -> Iterator[bytes]:
    """Yield the lines of each later block; at an error, a last line that tells it."""
    try:
        while (found := blocks.next()) is not None:
            yield json_lines.write(found[0])
    except (DomainError, Problem) as error:
        problem = error if isinstance(error, Problem) else problem_of(error)
        yield msgspec.json.encode({"error": document(problem, path)}) + b"\n"


class _Blocks:
    """The blocks of a call, one after the other."""

    def __init__(self, call: Call, predict: Predict, still_may: StillMay) -> None:
        self._call = call
        self._predict = predict
        self._still_may = still_may
        self._options = asking.options_of(call.request)
        self._reader = LineReader(call.request.stream)
        self._rows = 0
        self._looked = time.monotonic()

    @property
    def is_over(self) -> bool:
        return self._reader.is_over

    def next(self) -> tuple[Answered, Standing | None] | None:
        """Return what is answered to the next block, or None at the end."""
        call, allowed = self._call, self._call.allowed()
        rows = allowed.rows(MOST_RECORDS)
        lines = allowed.read(lambda most: self._reader.take(rows, most), call.max_bytes)
        if not lines:
            return None
        self._look()

        def read(_: int) -> Question:
            return json_lines.read_lines(lines, call.predictor, self._options)

        try:
            found = self._predict(read)
        except DomainError as error:
            raise _moved(error, self._rows) from error
        self._rows += len(lines)
        note_rows(call.request, self._rows)
        return found

    def _look(self) -> None:
        """Refuse a caller who may not go on, such as one whose key was revoked."""
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            if not self._still_may():
                raise Problem(401, "The key or session that began this call is not good any more.")


def _moved(error: DomainError, rows: int) -> DomainError:
    """Return an error whose rows are counted from the first of the call."""
    before, error.flaws = error.flaws, [_moved_flaw(flaw, rows) for flaw in error.flaws]
    if before:  # the detail repeats the first
        error.detail = error.detail.replace(told(before[0]), told(error.flaws[0]), 1)
    return error


def _moved_flaw(flaw: Flaw, rows: int) -> Flaw:
    return flaw if flaw.row is None else msgspec.structs.replace(flaw, row=flaw.row + rows)
