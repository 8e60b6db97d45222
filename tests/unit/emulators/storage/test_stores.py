"""Both stores, the one on disk and the double in memory, keep the same promises."""

from contextlib import closing
from dataclasses import replace

import pytest

from emulators.storage.adapters.folder_contents import FolderContents
from emulators.storage.adapters.memory import MemoryCatalog, MemoryContents
from emulators.storage.adapters.sqlite_catalog import SqliteCatalog
from emulators.storage.model.records import Bucket, Upload, Version

END = "\U0010ffff"
BUCKET = Bucket("first", 1, {"labels": {"ü": "1"}})
ONE = Version("first", "a/ü", 5, 1, live=True, content="c", fields={"size": "3"})
UPLOAD = Upload("id", "first", "a", 1.5, {"fields": {}})


@pytest.fixture(params=["memory", "sqlite"])
def catalog(request, tmp_path):
    kind = request.param
    with closing(MemoryCatalog() if kind == "memory" else SqliteCatalog(tmp_path)) as found:
        yield found


@pytest.fixture(params=["memory", "folder"])
def contents(request, tmp_path):
    return MemoryContents() if request.param == "memory" else FolderContents(tmp_path)


def test_what_is_put_is_found_and_what_is_dropped_is_not(catalog) -> None:
    with catalog.transaction():
        catalog.put_bucket(BUCKET)
        catalog.put(ONE)
        catalog.put_upload(UPLOAD)
        assert catalog.live("first", "a/ü") == ONE  # its own changes are seen
    assert catalog.bucket("first") == BUCKET
    assert catalog.version("first", "a/ü", 5) == ONE
    assert catalog.upload("id") == UPLOAD
    assert catalog.has_objects("first")

    with catalog.transaction():
        catalog.put(replace(ONE, live=False))
    assert catalog.live("first", "a/ü") is None
    with catalog.transaction():
        catalog.drop(ONE)
        catalog.drop_bucket("first")
    assert catalog.version("first", "a/ü", 5) is None
    assert catalog.bucket("first") is None
    assert catalog.upload("id") is None
    assert not catalog.has_objects("first")


def put_all_and_fail(catalog) -> None:
    with catalog.transaction():
        catalog.put_bucket(BUCKET)
        catalog.put(ONE)
        catalog.put_upload(UPLOAD)
        raise ZeroDivisionError


def test_a_transaction_that_fails_changes_nothing(catalog) -> None:
    with pytest.raises(ZeroDivisionError):
        put_all_and_fail(catalog)
    assert catalog.bucket("first") is None
    assert catalog.upload("id") is None
    assert not catalog.has_objects("first")
    assert catalog.newest() == 0


def test_the_newest_generation_is_known_after_it_is_gone(catalog) -> None:
    with catalog.transaction():
        catalog.put(ONE)
    with catalog.transaction():
        catalog.drop(ONE)
    assert catalog.newest() == 5


def test_versions_come_in_order_from_a_place_to_an_end(catalog) -> None:
    made = [
        replace(ONE, name=name, generation=number, live=number == 3)
        for name in ("a", "a/b", "b", "ü", "\U0001f600")
        for number in (1, 2, 3)
    ]
    with catalog.transaction():
        for one in reversed(made):
            catalog.put(one)

    assert catalog.versions("first", ("", 0), END, 100, which="all") == made
    assert catalog.versions("first", ("a/b", 2), END, 3, which="all") == made[4:7]
    live = catalog.versions("first", ("a/b", 0), "ü", 100, which="live")
    assert [one.name for one in live] == ["a/b", "b"]
    assert catalog.versions("other", ("", 0), END, 100, which="all") == []


def test_buckets_come_by_name(catalog) -> None:
    with catalog.transaction():
        for name in ("b-2", "a-1", "b-1", "c-1"):
            catalog.put_bucket(replace(BUCKET, name=name))
    assert [one.name for one in catalog.buckets("", "", 9)] == ["a-1", "b-1", "b-2", "c-1"]
    assert [one.name for one in catalog.buckets("b-", "", 9)] == ["b-1", "b-2"]
    assert [one.name for one in catalog.buckets("", "b-2", 1)] == ["b-2"]


def test_a_content_can_be_read_until_it_is_removed_and_by_its_readers_after(contents) -> None:
    sink = contents.create()
    sink.write(b"abc")
    sink.write(b"def")
    name = sink.commit()
    sink.discard()

    copy = contents.clone(name)
    with contents.open(name) as file:
        contents.remove([name, "none"])
        assert file.read() == b"abcdef"
    with pytest.raises(FileNotFoundError):
        contents.open(name)
    with pytest.raises(FileNotFoundError):
        contents.clone(name)
    with contents.open(copy) as file:
        assert file.read() == b"abcdef"


def test_an_upload_grows_and_becomes_a_content(contents) -> None:
    assert contents.arrived("u") == 0
    contents.append("u", b"abc")
    contents.append("u", b"de")
    contents.sync("u")
    assert contents.arrived("u") == 5
    name = contents.adopt("u")
    contents.forget("u")
    assert contents.arrived("u") == 0
    with contents.open(name) as file:
        assert file.read() == b"abcde"


def test_what_a_kill_left_is_removed(tmp_path) -> None:
    contents = FolderContents(tmp_path)
    kept, orphan = contents.create(), contents.create()
    kept.write(b"a")
    name = kept.commit()
    orphan.write(b"b")
    contents.append("ended", b"c")
    contents.append("open", b"d")

    contents.keep_only({name}, {"open"})

    assert [path.name for path in (tmp_path / "contents").iterdir()] == [name]
    assert [path.name for path in (tmp_path / "uploads").iterdir()] == ["open"]
    orphan.discard()


def test_a_file_of_a_newer_emulator_is_left_alone(tmp_path) -> None:
    with closing(SqliteCatalog(tmp_path)) as catalog:
        catalog._writer.execute("PRAGMA user_version = 99")
    with pytest.raises(ValueError, match="version 99"):
        SqliteCatalog(tmp_path)
