"""The protocol's routes, below `/v2`."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, NoReturn

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.models.features import Array
from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.requests.names import version_number
from functions.kit.http.activity import note_rows
from functions.kit.http.api import Api
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.problems import Problem
from functions.kit.http.responses.rate_limits import fields
from functions.kit.http.routing.routes import Header
from functions.prediction.service.choosing import CACHE, REASON
from functions.prediction.service.ports import Chosen
from functions.prediction.service.predictions import Service
from functions.prediction.transport import delivery, fresh
from functions.prediction.transport.delivery import Deliverable
from functions.prediction.transport.open_inference import framing, mapping
from functions.prediction.transport.open_inference.inferring import Inferring
from functions.prediction.transport.open_inference.messages import (
    ErrorBody,
    IndexEntry,
    InferRequest,
    InferResponse,
    ModelMetadata,
    OutputTensor,
    TensorMetadata,
    WantedOutput,
)
from functions.prediction.transport.open_inference.statistics import AllStatistics, Statistics
from functions.prediction.transport.open_inference.tensors import raw_bytes
from functions.prediction.transport.sticking import key_of

PREFIX = "/v2"
Inferable = Annotated[Deliverable, Header(fresh.HEADER)]
"""A request whose answer may have to be no old one, too."""
# Clients read different keys.
READY = {"live": True, "ready": True}
EXTENSIONS = ["binary_tensor_data", "model_repository", "model_configuration", "statistics"]


LOGGED = "X-Prediction-Id"
"""The header that says by which id predictions are logged whose call has an id of its own."""


def add(api: Api, service: Service, inferring: Inferring) -> None:
    """Register the routes."""
    api.answer_errors_below(PREFIX, framing.error, ErrorBody, framing.STATUSES)
    _add_server(api, service)
    _add_model(api, service)
    _add_infer(api, service, inferring)
    _add_repository(api, service)


def _add_server(api: Api, service: Service) -> None:
    @api.route("GET", "/v2", needs=None, filters=True)
    def server_metadata() -> dict[str, Any]:
        """Describe the server."""
        return {"name": "mayfly", "version": "2", "extensions": EXTENSIONS}

    @api.route("GET", "/v2/health/live", access="open", noted=False)
    def server_live() -> dict[str, bool]:
        """Tell that the server runs."""
        return READY

    @api.route("GET", "/v2/health/ready", access="open", noted=False)
    def server_ready() -> dict[str, bool]:
        """Tell that the server takes calls."""
        return READY

    @api.route("GET", "/v2/models", filters=True)
    def list_names(caller: Caller) -> dict[str, list[str]]:
        """List the models' names."""
        return {"models": [name for name, _ in _seen(service, caller)]}


def _add_model(api: Api, service: Service) -> None:
    def model_metadata(chosen: Chosen, _request: Asked, caller: Caller) -> ModelMetadata:
        """Describe what a model takes and gives."""
        predictor = chosen.predictor
        version = predictor.version
        place = Place(caller.workspace, version.model)
        return ModelMetadata(
            name=version.model,
            versions=[str(number) for number in service.versions(place)],
            platform=mapping.PLATFORM,
            inputs=mapping.inputs(version.signature),
            outputs=mapping.outputs(version.signature, is_double=predictor.is_double),
        )

    def model_ready(chosen: Chosen, _request: Asked, _caller: Caller) -> dict[str, Any]:
        """Make a model ready, and tell that it is."""
        return {"name": chosen.predictor.version.model, **READY}

    def model_config(chosen: Chosen, _request: Asked, _caller: Caller) -> dict[str, Any]:
        """Describe a model as Triton's configuration does."""
        predictor = chosen.predictor
        return mapping.config(predictor.version, is_double=predictor.is_double)

    _register(api, service, "GET", "", model_metadata)
    _register(api, service, "GET", "/ready", model_ready, needs="predict")
    _register(api, service, "GET", "/config", model_config)


def _add_infer(api: Api, service: Service, inferring: Inferring) -> None:
    def infer(chosen: Chosen, request: Inferable, caller: Caller) -> Answer:
        """Predict for the rows of the input tensors."""
        read, before_answer = partial(framing.read, request), delivery.asked(request)
        cache = inferring.cache
        if cache is not None:
            cache = fresh.allowed(cache, request)
        inferred = inferring.infer(chosen, caller, read, before_answer=before_answer, cache=cache)
        outputs, tensors = _binary(inferred.call, inferred.outputs)
        note_rows(request, inferred.rows)
        chosen = inferred.chosen
        version = chosen.predictor.version
        answer = InferResponse(version.model, str(version.version), inferred.id, outputs)
        if chosen.trial is not None:
            answer.parameters = {"why": chosen.why}
        accepted = request.environ.get("HTTP_ACCEPT_ENCODING", "")
        headers = {REASON: chosen.why, **fields(inferred.standing)}
        if chosen.cache:
            headers[CACHE] = chosen.cache
        if inferred.logged != inferred.id:
            headers[LOGGED] = inferred.logged
        return framing.write(answer, tensors, accepted, headers)

    _add_statistics(api, service, inferring.statistics)
    described: Any = {"needs": "predict", "takes": InferRequest, "gives": InferResponse}
    described["plain"] = True
    _register(api, service, "POST", "/infer", infer, refusals=(429, 507), **described)


def _add_statistics(api: Api, service: Service, statistics: Statistics) -> None:
    @api.route("GET", "/v2/models/stats", filters=True)
    def statistics_of_all(caller: Caller) -> AllStatistics:
        """Tell what this replica was asked of each version."""
        asked = statistics.asked(caller.workspace)
        return statistics.told([key for key in asked if caller.sees("model", key[0].name)])

    @api.route("GET", "/v2/models/{model}/stats")
    def statistics_of_model(model: str, caller: Caller) -> AllStatistics:
        """Tell what this replica was asked of a model's versions."""
        place = Place(caller.workspace, model)
        return statistics.told([(place, number) for number in service.versions(place)])

    @api.route("GET", "/v2/models/{model}/versions/{version}/stats", problems=(422,))
    def statistics_of_version(model: str, version: str, caller: Caller) -> AllStatistics:
        """Tell what this replica was asked of one version."""
        place, number = Place(caller.workspace, model), version_number(version)
        if number not in service.versions(place):
            raise not_found("version", version, of=model)
        return statistics.told([(place, number)])


def _binary(
    call: InferRequest,
    found: Sequence[tuple[TensorMetadata, Array | list[str], WantedOutput]],
) -> tuple[list[OutputTensor], list[bytes]]:
    """Part the outputs, and the bytes of those that are wanted so."""
    everything = call.parameters.get("binary_data_output", False)
    outputs, tensors = [], []
    for one, flat, wanted in found:
        tensor = OutputTensor(one.name, one.datatype, one.shape)
        outputs.append(tensor)
        if wanted.parameters.get("binary_data", everything):
            raw = raw_bytes(one.datatype, flat)
            tensor.parameters = {"binary_data_size": len(raw)}
            tensors.append(raw)
        else:
            tensor.data = flat if isinstance(flat, list) else flat.tolist()
    return outputs, tensors


def _add_repository(api: Api, service: Service) -> None:
    @api.route("POST", "/v2/repository/index", needs="read", filters=True)
    def repository_index(caller: Caller) -> list[IndexEntry]:
        """List every version; all are ready, for what is not loaded is loaded on demand."""
        return [
            IndexEntry(name, str(version), "READY", "")
            for name, versions in _seen(service, caller)
            for version in versions
        ]

    @api.route("POST", "/v2/repository/models/{model}/load", needs="predict")
    def load(model: str, caller: Caller) -> dict[str, str]:
        """Make a model ready in this replica."""
        service.predictor(Place(caller.workspace, model), CHAMPION)
        return {}

    @api.route("POST", "/v2/repository/models/{model}/unload", needs="predict", status=501)
    def unload(model: str) -> NoReturn:
        """Refuse: replicas hold and drop models as they need room."""
        raise Problem(501, f"'{model}' cannot be unloaded: replicas drop what is long unused.")


def _seen(service: Service, caller: Caller) -> list[tuple[str, Sequence[int]]]:
    """Return the models that the caller may know of, each with its versions."""
    found = service.models(caller.workspace)
    return [(name, versions) for name, versions in found if caller.sees("model", name)]


def _register(
    api: Api,
    service: Service,
    method: str,
    path: str,
    act: Callable[[Chosen, Asked, Caller], Any],
    refusals: tuple[int, ...] = (),
    **described: Any,
) -> None:
    """Register `act` for a model and for one version of it; `described` as `Api.route` takes it."""

    def by_name(model: str, request: Asked, caller: Caller) -> Any:
        place = Place(caller.workspace, model)
        return act(service.choose(place, CHAMPION, caller, key_of(request)), request, caller)

    def by_version(model: str, version: str, request: Asked, caller: Caller) -> Any:
        place = Place(caller.workspace, model)
        return act(service.choose(place, version_number(version)), request, caller)

    # A version in a path may be no number (422).
    for handler, below, suffix, problems in (
        (by_name, "", "", ()),
        (by_version, "/versions/{version}", "_by_version", (422,)),
    ):
        handler.__name__ = act.__name__ + suffix
        handler.__doc__ = act.__doc__
        handler.__annotations__["return"] = act.__annotations__["return"]
        handler.__annotations__["request"] = act.__annotations__.get("request", Asked)
        whole = f"/v2/models/{{model}}{below}{path}"
        api.route(method, whole, problems=(*problems, *refusals), **described)(handler)
