"""The protocol's routes, below `/v2`."""

from collections.abc import Callable, Sequence
from typing import Any, get_type_hints

from flask import Request, Response

from functions.kit.api import Api
from functions.kit.names import version_number
from functions.kit.problems import Problem
from functions.kit.registry import CHAMPION
from functions.prediction.answers import Ids
from functions.prediction.predictor import Predictor
from functions.prediction.protocol import framing, mapping
from functions.prediction.protocol.messages import (
    IndexEntry,
    InferRequest,
    InferResponse,
    ModelMetadata,
    OutputTensor,
    WantedOutput,
)
from functions.prediction.protocol.tensors import raw_bytes
from functions.prediction.service import Service

PREFIX = "/v2"
# Clients read different keys.
READY = {"live": True, "ready": True}


def add(api: Api, service: Service, max_bytes: int) -> None:
    """Register the routes; a body, uncompressed, may have `max_bytes`."""
    api.answer_errors_below(PREFIX, framing.error)
    _add_server(api, service)
    _add_model(api, service)
    _add_infer(api, service, max_bytes)
    _add_repository(api, service)


def _add_server(api: Api, service: Service) -> None:
    @api.route("GET", "/v2", access="open")
    def server_metadata() -> dict[str, Any]:
        """Describe the server."""
        extensions = ["binary_tensor_data", "model_repository", "model_configuration"]
        return {"name": "mayfly", "version": "2", "extensions": extensions}

    @api.route("GET", "/v2/health/live", access="open")
    def server_live() -> dict[str, bool]:
        """Tell that the server runs."""
        return READY

    @api.route("GET", "/v2/health/ready", access="open")
    def server_ready() -> dict[str, bool]:
        """Tell that the server takes calls."""
        return READY

    @api.route("GET", "/v2/models")
    def list_names() -> dict[str, list[str]]:
        """List the models' names."""
        return {"models": [name for name, _ in service.models()]}


def _add_model(api: Api, service: Service) -> None:
    def model_metadata(predictor: Predictor, _request: Request) -> ModelMetadata:
        """Describe what a model takes and gives."""
        version = predictor.version
        return ModelMetadata(
            name=version.model,
            versions=[str(version.version)],
            platform=mapping.PLATFORM,
            inputs=mapping.inputs(version.signature),
            outputs=mapping.outputs(version.signature),
        )

    def model_ready(predictor: Predictor, _request: Request) -> dict[str, Any]:
        """Make a model ready, and tell that it is."""
        return {"name": predictor.version.model, **READY}

    def model_config(predictor: Predictor, _request: Request) -> dict[str, Any]:
        """Describe a model as Triton's configuration does."""
        return mapping.config(predictor.version)

    _register(api, service, "GET", "", model_metadata)
    _register(api, service, "GET", "/ready", model_ready)
    _register(api, service, "GET", "/config", model_config)


def _add_infer(api: Api, service: Service, max_bytes: int) -> None:
    ids = Ids()

    def infer(predictor: Predictor, request: Request) -> Response:
        """Predict for the rows of the input tensors."""
        call, raws = framing.read(request, max_bytes)
        signature = predictor.version.signature
        records = predictor.reader.convert(mapping.rows(signature, call.inputs, raws))
        found = mapping.results(signature, predictor.run(records), call.outputs)
        outputs, tensors = _binary(call, found)
        version = predictor.version
        answer = InferResponse(version.model, str(version.version), call.id or ids(), outputs)
        return framing.write(answer, tensors, request.headers.get("Accept-Encoding", ""))

    _register(api, service, "POST", "/infer", infer, takes=InferRequest, gives=InferResponse)


def _binary(
    call: InferRequest, found: Sequence[tuple[OutputTensor, WantedOutput]]
) -> tuple[list[OutputTensor], list[bytes]]:
    """Take the values of those outputs that are wanted as bytes out of the JSON."""
    everything = call.parameters.get("binary_data_output", False)
    outputs, tensors = [], []
    for tensor, wanted in found:
        if not wanted.parameters.get("binary_data", everything):
            outputs.append(tensor)
            continue
        raw = raw_bytes(tensor.datatype, tensor.data or [])
        parameters = {"binary_data_size": len(raw)}
        outputs.append(OutputTensor(tensor.name, tensor.datatype, tensor.shape, parameters))
        tensors.append(raw)
    return outputs, tensors


def _add_repository(api: Api, service: Service) -> None:
    @api.route("POST", "/v2/repository/index")
    def repository_index() -> list[IndexEntry]:
        """List every version; all are ready, for what is not loaded is loaded on demand."""
        return [
            IndexEntry(name, str(version), "READY", "")
            for name, versions in service.models()
            for version in versions
        ]

    @api.route("POST", "/v2/repository/models/{name}/load")
    def load(name: str) -> dict[str, str]:
        """Make a model ready in this replica."""
        service.predictor(name, CHAMPION)
        return {}

    @api.route("POST", "/v2/repository/models/{name}/unload")
    def unload(name: str) -> None:
        """Refuse: replicas hold and drop models as they need room."""
        raise Problem(501, f"'{name}' cannot be unloaded: replicas drop what is long unused.")


def _register(
    api: Api,
    service: Service,
    method: str,
    path: str,
    act: Callable[[Predictor, Request], Any],
    **described: Any,
) -> None:
    """Register `act` for a model and for one version of it; `described` as `Api.route` takes it."""

    def by_name(name: str, request: Request) -> Any:
        return act(service.predictor(name, CHAMPION), request)

    def by_version(name: str, version: str, request: Request) -> Any:
        return act(service.predictor(name, version_number(version)), request)

    for handler, place, suffix in (
        (by_name, "", ""),
        (by_version, "/versions/{version}", "_by_version"),
    ):
        handler.__name__ = act.__name__ + suffix
        handler.__doc__ = act.__doc__
        handler.__annotations__["return"] = get_type_hints(act)["return"]
        api.route(method, f"/v2/models/{{name}}{place}{path}", **described)(handler)
