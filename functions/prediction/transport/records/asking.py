"""From a request's body to what is asked, by the body's type."""

from functions.kit.http.requests.bodies import read_limited
from functions.kit.http.requests.plain import Asked
from functions.prediction.model.options import USUAL, Options, of_query
from functions.prediction.model.questions import Question
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats import json, media
from functions.prediction.transport.records.formats.forms import form


def read(request: Asked, most: int, predictor: Predictor) -> Question:
    """Return what a request asks; its body may have `most` bytes.

    The query says what is wanted beside the prediction, where the body has no place for that.

    Raises:
        Unreadable, Invalid: what is wrong with it.
        TooLarge: or Problem (415).
    """
    sent, options = media.sent(request), options_of(request)
    body = read_limited(request, most)
    if sent == media.JSON:
        return json.read(body, predictor, options)
    if options is not USUAL:
        predictor.reader.check(options)
    return form(sent).read(body, predictor, options)


def options_of(request: Asked) -> Options:
    """Return what the query of a request says is wanted; raises Invalid."""
    query = request.environ.get("QUERY_STRING")
    return of_query(query) if query else USUAL
