"""Labels in: of predictions by their ids, or by what a column has."""

import msgspec
from flask import Request

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.http.api import Api
from functions.kit.http.requests import bodies
from functions.kit.http.responses.problems import unsupported
from functions.monitoring.model import labels
from functions.monitoring.model.labels import LabelsBody, LabelsTaken
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.labelling import Labelling

JSON, CSV = "application/json", "text/csv"
_body = msgspec.json.Decoder(LabelsBody)


class LabelsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The column that a CSV file's labels are by, where they are not by `id`."""

    key: str | None = None


def add(api: Api, labelling: Labelling, known: KnownModels, max_bytes: int) -> None:
    """Register the route; a body may have `max_bytes`."""

    @api.route(
        "POST",
        "/models/{model}/labels",
        takes=(LabelsBody, CSV),
        problems=(409, 413, 415, 422, 507),
    )
    def post_labels(
        model: str, query: LabelsQuery, request: Request, caller: Caller
    ) -> LabelsTaken:
        """Say what turned out to be true of predictions: by their ids, or by a column's value.

        The last label of a prediction counts. One whose prediction has not come yet waits for it;
        of those by key, a model has 500,000 at most (409).
        """
        body = _read(request, query.key, max_bytes)
        place = Place(caller.workspace, model)
        life = known.check(place)
        labelling.settle()
        if body.key is None:
            return labelling.take(place, labels.by_id(body.labels))
        return labelling.take_by_key(place, life, body.key, labels.by_value(body.labels))


def _read(request: Request, key: str | None, most: int) -> LabelsBody:
    if request.mimetype == CSV:
        return labels.read_csv(bodies.read_limited(request, most), key)
    if request.mimetype != JSON:
        raise unsupported(request.mimetype, f"{JSON} or {CSV}")
    return bodies.decode(bodies.read_limited(request, most), _body)
