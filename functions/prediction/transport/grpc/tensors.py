"""Tensors of messages: raw bytes, or values in the field that their datatype has."""

from collections.abc import Iterable, Mapping
from typing import Any

from functions.kit.contract.errors import Unreadable, too_large
from functions.kit.grpc.schemas import Message
from functions.prediction.transport.open_inference.inferring import Call, Inferred
from functions.prediction.transport.open_inference.messages import (
    InferRequest,
    InputTensor,
    Parameters,
    WantedOutput,
)
from functions.prediction.transport.open_inference.tensors import BYTES, raw_bytes

FIELDS = {
    "BOOL": "bool_contents",
    **dict.fromkeys(("INT8", "INT16", "INT32"), "int_contents"),
    "INT64": "int64_contents",
    **dict.fromkeys(("UINT8", "UINT16", "UINT32"), "uint_contents"),
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    BYTES: "bytes_contents",
}
"""Where values of a datatype are; those of FP16 come as bytes alone."""


def read(message: Message, most: int) -> Call:
    """Return a call of at most so many bytes.

    Raises:
        TooLarge, Unreadable: that names the input.
    """
    if message.ByteSize() > most:
        raise too_large(most)
    raws = list(message.raw_input_contents)
    if raws and len(raws) != len(message.inputs):
        raise Unreadable(
            f"raw_input_contents has {len(raws)} entries for {len(message.inputs)} inputs: "
            "give each input one, in their order, or values in contents."
        )
    call = InferRequest(
        [_input(one, is_raw=bool(raws)) for one in message.inputs],
        message.id,
        _parameters(message.parameters),
        [WantedOutput(one.name, _parameters(one.parameters)) for one in message.outputs],
    )
    return call, raws or [None] * len(call.inputs)


def _input(given: Message, *, is_raw: bool) -> InputTensor:
    tensor = InputTensor(given.name, [*given.shape], given.datatype, _parameters(given.parameters))
    if not is_raw:
        tensor.data = _values(given)
    elif given.HasField("contents"):
        raise Unreadable(f"Input '{given.name}' has contents beside raw_input_contents.")
    return tensor


def _values(given: Message) -> list[Any] | None:
    field = FIELDS.get(given.datatype)
    if field is None:  # what reads it says what is wrong with it
        return None
    for filled, _ in given.contents.ListFields():
        if filled.name != field:
            raise Unreadable(
                f"Input '{given.name}': values of {given.datatype} belong in {field}, "
                f"not in {filled.name}."
            )
    values = getattr(given.contents, field)
    return _texts(given.name, values) if given.datatype == BYTES else [*values]


def _texts(name: str, values: Iterable[bytes]) -> list[str]:
    found: list[str] = []
    for value in values:
        try:
            found.append(value.decode())
        except UnicodeDecodeError as error:
            raise Unreadable(f"Input '{name}': element {len(found) + 1} is not UTF-8.") from error
    return found


def _parameters(given: Mapping[str, Message]) -> Parameters:
    if not given:
        return {}
    return {name: getattr(one, one.WhichOneof("parameter_choice")) for name, one in given.items()}


def write(message: Message, inferred: Inferred, *, as_bytes: bool) -> None:
    """Put the outputs into an answer: as bytes, or in typed contents, as the inputs were."""
    for one, flat, _ in inferred.outputs:
        output = message.outputs.add(name=one.name, datatype=one.datatype, shape=one.shape)
        if as_bytes:
            message.raw_output_contents.append(raw_bytes(one.datatype, flat))
        elif isinstance(flat, list):
            output.contents.bytes_contents.extend(map(str.encode, flat))
        else:
            getattr(output.contents, FIELDS[one.datatype]).extend(flat.tolist())
