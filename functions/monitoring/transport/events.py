"""Batches of predictions in, from replicas: CloudEvents in the batched content mode."""

import msgspec
from flask import Request

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.telemetry.predictions import BATCH_TYPE, LARGEST_BATCH, PATH, Event
from functions.kit.http.api import Api
from functions.kit.http.requests import bodies
from functions.kit.http.responses.problems import unsupported
from functions.kit.service.latecomers import Latecomers
from functions.monitoring.service.ingestion import Ingestion
from functions.monitoring.service.labelling import Labelling

_events = msgspec.json.Decoder(list[Event])


def add(
    api: Api, ingestion: Ingestion, latecomers: Latecomers[list[Event]], labelling: Labelling
) -> None:
    """Register the route."""

    @api.route("POST", PATH, access="step", hidden=True, noted=False)
    def tell(request: Request, caller: Caller) -> None:
        """Keep a batch of predictions."""
        if request.mimetype != BATCH_TYPE:
            raise unsupported(request.mimetype, BATCH_TYPE)
        events = bodies.decode(bodies.read_limited(request, LARGEST_BATCH), _events)
        ingestion.take(events, caller.name)
        latecomers.look()
        labelling.settle()
