"""JSON Lines: a record a line in, a prediction a line out."""

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.kit.contract.errors import DomainError, Flaw, Unreadable, refused, told
from functions.kit.contract.requests.decoding import MOST_FLAWS, UNREADABLE
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import PredictResponse
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats import json
from functions.prediction.transport.records.formats.forms import Answered

_encode = msgspec.json.Encoder().encode


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    return read_lines(lines_of(body), predictor, options)


def lines_of(body: bytes) -> list[bytes]:
    """Return the lines of a body that are not empty."""
    return [line for line in map(bytes.strip, body.split(b"\n")) if line]


def read_lines(lines: Sequence[bytes], predictor: Predictor, options: Options) -> Question:
    """Return what lines ask, each of a record; raises Unreadable, Invalid.

    They are read as the records of a JSON body are, so that they mean the same.
    """
    _check_objects(lines)
    try:
        found = json.read(b'{"records":[' + b",".join(lines) + b"]}", predictor, options)
    except DomainError as error:
        if not error.flaws or error.flaws[0].row is None:
            _check_json(lines)
        raise
    if len(found.rows) != len(lines):
        _check_json(lines)
    return found


def _check_objects(lines: Sequence[bytes]) -> None:
    """Refuse what is no object at a glance: joined, such lines could mean something else."""
    flaws = [
        Flaw("Expected a JSON object", row=row)
        for row, line in enumerate(lines, 1)
        if not (line.startswith(b"{") and line.endswith(b"}"))
    ]
    if flaws:
        raise refused("Some lines were refused", *flaws[:MOST_FLAWS])


def _check_json(lines: Sequence[bytes]) -> None:
    """Raise Unreadable that names the first line which is not JSON, as its row."""
    for row, line in enumerate(lines, 1):
        try:
            msgspec.json.decode(line)
        except UNREADABLE as error:
            flaw = Flaw(f"it is not JSON: {error}", row)
            raise Unreadable(f"A line cannot be read: {told(flaw)}.", flaw) from error


def write(answered: Answered) -> bytes:
    """Return an answer's bytes."""
    return lines(answered.response())


def lines(answer: PredictResponse[Any]) -> bytes:
    """Return a line for each prediction, which begins with its id."""
    prefix = f'{{"id":"{answer.id}-'.encode()
    return b"".join(
        b'%b%d",%b\n' % (prefix, place, _encode(one)[1:])
        for place, one in enumerate(answer.predictions)
    )
