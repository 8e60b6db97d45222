"""Clients that get into each other's way, over both stores."""

import pytest

from emulators.storage.model.checksums import Expected
from emulators.storage.model.errors import NotFoundError, StorageError
from emulators.storage.model.ranges import read_chunk
from emulators.storage.model.records import Address
from emulators.storage.service.buckets import Buckets
from emulators.storage.service.clock import Clock
from emulators.storage.service.copying import Copying, Source
from emulators.storage.service.objects import Draft, Objects
from emulators.storage.service.part_uploads import PartUploads
from emulators.storage.service.uploads import Uploads
from emulators.storage.service.writing import Writing

FROM, TO = Address("first", "a"), Address("first", "b")


@pytest.mark.parametrize("meanwhile", ["written anew", "deleted"])
def test_a_move_of_what_somebody_changes_meanwhile_does_nothing(
    stores, meanwhile: str, monkeypatch
) -> None:
    catalog, contents = stores
    objects = Objects(catalog, contents, Clock())
    writing = Writing(objects, contents)
    Buckets(catalog, Clock()).create(
        "first", {"softDeletePolicy": {"retentionDurationSeconds": "0"}}
    )
    writing.write(Draft(FROM, {}), [b"old"], Expected())
    clone, copies = contents.clone, []

    def other_client_is_quicker(content: str) -> str:
        copies.append(clone(content))
        objects.delete(FROM)
        if meanwhile == "written anew":
            writing.write(Draft(FROM, {}), [b"new"], Expected())
        return copies[-1]

    monkeypatch.setattr(contents, "clone", other_client_is_quicker)
    with pytest.raises(StorageError):
        Copying(objects, contents, writing).move(Source(FROM), Draft(TO, {}))

    with pytest.raises(NotFoundError):
        objects.get(TO)
    with pytest.raises(FileNotFoundError):
        contents.open(copies[0])
    if meanwhile == "written anew":
        version, file = objects.open(FROM)
        with file:
            assert (file.read(), version.size) == (b"new", 3)


def test_an_upload_tells_only_of_what_is_on_disk(stores, monkeypatch) -> None:
    """Another request of the upload may add bytes while one waits for the disk."""
    catalog, contents = stores
    Buckets(catalog, Clock()).create("first", {})
    uploads = Uploads(catalog, contents, Objects(catalog, contents, Clock()), Clock())
    name = uploads.begin(Draft(FROM, {}), Expected()).id
    uploads.add(name, read_chunk("bytes 0-3/*", 4), [b"0123"], Expected())
    sync = contents.sync

    def another_request_adds(upload: str) -> None:
        sync(upload)
        contents.append(upload, b"4567")

    monkeypatch.setattr(contents, "sync", another_request_adds)
    assert uploads.add(name, read_chunk("bytes */*", 0), [], Expected()).arrived == 4


def test_of_two_who_complete_an_upload_one_makes_the_object(stores, monkeypatch) -> None:
    """A client whose answer was lost asks again, while the first request still joins the parts."""
    catalog, contents = stores
    objects = Objects(catalog, contents, Clock())
    writing = Writing(objects, contents)
    Buckets(catalog, Clock()).create("first", {"versioning": {"enabled": True}})
    uploads = PartUploads(catalog, contents, objects, writing, Clock())
    name = uploads.begin(Draft(FROM, {})).id
    part = uploads.add(name, 1, [b"0123"], Expected())
    listed = [(1, part["md5Hash"])]
    create, made = contents.create, []

    def other_request_is_quicker():
        monkeypatch.setattr(contents, "create", create)
        made.append(uploads.complete(name, listed))
        return create()

    monkeypatch.setattr(contents, "create", other_request_is_quicker)
    with pytest.raises(NotFoundError):
        uploads.complete(name, listed)

    assert objects.get(FROM) == made[0]
    assert len(catalog.versions("first", ("", 0), "z", 10, which="all")) == 1


def test_an_upload_in_parts_is_none_in_chunks(stores) -> None:
    catalog, contents = stores
    objects = Objects(catalog, contents, Clock())
    Buckets(catalog, Clock()).create("first", {})
    parts = PartUploads(catalog, contents, objects, Writing(objects, contents), Clock())
    chunks = Uploads(catalog, contents, objects, Clock())
    name = parts.begin(Draft(FROM, {})).id
    part = parts.add(name, 1, [b"0123"], Expected())

    with pytest.raises(NotFoundError):
        chunks.add(name, read_chunk("", 4), [b"4567"], Expected())
    with pytest.raises(NotFoundError):
        chunks.cancel(name)

    assert contents.arrived(name) == 0
    assert parts.complete(name, [(1, part["md5Hash"])]).size == 4
