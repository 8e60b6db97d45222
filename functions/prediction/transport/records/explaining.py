"""Explains a prediction that was logged: for `monitoring`, which shows it to its owner."""

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.names import version_number
from functions.kit.http.api import Api
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.prediction.service.predictions import Service
from functions.prediction.transport.records import asking


def add(api: Api, service: Service, max_bytes: int) -> None:
    """Register the route; a body may have `max_bytes`."""

    @api.route("POST", "/models/{model}/versions/{version}/explain", access="step", hidden=True)
    def explain(model: str, version: str, request: Asked, caller: Caller) -> Answer:
        """Give the explanations of records by one version; nothing is logged or counted."""
        predictor = service.predictor(Place(caller.workspace, model), version_number(version))
        asked = asking.read(request, max_bytes, predictor)
        options = msgspec.structs.replace(asked.options, explain=True)
        given = service.predict(predictor, asked._replace(options=options))
        return Answer(msgspec.json.encode(given.explanations))
