import pytest

from emulators.firestore.adapters.export_folder import FolderExports
from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Document, Write
from emulators.firestore.service.catalog import Catalog

NAME = "projects/p/databases/d"
COUNT = 250


def put(database, document, n):
    write = Write()
    write.update.name = f"{NAME}/documents/c/{document}"
    write.update.fields["n"].integer_value = n
    return database.commit([write])


def numbers(database):
    key = paths.key(("c",))
    found = database.snapshot().scan(key, (key, None))
    return {paths.segments_of(one)[-1]: n_of(body) for one, body in found}


def n_of(body):
    return None if body is None else Document.FromString(body).fields["n"].integer_value


@pytest.fixture
def folder(tmp_path):
    """An export of 250 documents whose n is 1."""
    store = SqliteStore(tmp_path / "source")
    database = Catalog(store).get(NAME)
    for number in range(COUNT):
        put(database, f"{number:03}", 1)
    list(FolderExports(Catalog(store)).export(tmp_path / "out"))
    store.close()
    return tmp_path / "out"


def test_others_go_on_while_an_import_is_read(store, folder):
    catalog = Catalog(store)
    database = catalog.get(NAME)
    put(database, "000", 0)
    told = []
    database.listeners.add(lambda time, changes: told.append((time, changes)))
    steps = 0
    for steps, _ in enumerate(FolderExports(catalog).import_(folder), start=1):
        assert numbers(database)["000"] == steps - 1
        assert "001" not in numbers(database)
        before, _ = put(database, "000", steps)
    assert steps > 1
    assert numbers(database) == {f"{number:03}": 1 for number in range(COUNT)}
    time, changes = told[-1]
    assert time > before
    assert len(changes) == COUNT
    assert [n_of(body) for body in changes[0][1:]] == [steps, 1]
    assert n_of(database.snapshot(before).get(changes[0].key)) == steps
    assert database.snapshot(before).get(changes[1].key) is None


def test_an_import_that_breaks_off_leaves_nothing(store, folder):
    catalog = Catalog(store)
    steps = FolderExports(catalog).import_(folder)
    next(steps)
    steps.close()
    assert catalog.names() == []
    (file,) = folder.glob("*.documents")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InvalidArgumentError):
        list(FolderExports(catalog).import_(folder))
    assert numbers(catalog.get(NAME)) == {}
    store.adopt({NAME: catalog.get(NAME).clock.tick()})
    assert numbers(catalog.get(NAME)) == {}


def test_an_import_that_a_crash_broke_off_is_gone(tmp_path, folder):
    store = SqliteStore(tmp_path / "data")
    steps = FolderExports(Catalog(store)).import_(folder)
    next(steps)
    store.close()  # the steps never came to their end
    with pytest.raises(Exception, match="closed"):
        steps.close()
    store = SqliteStore(tmp_path / "data")
    store.adopt({NAME: 1})
    assert numbers(Catalog(store).get(NAME)) == {}
    store.close()
