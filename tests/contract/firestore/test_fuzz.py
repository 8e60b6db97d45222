"""Malformed and random requests get a status: never a hang, never INTERNAL (contract 0.2)."""

import http.client
import json
import random
import socket

import grpc
import pytest
from google.protobuf import json_format

from emulators.firestore.model.protocol import message
from tests.support.processes import PATIENCE

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
            for _ in channel.unary_stream(SERVICE + name)(payload, timeout=PATIENCE):
                pass
        else:
            channel.unary_unary(SERVICE + name)(payload, timeout=PATIENCE)
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


VERBS = {
    "Commit": "commit",
    "BatchWrite": "batchWrite",
    "BeginTransaction": "beginTransaction",
    "Rollback": "rollback",
    "BatchGetDocuments": "batchGet",
    "ListCollectionIds": "listCollectionIds",
    "PartitionQuery": "partitionQuery",
    "RunQuery": "runQuery",
    "RunAggregationQuery": "runAggregationQuery",
}
ROOT = "/v1/projects/p/databases/d/documents"


def ask(emulator, method, path, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port, timeout=PATIENCE)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("name", VERBS)
def test_every_request_over_http_gets_a_status(emulator, name):
    chance = random.Random(name)
    for round_number in range(40):
        request = message(f"{name}Request")()
        fill(request, chance)
        body = json.dumps(json_format.MessageToDict(request))
        if round_number % 4 == 0:
            place = chance.randrange(len(body))
            body = body[:place] + chance.choice(['"', "{", "[", "1", "\\ud800"]) + body[place:]
        code, answer = ask(emulator, "POST", f"{ROOT}:{VERBS[name]}", body.encode())
        assert code in {200, 400, 404, 409, 501}, (code, answer, body)


PATHS = [
    ROOT,
    f"{ROOT}/",
    f"{ROOT}//",
    f"{ROOT}/c/%00",
    f"{ROOT}/c/a?mask.fieldPaths=%60",
    f"{ROOT}/c?pageSize=x",
    f"{ROOT}/c?pageToken=AAAA&orderBy=%60",
    f"{ROOT}/c/a?readTime=yesterday",
    f"{ROOT}/c/a?transaction=%%%",
    "/v1/",
    "/v1/projects/p",
    "/browse/projects/p/databases/d/documents/c?after=zz",
    "/browse/projects/p/databases/d/documents//",
    "/emulator/v1:export",
    "/emulator/v1/projects/p/triggers/x",
    "/shutdown?",
    "/nothing",
    "*",
]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_every_path_gets_a_status(emulator, method):
    for path in PATHS:
        code, answer = ask(emulator, method, path, b"[]" if method != "GET" else b"")
        expected = {403} if (method, path) == ("POST", "/shutdown?") else {200, 400, 404, 409, 501}
        assert code in expected, (code, answer, path)


def test_bytes_that_are_no_protocol_end_the_connection(emulator):
    chance = random.Random(1)
    samples = [chance.randbytes(200) for _ in range(20)]
    samples += [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chance.randbytes(100), b"GET", b"PRI *"]
    samples += [
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a" * 99_999,
    ]
    for sample in samples:
        with socket.create_connection(("127.0.0.1", emulator.port), timeout=PATIENCE) as connection:
            connection.sendall(sample)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    assert ask(emulator, "GET", "/")[0] == 200


def test_requests_sent_at_once_are_answered_in_order(emulator):
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=PATIENCE) as connection:
        one = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"
        paths = [b"/", b"/nothing"] * 20
        connection.sendall(b"".join(one % path for path in paths))
        connection.shutdown(socket.SHUT_WR)
        raw = b""
        while len(statuses := raw.split(b"HTTP/1.1 ")[1:]) < 40 and (
            part := connection.recv(65536)
        ):
            raw += part
    assert [status[:3] for status in statuses] == [b"200", b"404"] * 20
