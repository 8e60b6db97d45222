"""From a request's body to what is asked, by the body's type."""

from functions.kit.http.bodies import read_json
from functions.kit.http.plain import Asked
from functions.prediction.model.options import USUAL, of_query
from functions.prediction.model.questions import Question
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats import json


def read(request: Asked, most: int, predictor: Predictor) -> Question:
    """Return what a request asks; its body may have `most` bytes.

    The query says what is wanted beside the prediction, where the body has no place for that.

    Raises:
        Unreadable, Invalid: what is wrong with it.
        TooLarge: or Problem (415).
    """
    query = request.environ.get("QUERY_STRING")
    options = of_query(query) if query else USUAL
    return json.read(read_json(request, most), predictor, options)
