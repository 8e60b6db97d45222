"""From a request's body to what is asked, by the body's type."""

from functions.kit.http.bodies import read_limited
from functions.kit.http.plain import Asked
from functions.prediction.model.options import USUAL
from functions.prediction.model.questions import Question
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats import json, media
from functions.prediction.transport.records.formats.forms import form


def read(request: Asked, most: int, predictor: Predictor) -> Question:
    """Return what a request asks; its body may have `most` bytes.

    Raises:
        Unreadable, Invalid: what is wrong with it.
        TooLarge: or Problem (415).
    """
    sent = media.sent(request)
    body = read_limited(request, most)
    if sent == media.JSON:
        return json.read(body, predictor)
    return form(sent).read(body, predictor, USUAL)
