"""The protocol's JSON bodies."""

from typing import Annotated, Any

import msgspec

Size = Annotated[int, msgspec.Meta(ge=0)]
Parameters = dict[str, Any]


class InputTensor(msgspec.Struct):
    """One input; `data` is nested or flat, or absent when it follows the JSON as bytes."""

    name: str
    shape: list[Size]
    datatype: str
    parameters: Parameters = {}
    data: list[Any] | None = None


class WantedOutput(msgspec.Struct):
    """One output that the caller asks for."""

    name: str
    parameters: Parameters = {}


class InferRequest(msgspec.Struct):
    """A call; without `outputs`, all are given."""

    inputs: list[InputTensor]
    id: str = ""
    parameters: Parameters = {}
    outputs: list[WantedOutput] = []


class OutputTensor(msgspec.Struct, omit_defaults=True):
    """One output; `data` is flat, row-major, and absent when it follows the JSON as bytes."""

    name: str
    datatype: str
    shape: list[int]
    parameters: Parameters = {}
    data: list[Any] | None = None


class InferResponse(msgspec.Struct, omit_defaults=True):
    """The answer to a call; `parameters` say `why` this version answered, if calls are shared."""

    model_name: str
    model_version: str
    id: str
    outputs: list[OutputTensor]
    parameters: Parameters = {}


class TensorMetadata(msgspec.Struct):
    """What a tensor is; -1 is the number of rows."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(msgspec.Struct):
    """What a model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class IndexEntry(msgspec.Struct):
    """One version in the repository."""

    name: str
    version: str
    state: str
    reason: str


class ErrorBody(msgspec.Struct):
    """What every error is."""

    error: str
