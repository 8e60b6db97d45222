"""The routes of records that are pushed: as JSON, and as CloudEvents that a trigger brings.

A broker passes no Authorization on: an event brings the API key in its data.
"""

import hashlib
from typing import Annotated

import msgspec
from flask import Request

from functions.datasets.service.imports.pushing import Pushed, Pushes
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.contract.requests.idempotency import id_of
from functions.kit.http.api import Api
from functions.kit.http.requests import bodies
from functions.kit.http.requests.idempotency import Repeatable, request_id
from functions.kit.http.routing.routes import Reply

EVENTS = "/records/pushed"
EVENT_TYPE = "dev.mayfly.records.pushed"
LARGEST_EVENT = 1024 * 1024
# One commit of Firestore holds 500 writes; the dataset, the request's note and the log are three.
MOST = 450
_STRUCTURED = "application/cloudevents+json"

Records = Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=MOST)]


class PushBody(msgspec.Struct, forbid_unknown_fields=True):
    """Records, each its values by column: 450 at most, which become one revision."""

    records: Records


class PushedRecords(msgspec.Struct):
    """The data of an event of EVENT_TYPE.

    Attributes:
        dataset: into which.
        records: as in a PushBody.
        key: an API key that may write; best one for that dataset alone.
    """

    dataset: str
    records: Records
    key: str


class _Event(msgspec.Struct):
    id: str
    source: str
    type: str
    data: PushedRecords


_events = msgspec.json.Decoder(_Event)
_data = msgspec.json.Decoder(PushedRecords)


def add(api: Api, pushes: Pushes) -> None:
    """Register the routes."""

    @api.route("POST", "/datasets/{dataset}/records/bulk", status=201, problems=(409, 507))
    def push_records(
        dataset: str, body: PushBody, request: Repeatable, caller: Caller
    ) -> Reply[Pushed]:
        """Add up to 450 records as one revision.

        A repeat with the same `Idempotency-Key` header adds none.
        """
        records = [bytes(record) for record in body.records]
        place = Place(caller.workspace, dataset)
        made_by = request_id(request, caller)
        return Reply(pushes.push(place, records, made_by, caller.account), 201)

    @api.route("POST", EVENTS, access="open", hidden=True, status=204)
    def take_records(request: Request) -> None:
        """Add the records that a CloudEvent of type EVENT_TYPE brings, once for each event."""
        event = event_of(request)
        data = event.data
        caller = api.caller_of(data.key, "write", dataset=data.dataset)
        name = hashlib.sha256(f"{event.source}\n{event.id}".encode()).hexdigest()
        made_by = id_of(caller.workspace, caller.account or caller.name, f"event {name}")
        records = [bytes(record) for record in data.records]
        place = Place(caller.workspace, data.dataset)
        pushes.push(place, records, made_by, caller.account)


def event_of(request: Request) -> _Event:
    """Return the event of either HTTP mode that a request is.

    Raises:
        Unreadable: it is not JSON, or no event of ours.
        Invalid: its data are something else.
        TooLarge: it is over LARGEST_EVENT.
        Problem: 415, it is of another type.
    """
    body = bodies.read_json(request, LARGEST_EVENT)
    if request.mimetype == _STRUCTURED:
        event = bodies.decode(body, _events)
    else:
        named = {name: request.headers.get(f"ce-{name}", "") for name in ("id", "source", "type")}
        event = _Event(**named, data=bodies.decode(body, _data))
    if event.type != EVENT_TYPE or not event.id or not event.source:
        flaw = Flaw(f"an event of type {EVENT_TYPE} with an id and a source is wanted")
        raise Unreadable(f"The event cannot be taken: {flaw.reason}.", flaw)
    return event
