"""Generations, metagenerations and preconditions, with the official client."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from google.api_core.exceptions import (
    BadRequest,
    NotFound,
    NotModified,
    PreconditionFailed,
)
from google.cloud import storage
from google.cloud.storage.exceptions import InvalidResponse

WRONG = 6


@pytest.fixture
def versioned(fresh: storage.Bucket) -> storage.Bucket:
    fresh.reload()
    fresh.versioning_enabled = True
    fresh.patch()
    return fresh


def put(bucket: storage.Bucket, text: str, name: str = "a", **options) -> storage.Blob:
    blob = bucket.blob(name)
    blob.upload_from_string(text, **options)
    return blob


def compose(bucket: storage.Bucket, asked: dict) -> None:
    """Compose by hand: the client's own call lacks some of the preconditions."""
    query = {re.sub("_([a-z])", lambda found: found[1].upper(), key): asked[key] for key in asked}
    bucket.client._connection.api_request(
        "POST",
        f"/b/{bucket.name}/o/a/compose",
        query_params=query,
        data={"sourceObjects": [{"name": "source"}]},
    )


def test_generations_rise_and_start_at_metageneration_1(fresh: storage.Bucket) -> None:
    made = [put(fresh, str(number)) for number in range(5)]

    generations = [one.generation for one in made]
    assert generations == sorted(set(generations))
    assert {one.metageneration for one in made} == {1}


def test_generations_rise_over_a_restart(bucket: storage.Bucket, emulator) -> None:
    first = put(bucket, "1").generation
    bucket.blob("a").delete()
    emulator.kill()
    emulator.start()
    assert put(bucket, "2").generation > first


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        ({"if_generation_match": 0}, False),
        ({"if_generation_match": WRONG}, False),
        ({"if_generation_match": "generation"}, True),
        ({"if_generation_not_match": "generation"}, False),
        ({"if_generation_not_match": 0}, True),
        ({"if_generation_not_match": WRONG}, True),
        ({"if_metageneration_match": 1}, True),
        ({"if_metageneration_match": WRONG}, False),
        ({"if_metageneration_not_match": WRONG}, True),
        ({"if_metageneration_not_match": 1}, False),
    ],
)
@pytest.mark.parametrize(
    "call", ["upload", "resumable", "patch", "update", "delete", "compose", "rewrite"]
)
def test_preconditions_of_a_change(
    fresh: storage.Bucket, call: str, options: dict, holds: bool
) -> None:
    blob = put(fresh, "before")
    source = put(fresh, "source", "source")
    asked = {key: blob.generation if value == "generation" else value
             for key, value in options.items()}  # fmt: skip

    def change() -> None:
        if call == "upload":
            blob.upload_from_string("after", **asked)
        elif call == "resumable":
            with fresh.blob("a").open("wb", **asked) as file:
                file.write(b"after")
        elif call == "patch":
            blob.cache_control = "no-store"
            blob.patch(**asked)
        elif call == "update":
            blob.cache_control = "no-store"
            blob.update(**asked)
        elif call == "delete":
            blob.delete(**asked)
        elif call == "compose":
            compose(fresh, asked)
        else:
            fresh.blob("a").rewrite(source, **asked)

    if holds:
        change()
    else:
        with pytest.raises((PreconditionFailed, InvalidResponse), match="412"):
            change()
        assert fresh.blob("a").download_as_bytes() == b"before"
        assert fresh.get_blob("a").cache_control is None


def test_preconditions_of_a_read(fresh: storage.Bucket) -> None:
    blob = put(fresh, "a")

    for read in (fresh.blob("a").reload, fresh.blob("a").download_as_bytes):
        read(if_generation_match=blob.generation, if_metageneration_match=1)
        read(if_generation_not_match=WRONG, if_metageneration_not_match=WRONG)
        with pytest.raises(PreconditionFailed):
            read(if_generation_match=WRONG)
        with pytest.raises(PreconditionFailed):
            read(if_metageneration_match=WRONG)
        with pytest.raises(NotModified):
            read(if_generation_not_match=blob.generation)
        with pytest.raises(NotModified):
            read(if_metageneration_not_match=1)
        with pytest.raises(PreconditionFailed):
            read(if_etag_match="kittens")
        with pytest.raises(NotModified):
            read(if_etag_not_match=blob.etag)
        read(if_etag_match=blob.etag, if_etag_not_match="kittens")


def test_a_precondition_that_is_no_number(fresh: storage.Bucket) -> None:
    with pytest.raises(BadRequest, match="ifGenerationMatch"):
        fresh.blob("a").upload_from_string("a", if_generation_match="one")


def test_a_patch_makes_a_metageneration(fresh: storage.Bucket) -> None:
    blob = put(fresh, "a")
    blob.metadata = {"one": "1", "two": "2"}
    blob.content_type = "text/csv"
    blob.patch()
    blob.metadata = {"one": None, "three": "3"}
    blob.patch()

    found = fresh.get_blob("a")
    assert (found.generation, found.metageneration) == (blob.generation, 3)
    assert found.metadata == {"two": "2", "three": "3"}
    assert found.content_type == "text/csv"
    assert found.updated > found.time_created


def test_an_update_replaces_all_that_can_be(fresh: storage.Bucket) -> None:
    blob = fresh.blob("a")
    blob.metadata, blob.cache_control = {"one": "1"}, "no-store"
    blob.upload_from_string("a")
    path = f"/b/{fresh.name}/o/a"

    fresh.client._connection.api_request("PUT", path, data={"contentType": "text/csv"})

    found = fresh.get_blob("a")
    assert (found.metadata, found.cache_control, found.content_type) == (None, None, "text/csv")
    assert found.download_as_bytes() == b"a"


def test_what_is_overwritten_stays_as_a_noncurrent_generation(versioned: storage.Bucket) -> None:
    generations = [put(versioned, text).generation for text in ("1", "2", "3")]

    listed = list(versioned.list_blobs(versions=True))
    assert [one.generation for one in listed] == generations
    assert [one.time_deleted is None for one in listed] == [False, False, True]
    assert [one.name for one in versioned.list_blobs()] == ["a"]
    for generation, text in zip(generations, (b"1", b"2", b"3"), strict=True):
        assert versioned.blob("a", generation=generation).download_as_bytes() == text
    assert versioned.blob("a").download_as_bytes() == b"3"


def test_a_deletion_leaves_a_generation_and_one_of_a_generation_is_final(
    versioned: storage.Bucket,
) -> None:
    first, second = (put(versioned, text).generation for text in ("1", "2"))
    versioned.blob("a").delete()

    assert not versioned.blob("a").exists()
    assert put(versioned, "3", if_generation_match=0).generation > second
    versioned.blob("a", generation=first).delete()
    with pytest.raises(NotFound):
        versioned.blob("a", generation=first).download_as_bytes()
    assert versioned.blob("a", generation=second).download_as_bytes() == b"2"
    assert len(list(versioned.list_blobs(versions=True))) == 2


def test_an_old_generation_can_be_brought_back(versioned: storage.Bucket) -> None:
    first = put(versioned, "1")
    put(versioned, "2")

    versioned.copy_blob(first, versioned, "a", source_generation=first.generation)

    assert versioned.blob("a").download_as_bytes() == b"1"


def test_noncurrent_generations_survive_a_kill(versioned: storage.Bucket, emulator) -> None:
    generations = [put(versioned, text).generation for text in ("1", "2")]
    emulator.kill()
    emulator.start()
    found = [versioned.blob("a", generation=one).download_as_bytes() for one in generations]
    assert found == [b"1", b"2"]


def test_one_of_many_writers_wins_a_generation(fresh: storage.Bucket) -> None:
    blob = put(fresh, "0")

    def replace(number: int) -> bool:
        try:
            put(fresh, str(number), if_generation_match=blob.generation, retry=None)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(replace, range(8)))
    assert sum(won) == 1
    assert fresh.blob("a").download_as_text() == str(won.index(True))


@pytest.fixture
def soft(fresh: storage.Bucket) -> storage.Bucket:
    fresh.soft_delete_policy.retention_duration_seconds = 7 * 24 * 3600
    fresh.patch()
    return fresh


def test_what_is_deleted_softly_can_be_restored(soft: storage.Bucket) -> None:
    first, second = (put(soft, text).generation for text in ("1", "2"))  # overwritten, too
    soft.blob("a").delete()

    assert list(soft.list_blobs(versions=True)) == []
    assert [one.generation for one in soft.list_blobs(soft_deleted=True)] == [first, second]
    found = soft.get_blob("a", generation=first, soft_deleted=True)
    assert found.hard_delete_time - found.soft_delete_time == timedelta(days=7)
    with pytest.raises(NotFound):
        soft.blob("a", generation=first).download_as_bytes()

    restored = soft.restore_blob("a", generation=first)

    assert restored.generation > second
    assert soft.blob("a").download_as_bytes() == b"1"
    assert soft.get_blob("a").soft_delete_time is None
    with pytest.raises(PreconditionFailed):
        soft.restore_blob("a", generation=second, if_generation_match=0)
    with pytest.raises(NotFound):
        soft.restore_blob("a", generation=restored.generation)


def test_a_bucket_of_nothing_but_what_is_deleted_softly_can_go(soft: storage.Bucket) -> None:
    put(soft, "1").delete()
    soft.delete()
    assert not soft.exists()


def test_deletions_are_final_unless_a_policy_says_otherwise(fresh: storage.Bucket) -> None:
    put(fresh, "1").delete()
    assert list(fresh.list_blobs(soft_deleted=True)) == []
