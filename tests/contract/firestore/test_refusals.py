"""Requests that the real service refuses: the codes and words on the wire.

Where the words come from is said in `unit/emulators/firestore/test_query_refusals.py`.
"""

import json

import pytest
from google.api_core import exceptions
from google.cloud.firestore_v1.base_query import FieldFilter
from google.cloud.firestore_v1.field_path import FieldPath

from tests.contract.firestore.test_rest import ask


@pytest.fixture
def root(project):
    return f"projects/{project}/databases/(default)/documents"


@pytest.fixture
def post(emulator):
    """Sends JSON; returns the code, status and words of the error."""

    def post(path, body):
        code, answer = ask(emulator, "POST", f"/v1/{path}", json.dumps(body).encode())
        told = json.loads(answer)
        error = (told[0] if isinstance(told, list) else told).get("error", {})
        return code, error.get("status"), error.get("message")

    return post


def test_the_client_gets_the_real_services_errors(client):
    some = client.collection("c").where(filter=FieldFilter("a", "!=", 1))
    with pytest.raises(
        exceptions.InvalidArgument, match="cannot contain more fields after the key"
    ):
        some.order_by("__name__").get()
    pinned = FieldFilter(FieldPath.document_id(), "==", client.document("c/a"))
    with pytest.raises(exceptions.InvalidArgument, match="Equality on key is not allowed"):
        some.where(filter=pinned).get()


def test_a_delete_and_an_update_of_one_document(client):
    """The code is in firebase-js-sdk's `transactions.test.ts`; the words are ours."""
    client.document("c/a").set({"n": 1})
    batch = client.batch()
    batch.delete(client.document("c/a"))
    batch.update(client.document("c/a"), {"n": 2})
    with pytest.raises(exceptions.InvalidArgument, match="after it was deleted in the same"):
        batch.commit()
    assert client.document("c/a").get().to_dict() == {"n": 1}
    batch = client.batch()
    batch.delete(client.document("c/a"))
    batch.set(client.document("c/a"), {"n": 2})
    batch.update(client.document("c/a"), {"m": 3})
    batch.commit()
    assert client.document("c/a").get().to_dict() == {"n": 2, "m": 3}


def test_broken_base64_is_refused_with_its_place(post, root):
    values = [{"bytesValue": "aGk="}, {"bytesValue": "!!!"}]
    fields = {"a": {"arrayValue": {"values": values}}}
    write = {"update": {"name": f"{root}/c/a", "fields": fields}}
    assert post(f"{root}:commit", {"writes": [write]}) == (
        400,
        "INVALID_ARGUMENT",
        (
            "Invalid value at 'writes[0].update.fields[0].value.array_value.values[1].bytes_value' "
            '(TYPE_BYTES), Base64 decoding failed for "!!!"'
        ),
    )
    broken = {"fields": {"a": {"bytesValue": "a"}}}
    assert "'document.fields[0].value.bytes_value'" in post(f"{root}/c", broken)[2]
    for taken in ("aGk", "aGk=", "_-8", "/+8", ""):
        assert post(f"{root}/c", {"fields": {"a": {"bytesValue": taken}}})[0] == 200
    assert "'transaction'" in post(f"{root}:commit", {"transaction": "a"})[2]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"r": {"referenceValue": "zzz"}},
            'Document parent name "zzz" lacks "projects" at index 0.',
        ),
        (
            {"v": {"__type__": {"stringValue": "__vector__"}}},
            "Vector map is missing key 'value'.",
        ),
        (
            {
                "v": {
                    "__type__": {"stringValue": "__vector__"},
                    "value": {"arrayValue": {"values": [{"stringValue": "one"}]}},
                }
            },
            "Vector must only contain values of type 'double'",
        ),
    ],
)
def test_values_that_cannot_be_stored(post, root, fields, text):
    made = {
        name: value if "referenceValue" in value else {"mapValue": {"fields": value}}
        for name, value in fields.items()
    }
    assert post(f"{root}/c", {"fields": made}) == (400, "INVALID_ARGUMENT", text)


def test_a_document_is_created_without_a_name(post, root):
    told = post(f"{root}/c?documentId=a", {"name": f"{root}/c/a"})
    assert told == (400, "INVALID_ARGUMENT", "Document name must not be set.")


def test_a_delete_has_no_transforms(post, root):
    transform = {"fieldPath": "at", "setToServerValue": "REQUEST_TIME"}
    deleted = {"delete": f"{root}/c/a"}
    told = post(f"{root}:commit", {"writes": [deleted | {"updateTransforms": [transform]}]})
    assert told == (400, "INVALID_ARGUMENT", "a delete must not specify a update transform.")
    told = post(f"{root}:commit", {"writes": [deleted | {"updateMask": {"fieldPaths": ["a"]}}]})
    assert told == (400, "INVALID_ARGUMENT", "a delete must not specify a document mask.")


def test_a_reserved_id_fails_the_whole_batch(post, client, root):
    names = [f"{root}/c/a", f"{root}/c/__x__"]
    told = post(f"{root}:batchWrite", {"writes": [{"update": {"name": name}} for name in names]})
    words = 'Resource id "__x__" is invalid because it is reserved.'
    assert told == (400, "INVALID_ARGUMENT", words)
    assert not client.document("c/a").get().exists


def explained(emulator, root, call, body):
    body = {**body, "explainOptions": {"analyze": True}}
    code, answer = ask(emulator, "POST", f"/v1/{root}:{call}", json.dumps(body).encode())
    assert code == 200
    responses = json.loads(answer)
    assert all("explainMetrics" not in response for response in responses[:-1])
    assert ("document" in responses[-1]) == any("document" in one for one in responses)
    stats = responses[-1]["explainMetrics"]["executionStats"]
    debug = stats["debugStats"]
    bill = debug["billing_details"]
    assert bill["small_ops"] == "0"
    return {
        "results": int(stats.get("resultsReturned", 0)),
        "reads": int(stats["readOperations"]),
        "documents": (int(debug["documents_scanned"]), int(bill["documents_billable"])),
        "entries": (int(debug["index_entries_scanned"]), int(bill["index_entries_billable"])),
        "least": bill["min_query_cost"],
    }


def test_what_explain_counts(emulator, client, root):
    """As it was recorded: `fs-query-index/explain` there."""
    batch = client.batch()
    for number in range(10):
        batch.set(client.document(f"c/{number}"), {"g": number % 2, "h": number % 3})
    batch.commit()

    def equal(path, value):
        return {
            "fieldFilter": {
                "field": {"fieldPath": path},
                "op": "EQUAL",
                "value": {"integerValue": value},
            }
        }

    def query(**parts):
        return {"structuredQuery": {"from": [{"collectionId": "c"}], **parts}}

    def count(up_to=None, **parts):
        counted = {} if up_to is None else {"upTo": up_to}
        asked = {**query(**parts), "aggregations": [{"alias": "n", "count": counted}]}
        return {"structuredAggregationQuery": asked}

    either = {"compositeFilter": {"op": "OR", "filters": [equal("g", 1), equal("h", 0)]}}
    ran, summed = "runQuery", "runAggregationQuery"
    for call, asked, results, reads, documents, entries, least in (
        (ran, query(), 10, 10, (10, 10), (10, 0), "0"),
        (ran, query(where=either), 7, 7, (7, 7), (9, 0), "0"),
        (ran, query(where=equal("g", 9)), 0, 1, (0, 0), (0, 0), "1"),
        (ran, query(offset=4, limit=2), 2, 6, (6, 6), (6, 0), "0"),
        (summed, count(), 1, 1, (0, 0), (10, 10), "0"),
        (summed, count(up_to=3), 1, 1, (0, 0), (3, 3), "0"),
        (summed, count(where=equal("g", 9)), 1, 1, (0, 0), (0, 0), "1"),
    ):
        assert explained(emulator, root, call, asked) == {
            "results": results,
            "reads": reads,
            "documents": documents,
            "entries": entries,
            "least": least,
        }
