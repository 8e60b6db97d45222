"""Malformed and random requests get a status: never a hang, never INTERNAL (contract 0.2)."""

import random

import grpc
import pytest

from emulators.firestore.model.protocol import message

SERVICE = "/google.firestore.v1.Firestore/"
UNARY = [
    "GetDocument",
    "ListDocuments",
    "CreateDocument",
    "UpdateDocument",
    "DeleteDocument",
    "Commit",
    "BatchWrite",
    "BeginTransaction",
    "Rollback",
    "ListCollectionIds",
    "PartitionQuery",
]
STREAMED = ["BatchGetDocuments", "RunQuery", "RunAggregationQuery"]
BAD = {"INTERNAL", "UNAVAILABLE", "UNKNOWN", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"}
TEXTS = [
    "",
    "a",
    "a.b",
    "`",
    "__name__",
    "projects/p/databases/d",
    "projects/p/databases/d/documents",
    "projects/p/databases/d/documents/c/a",
    "projects/p/databases/d/documents/c",
    "\0",
    "/",
]


def fill(some, chance, depth=0):
    """Sets random fields of a protobuf message to random content."""
    for field in some.DESCRIPTOR.fields:
        if chance.random() < 0.4 or depth > 6:
            continue
        if field.message_type is None:
            value = scalar(field, chance)
            if field.is_repeated:
                getattr(some, field.name).extend([value])
            else:
                setattr(some, field.name, value)
        elif field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                fill(getattr(some, field.name)[chance.choice(TEXTS)], chance, depth + 1)
        else:
            child = getattr(some, field.name)
            child = child.add() if field.is_repeated else child
            if not field.is_repeated:
                child.SetInParent()
            fill(child, chance, depth + 1)


def scalar(field, chance):
    if field.cpp_type == field.CPPTYPE_STRING:
        text = chance.choice(TEXTS)
        return text.encode() if field.type == field.TYPE_BYTES else text
    if field.cpp_type == field.CPPTYPE_ENUM:
        return chance.choice([value.number for value in field.enum_type.values])
    if field.cpp_type == field.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if field.cpp_type in {field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT}:
        return chance.choice([0.0, -1.5, float("nan"), float("inf")])
    return chance.choice([0, 1, 2, 1000])


def status(channel, name, payload):
    try:
        if name in STREAMED:
            for _ in channel.unary_stream(SERVICE + name)(payload, timeout=20):
                pass
        else:
            channel.unary_unary(SERVICE + name)(payload, timeout=20)
    except grpc.RpcError as error:
        return f"{error.code().name}: {error.details()}"
    return "OK"


@pytest.mark.parametrize("name", UNARY + STREAMED)
def test_every_request_gets_a_status(emulator, name):
    chance = random.Random(name)
    with grpc.insecure_channel(emulator.host) as channel:
        for round_number in range(60):
            request = message(f"{name}Request")()
            fill(request, chance)
            payload = request.SerializeToString()
            if round_number % 4 == 0:
                payload = chance.randbytes(len(payload))
            found = status(channel, name, payload)
            assert found.partition(":")[0] not in BAD, (found, request)
