import pytest

from emulators.firestore.adapters.sqlite.indexes import SqliteIndexes
from emulators.firestore.adapters.sqlite.row_ids import SqliteRowIds
from emulators.firestore.adapters.sqlite.schema import open_database
from emulators.firestore.model.fields import NAME
from emulators.firestore.model.plan import Index
from emulators.firestore.model.query import Order

ROOM = 3
BY_AGE = Index((), None, (Order(("age",), descending=False), Order(NAME, descending=False)))


@pytest.fixture
def connection(tmp_path):
    connection = open_database(str(tmp_path / "file"))
    yield connection
    connection.close()


@pytest.fixture
def statements(connection):
    """Every statement that reaches SQLite."""
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    return seen


def asked(statements, look, keys):
    """Return the keys for which a look goes to SQLite."""
    found = []
    for key in keys:
        before = len(statements)
        look(key)
        if len(statements) > before:
            found.append(key)
    return found


def test_a_full_cache_of_numbers_forgets_the_one_unused_longest_alone(connection, statements):
    numbers = SqliteRowIds(connection, ROOM)
    database = numbers.make_database("projects/p/databases/d")
    kept = [numbers.make_collection(database, key) for key in (b"a", b"b", b"c")]
    assert numbers.collection(database, b"a") == kept[0]
    numbers.make_collection(database, b"d")

    def look(key):
        return numbers.collection(database, key)

    assert asked(statements, look, [b"a", b"c", b"d"]) == []
    assert asked(statements, look, [b"b"]) == [b"b"]
    assert [look(key) for key in (b"a", b"b", b"c")] == kept


def test_a_collection_that_is_not_there_is_looked_for_again(connection):
    numbers = SqliteRowIds(connection)
    database = numbers.make_database("projects/p/databases/d")
    assert numbers.collection(database, b"a") == 0
    made = numbers.make_collection(database, b"a")
    assert numbers.collection(database, b"a") == made > 0


def test_a_full_cache_of_indexes_forgets_the_one_unused_longest_alone(connection, statements):
    indexes = SqliteIndexes(connection, ROOM)

    def look(collection):
        return indexes.has(collection, BY_AGE)

    assert asked(statements, look, [1, 2, 3, 1, 4]) == [1, 2, 3, 4]
    assert asked(statements, look, [1, 3, 4]) == []
    assert asked(statements, look, [2]) == [2]


def test_an_index_that_is_being_made_is_incomplete_also_when_it_was_forgotten(connection):
    indexes = SqliteIndexes(connection, 1)
    connection.executemany(
        "INSERT INTO document (collection, key, body) VALUES (1, ?, x'')",
        [(b"%04d" % number,) for number in range(600)],
    )
    indexes.make_some(1, BY_AGE)
    assert not indexes.has(2, BY_AGE)
    assert not indexes.has(1, BY_AGE)
    indexes.make_some(1, BY_AGE)
    assert not indexes.has(2, BY_AGE)
    assert indexes.has(1, BY_AGE)


def test_indexes_that_were_dropped_are_gone_from_the_cache(connection):
    indexes = SqliteIndexes(connection)
    indexes.make_some(1, BY_AGE)
    assert indexes.has(1, BY_AGE)
    indexes.drop(1)
    assert not indexes.has(1, BY_AGE)
