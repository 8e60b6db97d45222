"""The schemas of gRPC: what is compiled is what the files say, and what clients have."""

from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from tritonclient.grpc import service_pb2

from functions.kit.grpc.schemas import Schemas
from infra.local.commands import protos


def test_the_compiled_schemas_are_those_of_the_files(tmp_path: Path) -> None:
    assert protos.compiled_to(tmp_path / "schemas.binpb") == 0
    now = FileDescriptorSet.FromString((tmp_path / "schemas.binpb").read_bytes())
    kept = FileDescriptorSet.FromString(protos.COMPILED.read_bytes())
    assert kept == now, "compile them anew: ./mayfly protos"


@pytest.mark.parametrize("name", ["ModelInferRequest", "ModelInferResponse", "ModelConfig"])
def test_a_client_s_messages_are_read(name: str) -> None:
    """Two schemas of one package, in one process."""
    kind = Schemas(protos.COMPILED).message(f"inference.{name}")
    theirs = getattr(service_pb2, name, None) or service_pb2.ModelConfigResponse().config.__class__
    ours = {field.name: field.number for field in kind.DESCRIPTOR.fields}
    assert ours.items() >= {one.name: one.number for one in theirs.DESCRIPTOR.fields}.items()
