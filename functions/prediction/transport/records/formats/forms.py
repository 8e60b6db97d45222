"""The forms beside JSON: each is a module that is imported when the first caller asks for it."""

import importlib
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, cast

from functions.kit.contract.models.features import Array
from functions.prediction.model.describing import Described
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import Notice, PredictResponse
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
        id: of the answer.
        predictor: which gave it.
        described: what is said of it.
        notices: what the caller may not expect.
        reason: why that version answered, where the call does not say it.
        why: that version answered.
        cache: whether it was remembered (`ports.HIT`, `MISS`); empty where nothing is.
    """

    id: str
    predictor: Predictor
    described: Described
    notices: Sequence[Notice] = ()
    reason: str = ""
    why: str = ""
    cache: str = ""

    @property
    def output(self) -> Array:
        """Probabilities [rows, labels], or values [rows, 1]."""
        return self.described.given.output

    def response(self) -> PredictResponse[Any]:
        """Return it, as JSON has it."""
        version, described = self.predictor.version, self.described
        said = (described.predictions(), described.level, self.notices, self.reason)
        return PredictResponse(self.id, version.model, version.version, *said)


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
