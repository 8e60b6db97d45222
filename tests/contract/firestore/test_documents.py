"""Sections 1 to 3 of the contract: documents, lists, writes, paths."""

import datetime as dt

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.vector import Vector


def test_every_kind_of_value_comes_back(client):
    values = {
        "null": None,
        "flag": True,
        "whole": 2**62,
        "real": 1.5,
        "text": "é\0",
        "raw": b"\0\xff",
        "time": dt.datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC),
        "place": firestore.GeoPoint(1.5, -2.5),
        "friend": client.document("c/other"),
        "list": [1, "a", {"b": []}],
        "map": {"a": {"b": {}}},
        "vector": Vector([1.0, 2.0]),
    }
    client.document("c/a").set(values)
    assert client.document("c/a").get().to_dict() == values


def test_times_of_a_document(client):
    reference = client.document("c/a")
    first = reference.set({"n": 1}).update_time
    second = reference.set({"n": 2}).update_time
    snapshot = reference.get()
    assert first == snapshot.create_time < second == snapshot.update_time <= snapshot.read_time


def test_a_missing_document(client):
    snapshot = client.document("c/none").get()
    assert not snapshot.exists
    assert snapshot.read_time is not None


def test_create_update_delete_with_preconditions(client):
    reference = client.document("c/a")
    reference.create({"n": 1})
    with pytest.raises(exceptions.AlreadyExists, match=r"Document already exists: projects/.*/c/a"):
        reference.create({"n": 1})
    with pytest.raises(exceptions.NotFound, match=r"No document to update: projects/.*/c/none"):
        client.document("c/none").update({"n": 1})
    stale = client.write_option(last_update_time=reference.get().update_time)
    reference.update({"n": 2})
    with pytest.raises(exceptions.FailedPrecondition, match="required base version"):
        reference.update({"n": 3}, option=stale)
    with pytest.raises(exceptions.FailedPrecondition):
        reference.delete(option=stale)
    reference.delete()
    reference.delete()
    assert not reference.get().exists


def test_merge_and_nested_updates(client):
    reference = client.document("c/a")
    reference.set({"a": {"x": 1, "y": 2}, "b": 1})
    reference.set({"a": {"y": 3}}, merge=True)
    reference.update({"a.z": 4, "b": firestore.DELETE_FIELD, "`odd.key`": 5})
    assert reference.get().to_dict() == {"a": {"x": 1, "y": 3, "z": 4}, "odd.key": 5}
    reference.set({"a": {"q": 1}, "c": 9}, merge=["a"])
    assert reference.get().to_dict() == {"a": {"q": 1}, "odd.key": 5}


def test_transforms(client):
    reference = client.document("c/a")
    reference.set({"n": 16, "list": [1, 2], "top": 5})
    result = reference.update(
        {
            "n": firestore.Increment(-32.1),
            "list": firestore.ArrayUnion([2.0, 3]),
            "top": firestore.Maximum(7),
            "least": firestore.Minimum(3),
            "at": firestore.SERVER_TIMESTAMP,
        }
    )
    found = reference.get().to_dict()
    assert (found["n"], found["list"], found["top"], found["least"]) == (-16.1, [1, 2, 3], 7, 3)
    assert found["at"] <= result.update_time
    reference.update({"list": firestore.ArrayRemove([1])})
    assert reference.get().get("list") == [2, 3]


def test_get_all_with_duplicates_missing_and_mask(client):
    references = [client.document(f"c/{name}") for name in ("b", "none", "a", "b")]
    client.document("c/a").set({"x": 1, "y": 2})
    client.document("c/b").set({"x": 3, "y": 4})
    found = list(client.get_all(references, field_paths=["x"]))
    assert [(one.id, one.to_dict()) for one in found] == [
        ("b", {"x": 3}),
        ("a", {"x": 1}),
        ("none", None),
    ]


def test_a_batch_is_all_or_nothing(client):
    batch = client.batch()
    batch.set(client.document("c/a"), {"n": 1})
    batch.update(client.document("c/none"), {"n": 1})
    with pytest.raises(exceptions.NotFound):
        batch.commit()
    assert not client.document("c/a").get().exists


def test_a_batch_has_one_time_and_more_than_500_writes(client):
    batch = client.batch()
    for number in range(600):
        batch.set(client.document(f"c/{number}"), {"n": number})
    results = batch.commit()
    assert {one.update_time for one in results} == {batch.commit_time}
    batch = client.batch()
    batch.delete(client.document("c/1"))
    assert batch.commit()[0].update_time is None


def test_the_bulk_writer(client):
    failures = []

    def note(error, _):
        failures.append(error.message)
        return False

    writer = client.bulk_writer()
    writer.on_write_error(note)
    client.document("c/3").set({"n": 0})
    for number in range(50):
        writer.create(client.document(f"c/{number}"), {"n": number})
    writer.close()
    assert len(failures) == 1
    assert client.collection("c").count().get()[0][0].value == 50


def test_collections_and_missing_parents(client):
    client.document("a/1/b/2").set({})
    client.document("a/3").set({"n": 1})
    client.document("z/1").set({})
    assert [one.id for one in client.collections()] == ["a", "z"]
    assert [one.id for one in client.document("a/1").collections()] == ["b"]
    assert [one.id for one in client.collection("a").list_documents(page_size=1)] == ["1", "3"]
    assert [one.id for one in client.collection("a").stream()] == ["3"]


def test_many_collections_come_in_pages(client):
    batch = client.batch()
    for number in range(350):
        batch.set(client.document(f"c{number:03}/x"), {})
    batch.commit()
    assert [one.id for one in client.collections()] == [f"c{number:03}" for number in range(350)]


def test_recursive_delete(client):
    for path in ("c/1", "c/1/d/2", "c/1/d/2/e/3", "c/3", "ca/1"):
        client.document(path).set({})
    assert client.recursive_delete(client.collection("c")) == 4
    assert [one.id for one in client.collections()] == ["ca"]


@pytest.mark.parametrize(
    "name", ["#", "%2F", " ", "`", "\\", "é", "____", "\U0001f600", "x" * 1500]
)
def test_odd_document_ids(client, name):
    client.document(f"c/{name}").set({"n": 1})
    assert [one.id for one in client.collection("c").stream()] == [name]


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (
            lambda client: client.document("c/__x__").set({}),
            '"__x__" is invalid because it is reserved',
        ),
        (
            lambda client: client.document("c/a").set({"x": "y" * 1_048_600}),
            "is longer than 1048487 bytes",
        ),
        (lambda client: client.document("c/a").set({"__x__": 1}), "reserved"),
        (
            lambda client: client.document("c/a").set({"x": b"y" * 11_000_000}),
            "exceeds the limit: 10485760",
        ),
    ],
)
def test_limits(client, write, text):
    with pytest.raises(exceptions.InvalidArgument, match=text):
        write(client)
    assert not client.document("c/a").get().exists


def test_earlier_states_can_be_read(client):
    reference = client.document("c/a")
    before = reference.set({"n": 1}).update_time
    reference.set({"n": 2})
    client.document("c/b").set({"n": 3})
    assert reference.get(read_time=before).to_dict() == {"n": 1}
    assert [one.to_dict() for one in client.collection("c").stream(read_time=before)] == [{"n": 1}]
    assert client.collection("c").count().get(read_time=before)[0][0].value == 1
    with pytest.raises(exceptions.FailedPrecondition, match="too old"):
        reference.get(read_time=before - dt.timedelta(hours=2))
    with pytest.raises(exceptions.InvalidArgument, match="future"):
        reference.get(read_time=before + dt.timedelta(hours=2))


def test_databases_and_projects_are_apart(client, connect, project):
    other = connect(project, database="other")
    client.document("c/a").set({"n": 1})
    assert not other.document("c/a").get().exists
    assert not connect(project + "x").document("c/a").get().exists
