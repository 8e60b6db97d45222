"""Puts together what `prediction` serves by gRPC."""

from pathlib import Path

from functions.kit.adapters.config import Settings
from functions.kit.grpc import server
from functions.kit.grpc.calls import Door
from functions.kit.grpc.schemas import Schemas
from functions.kit.http.api import Api
from functions.prediction.service.predictions import Service
from functions.prediction.transport.grpc.inference import Inference
from functions.prediction.transport.open_inference.inferring import Inferring

SCHEMAS = Path(__file__).with_name("protos") / "schemas.binpb"


def serve(api: Api, service: Service, inferring: Inferring, settings: Settings) -> None:
    """Serve until SIGTERM."""
    schemas = Schemas(SCHEMAS)
    inference = Inference(schemas, Door(api), service, inferring)
    server.serve([inference.served()], schemas, settings.max_json_bytes)
