"""Puts together what `prediction` serves by gRPC."""

from pathlib import Path

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.grpc import server
from functions.kit.grpc.calls import Door
from functions.kit.grpc.schemas import Schemas
from functions.kit.http.api import Api
from functions.prediction.adapters.function_client import FunctionClient
from functions.prediction.service.predictions import Service
from functions.prediction.transport.grpc.inference import Inference
from functions.prediction.transport.grpc.training import Training
from functions.prediction.transport.open_inference.inferring import Inferring

SCHEMAS = Path(__file__).parents[1] / "protos" / "schemas.binpb"


def serve(api: Api, service: Service, inferring: Inferring, max_bytes: int) -> None:
    """Serve until SIGTERM; a message may have `max_bytes`."""
    schemas = Schemas(SCHEMAS)
    inference = Inference(schemas, Door(api), service, inferring)
    training = Training(schemas, FunctionClient(FunctionAddresses.from_env()))
    services = [inference.served(), training.served()]
    server.serve(services, schemas, api.recognise, max_bytes)
