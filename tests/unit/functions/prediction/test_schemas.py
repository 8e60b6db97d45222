"""The schemas of gRPC: what clients have is read, whatever they leave out."""

import os
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from tritonclient.grpc import service_pb2

from functions.kit.grpc.schemas import Schemas
from infra.local import schemas

COMPILED = FileDescriptorSet.FromString(schemas.COMPILED.read_bytes())
[INFERENCE] = [file for file in COMPILED.file if file.package == "inference"]


def test_the_compiled_schemas_are_those_of_the_files(tmp_path: Path) -> None:
    schemas.compile_to(tmp_path / "schemas.binpb")
    assert FileDescriptorSet.FromString((tmp_path / "schemas.binpb").read_bytes()) == COMPILED


def test_schemas_are_compiled_anew_once_a_file_is_newer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compiled = tmp_path / "schemas.binpb"
    monkeypatch.setattr(schemas, "COMPILED", compiled)
    schemas.ensure()
    made = compiled.read_bytes()
    compiled.write_bytes(b"as it is")
    schemas.ensure()
    assert compiled.read_bytes() == b"as it is"
    os.utime(compiled, (1, 1))
    schemas.ensure()
    assert compiled.read_bytes() == made


@pytest.mark.parametrize("name", [message.name for message in INFERENCE.message_type])
def test_names_and_numbers_are_those_of_triton_s_client(name: str) -> None:
    """Two schemas of one package, in one process."""
    kind = Schemas(schemas.COMPILED).message(f"inference.{name}")
    theirs = service_pb2.DESCRIPTOR.message_types_by_name.get(name)
    if theirs is None:  # a part of the configuration, which is a file of its own
        config = service_pb2.DESCRIPTOR.message_types_by_name["ModelConfigResponse"]
        theirs = config.fields_by_name["config"].message_type.file.message_types_by_name[name]
    known = {field.name: (field.number, field.type) for field in theirs.fields}
    for field in kind.DESCRIPTOR.fields:
        assert known[field.name] == (field.number, field.type)


def test_methods_are_those_of_triton_s_client() -> None:
    [service] = INFERENCE.service
    known = service_pb2.DESCRIPTOR.services_by_name[service.name].methods_by_name
    for method in service.method:
        assert method.input_type == f".{known[method.name].input_type.full_name}"
        assert method.output_type == f".{known[method.name].output_type.full_name}"
