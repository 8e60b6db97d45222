"""Buckets, with the official client."""

import uuid

import pytest
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    NotModified,
    PreconditionFailed,
)
from google.cloud import storage


@pytest.fixture
def client(fresh: storage.Bucket) -> storage.Client:
    return fresh.client


@pytest.fixture
def name() -> str:
    return f"n-{uuid.uuid4().hex[:16]}"


def test_a_bucket_is_made_read_and_deleted(client: storage.Client, name: str) -> None:
    made = client.create_bucket(name, location="europe-west1")

    found = client.get_bucket(name)
    assert (found.location, found.location_type) == ("EUROPE-WEST1", "region")
    assert found.metageneration == 1
    assert found.time_created is not None
    made.delete()
    with pytest.raises(NotFound):
        client.get_bucket(name)


def test_a_name_is_given_once(client: storage.Client, name: str) -> None:
    client.create_bucket(name)
    with pytest.raises(Conflict):
        client.create_bucket(name)


@pytest.mark.parametrize(
    "name", ["ab", "x" * 64, "Upper", "a..b", "192.168.5.4", "google-a", "a b", "-ab", "ab-", "a/b"]
)
def test_names_that_no_bucket_may_have(client: storage.Client, name: str) -> None:
    with pytest.raises(BadRequest):
        client._connection.api_request("POST", "/b", data={"name": name})


def test_a_bucket_that_is_not_empty_stays(client: storage.Client, name: str) -> None:
    made = client.create_bucket(name)
    made.versioning_enabled = True
    made.patch()
    made.blob("a").upload_from_string("a")
    made.blob("a").delete()  # a noncurrent generation is left

    with pytest.raises(Conflict):
        made.delete()
    made.delete(force=True)
    assert not made.exists()


def test_a_patch_merges_and_takes_away(client: storage.Client, name: str) -> None:
    made = client.create_bucket(name)
    made.labels = {"one": "1", "two": "2"}
    made.patch()
    made.labels = {"two": "3"}
    made.add_lifecycle_delete_rule(age=5)
    made.patch()

    found = client.get_bucket(name)
    assert found.labels == {"two": "3"}
    assert [rule["condition"]["age"] for rule in found.lifecycle_rules] == [5]
    assert found.metageneration == 3


def test_an_update_replaces(client: storage.Client, name: str) -> None:
    made = client.create_bucket(name)
    made.labels = {"one": "1"}
    made.patch()

    client._connection.api_request("PUT", f"/b/{name}", data={"website": {"mainPageSuffix": "a"}})

    found = client.get_bucket(name)
    assert found.labels == {}
    assert found._properties["website"] == {"mainPageSuffix": "a"}
    assert found.location == "US"


def test_metagenerations_guard_a_bucket(client: storage.Client, name: str) -> None:
    made = client.create_bucket(name)
    made.labels = {"one": "1"}

    with pytest.raises(PreconditionFailed):
        made.patch(if_metageneration_match=9)
    with pytest.raises(PreconditionFailed):
        made.delete(if_metageneration_match=9)
    with pytest.raises(PreconditionFailed):
        made.reload(if_metageneration_match=9)
    with pytest.raises(NotModified):
        made.reload(if_metageneration_not_match=1)
    with pytest.raises(NotModified):
        made.reload(if_etag_not_match=made.etag)
    made.patch(if_metageneration_match=1)
    made.delete(if_metageneration_match=2)


def test_buckets_are_listed_by_pages_and_prefix(client: storage.Client, name: str) -> None:
    for number in range(5):
        client.create_bucket(f"{name}-{number}")

    pages = list(client.list_buckets(prefix=f"{name}-", page_size=2).pages)

    assert [[one.name for one in page] for page in pages] == [
        [f"{name}-0", f"{name}-1"],
        [f"{name}-2", f"{name}-3"],
        [f"{name}-4"],
    ]
    assert "mayfly" in {one.name for one in client.list_buckets()}


def test_a_retention_policy_keeps_objects_and_locks(client: storage.Client, name: str) -> None:
    made = client.create_bucket(name)
    made.retention_period = 3600
    made.patch()
    blob = made.blob("a")
    blob.upload_from_string("a")

    blob.reload()
    assert blob.retention_expiration_time > blob.time_created
    with pytest.raises(Forbidden):
        blob.delete()
    with pytest.raises(Forbidden):
        blob.upload_from_string("b")
    made.lock_retention_policy()
    made.retention_period = 60
    with pytest.raises(Forbidden):
        made.patch()


def test_holds_keep_an_object(client: storage.Client, name: str) -> None:
    made = client.create_bucket(name)
    made.default_event_based_hold = True
    made.patch()
    blob = made.blob("a")
    blob.upload_from_string("a")

    with pytest.raises(Forbidden):
        blob.delete()
    blob.event_based_hold = False
    blob.temporary_hold = True
    blob.patch()
    with pytest.raises(Forbidden):
        blob.delete()
    blob.temporary_hold = False
    blob.patch()
    blob.delete()


def test_settings_of_a_wrong_kind_are_refused(client: storage.Client, name: str) -> None:
    wrongs: list[dict] = [
        {"labels": 5},
        {"cors": {}},
        {"iamConfiguration": {"publicAccessPrevention": "maybe"}},
        {"retentionPolicy": {"retentionPeriod": "soon"}},
        {"softDeletePolicy": {"retentionDurationSeconds": "soon"}},
        {"acl": [{"entity": "allUsers", "role": "KING"}]},
    ]
    for wrong in wrongs:
        with pytest.raises(BadRequest):
            client._connection.api_request("PATCH", "/b/mayfly", data=wrong)


def test_a_bucket_is_there_after_a_restart(bucket: storage.Bucket, emulator, name: str) -> None:
    client = bucket.client
    client.create_bucket(name)
    emulator.kill()
    emulator.start()
    assert client.get_bucket(name).name == name
    with pytest.raises(Conflict):
        client.create_bucket(name)


def test_a_bucket_that_is_deleted_softly_can_be_restored(client: storage.Client, name: str) -> None:
    made = client.bucket(name)
    made.soft_delete_policy.retention_duration_seconds = 7 * 24 * 3600
    made.labels = {"team": "a"}
    made = client.create_bucket(made)
    made.delete()

    with pytest.raises(NotFound):
        client.get_bucket(name)
    found = client.get_bucket(name, generation=made.generation, soft_deleted=True)
    assert found.soft_delete_time < found.hard_delete_time
    assert name in {one.name for one in client.list_buckets(soft_deleted=True)}
    with pytest.raises(NotFound):
        client.restore_bucket(name, generation=5)
    restored = client.restore_bucket(name, generation=made.generation)
    assert (restored.labels, restored.soft_delete_time) == ({"team": "a"}, None)
    with pytest.raises(NotFound):
        client.restore_bucket(name, generation=made.generation)


def test_a_setting_that_is_taken_away_has_its_default_again(
    client: storage.Client, name: str
) -> None:
    made = client.create_bucket(name)
    client._connection.api_request("PATCH", f"/b/{name}", data={"storageClass": None})
    assert client.get_bucket(name).storage_class == "STANDARD"
    made.blob("a").upload_from_string("a")
