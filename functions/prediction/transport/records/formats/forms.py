"""The forms beside JSON: each is a module that is imported when the first caller asks for it."""

import importlib
from functools import cache
from typing import Any, NamedTuple, Protocol, cast

from functions.kit.contract.models.features import Array
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import PredictResponse
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats import media

_MODULES = {
    media.JSON: "json",
    media.JSON_LINES: "json_lines",
    media.CSV: "csv",
    media.ARROW: "arrow",
    media.PROTOBUF: "protobuf",
}


class Answered(NamedTuple):
    """What a model gave for the rows of one call.

    Attributes:
        response: it, as JSON has it.
        predictor: which gave it.
        output: probabilities [rows, labels], or values [rows, 1].
        why: that version answered.
        cache: whether it was remembered (`ports.HIT`, `MISS`); empty where nothing is.
    """

    response: PredictResponse[Any]
    predictor: Predictor
    output: Array
    why: str = ""
    cache: str = ""


class Form(Protocol):
    """A module that reads and writes one form."""

    def read(self, body: bytes, predictor: Predictor, options: Options) -> Question:
        """Return what a body asks; raises Unreadable, Invalid."""

    def write(self, answered: Answered) -> bytes:
        """Return an answer's bytes."""


@cache
def form(name: str) -> Form:
    """Return the module of a form, by the media type that it is called first."""
    return cast("Form", importlib.import_module(f"{__package__}.{_MODULES[name]}"))
