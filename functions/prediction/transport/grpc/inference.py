"""The service `inference.GRPCInferenceService`: each method is a route of `/v2`, with messages."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.requests.names import version_number
from functions.kit.grpc.calls import Door, GrpcCall, Metadata
from functions.kit.grpc.handlers import Given
from functions.kit.grpc.handlers import Service as GrpcService
from functions.kit.grpc.schemas import Message, Schemas, filled
from functions.kit.grpc.statuses import metadata_of
from functions.kit.http.activity import note_rows
from functions.kit.http.responses.problems import Problem
from functions.kit.http.responses.rate_limits import fields
from functions.prediction.service.choosing import CACHE, REASON
from functions.prediction.service.predictions import Service
from functions.prediction.transport import delivery, fresh
from functions.prediction.transport.grpc import tensors
from functions.prediction.transport.open_inference.inferring import Inferred, Inferring
from functions.prediction.transport.open_inference.routes import PREFIX
from functions.prediction.transport.sticking import key_of

NAME = "inference.GRPCInferenceService"
MODEL = f"{PREFIX}/models/{{model}}"
NOT_READY = frozenset((404, 503))


class _Told(NamedTuple):
    """A method that tells what a route tells: the route's method and template, and its message."""

    method: str
    path: str
    shown: Callable[[Any], dict[str, Any]] = lambda given: given


TOLD = {
    "ServerLive": _Told("GET", f"{PREFIX}/health/live", lambda given: {"live": given["live"]}),
    "ServerReady": _Told("GET", f"{PREFIX}/health/ready", lambda given: {"ready": given["ready"]}),
    "ServerMetadata": _Told("GET", PREFIX),
    "ModelMetadata": _Told("GET", MODEL),
    "ModelConfig": _Told("GET", f"{MODEL}/config", lambda given: {"config": given}),
    "RepositoryIndex": _Told("POST", f"{PREFIX}/repository/index", lambda given: {"models": given}),
    "RepositoryModelLoad": _Told("POST", f"{PREFIX}/repository/models/{{model}}/load"),
    "RepositoryModelUnload": _Told("POST", f"{PREFIX}/repository/models/{{model}}/unload"),
}
READY = _Told("GET", f"{MODEL}/ready", lambda _: {"ready": True})
STATISTICS, ALL_STATISTICS = _Told("GET", f"{MODEL}/stats"), _Told("GET", f"{PREFIX}/models/stats")


class Inference:
    """Answers the service's methods.

    Args:
        schemas: has its messages.
        door: lets calls in as the routes do.
        service: finds the version that a caller wants.
        inferring: runs models.
    """

    def __init__(
        self, schemas: Schemas, door: Door, service: Service, inferring: Inferring
    ) -> None:
        self._schemas = schemas
        self._door = door
        self._service = service
        self._inferring = inferring
        self._response = schemas.message("inference.ModelInferResponse")

    def served(self) -> GrpcService:
        """Return the service, as a server takes it."""
        told = {name: partial(self._tell, name, one) for name, one in TOLD.items()}
        rest = {
            "ModelReady": self._ready,
            "ModelStatistics": self._statistics,
            "ModelInfer": self._infer,
        }
        opened = {name for name, one in TOLD.items() if self._door.is_open((one.method, one.path))}
        return GrpcService(NAME, {**told, **rest}, frozenset(opened))

    def _tell(self, name: str, told: _Told, message: Message, metadata: Metadata) -> Given:
        kind = self._schemas.method(NAME, name).given
        path, parameters = _place(told.path, message)
        given = self._door.answer(metadata, (told.method, path), parameters)
        shown = told.shown(msgspec.to_builtins(given))
        return Given(filled(kind, shown))

    def _ready(self, message: Message, metadata: Metadata) -> Given:
        """Tell whether a model can be asked; as Triton, of one that is not there, too."""
        try:
            return self._tell("ModelReady", READY, message, metadata)
        except Problem as problem:
            if problem.status not in NOT_READY:
                raise
            return Given(self._schemas.message("inference.ModelReadyResponse")())

    def _statistics(self, message: Message, metadata: Metadata) -> Given:
        told = STATISTICS if message.name else ALL_STATISTICS
        return self._tell("ModelStatistics", told, message, metadata)

    def _infer(self, message: Message, metadata: Metadata) -> Given:
        """Predict for the rows of the input tensors."""
        model, version = message.model_name, message.model_version

        def act(call: GrpcCall, caller: Caller) -> Given:
            reference = version_number(version) if version else CHAMPION
            place = Place(caller.workspace, model)
            cache = self._inferring.cache
            inferred = self._inferring.infer(
                self._service.choose(place, reference, caller, key_of(call)),
                caller,
                partial(tensors.read, message),
                before_answer=delivery.asked(call),
                cache=cache and fresh.allowed(cache, call),
            )
            note_rows(call, inferred.rows)
            return self._answer(message, inferred)

        path, parameters = _below(f"{MODEL}/infer", model, version)
        given: Given = self._door.answer(metadata, ("POST", path), parameters, act)
        return given

    def _answer(self, asked: Message, inferred: Inferred) -> Given:
        chosen = inferred.chosen
        version = str(chosen.predictor.version.version)
        found = self._response(model_name=asked.model_name, model_version=version, id=inferred.id)
        if chosen.trial is not None:
            found.parameters["why"].string_param = chosen.why
        tensors.write(found, inferred, as_bytes=bool(asked.raw_input_contents))
        said = {REASON: inferred.chosen.why, **fields(inferred.standing)}
        if inferred.chosen.cache:
            said[CACHE] = inferred.chosen.cache
        return Given(found, metadata_of(said))


def _place(path: str, message: Message) -> tuple[str, dict[str, str]]:
    """Return a route's template, and its parameters as a message names them."""
    if "{model}" not in path:
        return path, {}
    return _below(path, *_named(message))


def _named(message: Message) -> tuple[str, str]:
    """Return the model that a message names, and its version or none."""
    if "model_name" in message.DESCRIPTOR.fields_by_name:
        return message.model_name, ""
    return message.name, message.version


def _below(path: str, model: str, version: str) -> tuple[str, dict[str, str]]:
    """Return the template of a model's route, or of its version's, and the parameters."""
    if not version:
        return path, {"model": model}
    whole = path.replace("{model}", "{model}/versions/{version}")
    return whole, {"model": model, "version": version}
