"""Copies, rewrites, moves, compositions, batches and ACLs, with the official client."""

import os

import pytest
from google.api_core.exceptions import BadRequest, NotFound, PreconditionFailed
from google.cloud import storage

MEBIBYTE = 1 << 20


def put(bucket: storage.Bucket, name: str, content: bytes | str = "a") -> storage.Blob:
    blob = bucket.blob(name)
    blob.metadata = {"k": "v"}
    blob.upload_from_string(content, content_type="text/csv")
    return blob


def test_a_copy_has_the_bytes_and_what_is_said_of_them(fresh: storage.Bucket) -> None:
    other = fresh.client.create_bucket(f"{fresh.name}-2")
    source = put(fresh, "a/b ü", os.urandom(MEBIBYTE))

    fresh.copy_blob(source, other, "c?d#e")
    source.delete()

    found = other.get_blob("c?d#e")
    assert (found.content_type, found.metadata) == ("text/csv", {"k": "v"})
    assert (found.crc32c, found.md5_hash) == (source.crc32c, source.md5_hash)
    assert found.metageneration == 1
    found.download_as_bytes()


def test_a_copy_of_another_generation_or_of_nothing(fresh: storage.Bucket) -> None:
    source = put(fresh, "a")
    with pytest.raises(PreconditionFailed):
        fresh.copy_blob(source, fresh, "b", if_source_generation_match=6)
    with pytest.raises(PreconditionFailed):
        fresh.copy_blob(source, fresh, "b", if_source_metageneration_match=6)
    with pytest.raises(PreconditionFailed):
        fresh.copy_blob(source, fresh, "a", if_generation_match=0)
    with pytest.raises(NotFound):
        fresh.copy_blob(fresh.blob("none"), fresh, "b")
    assert not fresh.blob("b").exists()


def test_a_rewrite_in_several_calls(fresh: storage.Bucket) -> None:
    content = os.urandom(3 * MEBIBYTE + 5)
    source = put(fresh, "a", content)
    path = f"/b/{fresh.name}/o/a/rewriteTo/b/{fresh.name}/o/b"
    query = {"maxBytesRewrittenPerCall": str(MEBIBYTE)}
    rewritten = []
    while True:
        told = fresh.client._connection.api_request("POST", path, query_params=query)
        rewritten.append(int(told["totalBytesRewritten"]))
        if told["done"]:
            break
        assert not fresh.blob("b").exists()
        query["rewriteToken"] = told["rewriteToken"]

    assert rewritten == [MEBIBYTE, 2 * MEBIBYTE, 3 * MEBIBYTE, len(content)]
    assert fresh.blob("b").download_as_bytes() == content
    assert source.exists()


def test_a_rewrite_whose_source_changed(fresh: storage.Bucket) -> None:
    put(fresh, "a", os.urandom(2 * MEBIBYTE))
    request, path = fresh.client._connection.api_request, f"/b/{fresh.name}/o/a/rewriteTo/b/"
    query = {"maxBytesRewrittenPerCall": str(MEBIBYTE)}
    token = request("POST", f"{path}{fresh.name}/o/b", query_params=query)["rewriteToken"]
    put(fresh, "a", os.urandom(2 * MEBIBYTE))

    for wrong in (token, "nonsense"):
        with pytest.raises(BadRequest):
            request(
                "POST", f"{path}{fresh.name}/o/b", query_params={**query, "rewriteToken": wrong}
            )


def test_a_storage_class_is_changed_by_a_rewrite(fresh: storage.Bucket) -> None:
    blob = put(fresh, "a", "content")
    blob.update_storage_class("NEARLINE")
    found = fresh.get_blob("a")
    assert (found.storage_class, found.metadata) == ("NEARLINE", {"k": "v"})
    assert found.download_as_bytes() == b"content"


def test_a_move_leaves_nothing(fresh: storage.Bucket) -> None:
    source = put(fresh, "a", "content")
    with pytest.raises(PreconditionFailed):
        fresh.move_blob(source, "c/d", if_source_generation_match=6)
    fresh.move_blob(source, "c/d", if_source_generation_match=source.generation)
    assert [one.name for one in fresh.list_blobs()] == ["c/d"]
    assert fresh.blob("c/d").download_as_bytes() == b"content"


def test_a_composition(fresh: storage.Bucket) -> None:
    parts = [put(fresh, str(number), os.urandom(100_000)) for number in range(3)]
    whole = b"".join(one.download_as_bytes() for one in parts)
    made = fresh.blob("whole")
    made.content_type = "text/plain"
    made.compose(parts)

    found = fresh.get_blob("whole")
    assert (found.component_count, found.content_type, found.md5_hash) == (3, "text/plain", None)
    assert found.download_as_bytes() == whole
    again = fresh.blob("again")
    again.compose([found, parts[0]])
    assert fresh.get_blob("again").component_count == 4


def test_compositions_that_cannot_be(fresh: storage.Bucket) -> None:
    part = put(fresh, "a")
    with pytest.raises(PreconditionFailed):
        fresh.blob("b").compose([part], if_source_generation_match=[6])
    with pytest.raises(NotFound):
        fresh.blob("b").compose([part, fresh.blob("none")])
    with pytest.raises(BadRequest):
        fresh.blob("b").compose([part] * 33)
    with pytest.raises(BadRequest):
        fresh.blob("b").compose([])
    assert not fresh.blob("b").exists()


def test_a_batch_answers_each_of_its_calls(fresh: storage.Bucket) -> None:
    blobs = [put(fresh, f"a/ü {number}") for number in range(3)]
    with fresh.client.batch():
        for blob in blobs[:2]:
            blob.delete()
        blobs[2].cache_control = "no-store"
        blobs[2].patch()

    assert [one.name for one in fresh.list_blobs()] == ["a/ü 2"]
    assert blobs[2].cache_control == "no-store"
    with pytest.raises(NotFound), fresh.client.batch():
        fresh.blob("none").delete()
    fresh.delete_blobs(list(fresh.list_blobs()))
    assert list(fresh.list_blobs()) == []


def test_acls_are_kept(fresh: storage.Bucket) -> None:
    blob = put(fresh, "a")
    blob.make_public()
    assert blob.acl.all().get_roles() == {"READER"}
    blob.acl.all().revoke_read()
    blob.acl.save()
    blob.acl.reload()
    assert blob.acl.all().get_roles() == set()
    fresh.default_object_acl.save_predefined("private")
    later = put(fresh, "b")
    later.acl.reload()
    assert [one["role"] for one in later.acl] == ["OWNER"]


def test_uniform_access_has_no_acls_and_policies_are_kept(fresh: storage.Bucket) -> None:
    policy = fresh.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"allUsers"}})
    fresh.set_iam_policy(policy)
    kept = fresh.get_iam_policy(requested_policy_version=3)
    assert "roles/storage.objectViewer" in {one["role"] for one in kept.bindings}
    assert fresh.test_iam_permissions(["storage.buckets.get"]) == ["storage.buckets.get"]

    fresh.iam_configuration.uniform_bucket_level_access_enabled = True
    fresh.patch()
    with pytest.raises(BadRequest):
        fresh.acl.reload()
    with pytest.raises(BadRequest):
        put(fresh, "a").make_public()
