import tempfile
from pathlib import Path
from unittest import mock

import pytest
from google.protobuf.wrappers_pb2 import Int32Value
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.firestore.adapters.memory import MemoryStore
from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import ArrayValue, Cursor, Document, StructuredQuery, Value
from emulators.firestore.model.query import compile_query
from emulators.firestore.model.rows import Change
from emulators.firestore.service import changes
from emulators.firestore.service.reading import run
from emulators.firestore.service.snapshot import Snapshot
from tests.unit.emulators.firestore.naive import FIELD, UNARY, answer

DATABASE = "projects/p/databases/d"
ROOT = f"{DATABASE}/documents/"
FIELDS = ["a", "b"]
ALWAYS, NEVER = 0, 10**9

NUMBERS = st.sampled_from(
    [
        Value(integer_value=1),
        Value(double_value=1.0),
        Value(integer_value=2),
        Value(double_value=2.5),
        Value(double_value=float("nan")),
        Value(integer_value=-1),
    ]
)
PLAIN = NUMBERS | st.sampled_from(
    [
        Value(null_value=0),
        Value(boolean_value=True),
        Value(string_value=""),
        Value(string_value="a\0"),
        Value(string_value="ab"),
    ]
)
ARRAYS = st.lists(PLAIN, max_size=3).map(lambda v: Value(array_value=ArrayValue(values=v)))
VALUES = PLAIN | ARRAYS
PLACES = st.sampled_from(["c/1", "c/2", "c/3", "c/4", "c/1/c/5", "c/2/x/6", "d/1", "d/1/c/2"])
DOCUMENTS = st.dictionaries(PLACES, st.dictionaries(st.sampled_from(FIELDS), VALUES), min_size=3)
NAMES = PLACES.map(lambda place: Value(reference_value=ROOT + place))


def reference(path):
    return StructuredQuery.FieldReference(field_path=path)


def field_filter(path, operator, value):
    inner = StructuredQuery.FieldFilter(field=reference(path), op=operator, value=value)
    return StructuredQuery.Filter(field_filter=inner)


def unary_filter(path, operator):
    inner = StructuredQuery.UnaryFilter(field=reference(path), op=operator)
    return StructuredQuery.Filter(unary_filter=inner)


def composite(operator, filters):
    inner = StructuredQuery.CompositeFilter(op=operator, filters=filters)
    return StructuredQuery.Filter(composite_filter=inner)


def list_of(values):
    return st.lists(values, min_size=1, max_size=3).map(
        lambda some: Value(array_value=ArrayValue(values=some))
    )


SIMPLE = st.sampled_from(
    [
        FIELD.EQUAL,
        FIELD.LESS_THAN,
        FIELD.LESS_THAN_OR_EQUAL,
        FIELD.GREATER_THAN,
        FIELD.GREATER_THAN_OR_EQUAL,
        FIELD.NOT_EQUAL,
    ]
)
LEAVES = st.one_of(
    st.builds(field_filter, st.sampled_from(FIELDS), SIMPLE, VALUES),
    st.builds(field_filter, st.just("__name__"), SIMPLE, NAMES),
    st.builds(field_filter, st.just("__name__"), st.just(FIELD.IN), list_of(NAMES)),
    st.builds(field_filter, st.sampled_from(FIELDS), st.just(FIELD.ARRAY_CONTAINS), PLAIN),
    st.builds(
        field_filter,
        st.sampled_from(FIELDS),
        st.sampled_from([FIELD.IN, FIELD.NOT_IN, FIELD.ARRAY_CONTAINS_ANY]),
        list_of(PLAIN),
    ),
    st.builds(
        unary_filter,
        st.sampled_from(FIELDS),
        st.sampled_from([UNARY.IS_NAN, UNARY.IS_NULL, UNARY.IS_NOT_NAN, UNARY.IS_NOT_NULL]),
    ),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        composite, st.sampled_from([1, 2]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=4,
)
ORDERS = st.lists(
    st.builds(
        lambda path, direction: StructuredQuery.Order(field=reference(path), direction=direction),
        st.sampled_from([*FIELDS, "__name__"]),
        st.sampled_from([1, 2]),
    ),
    max_size=2,
    unique_by=lambda order: order.field.field_path,
)


@st.composite
def queries(draw):
    query = StructuredQuery(order_by=draw(ORDERS))
    query.from_.add(
        collection_id=draw(st.sampled_from(["c", "c", "d", ""])),
        all_descendants=draw(st.booleans()),
    )
    if draw(st.booleans()):
        query.where.CopyFrom(draw(FILTERS))
    paths_in_order = [one.field.field_path for one in query.order_by]
    for cursor in (query.start_at, query.end_at):
        if draw(st.booleans()):
            some = paths_in_order[: draw(st.integers(0, len(paths_in_order)))]
            values = [draw(NAMES if path == "__name__" else VALUES) for path in some]
            cursor.CopyFrom(Cursor(values=values, before=draw(st.booleans())))
    query.offset = draw(st.integers(0, 2))
    if draw(st.booleans()):
        query.limit.CopyFrom(Int32Value(value=draw(st.integers(0, 3))))
    return query


def document(place, fields):
    return Document(name=ROOT + place, fields=fields)


def key_of(name):
    return paths.key(paths.document(name, DATABASE))


def fill(store, documents, time=10):
    changes = [
        Change(key_of(ROOT + place), None, document(place, fields).SerializeToString())
        for place, fields in documents.items()
    ]
    store.commit(DATABASE, time, sorted(changes))


def results(store, query, index_from, time=10):
    found = run(compile_query(query, ()), Snapshot(store, DATABASE, time), index_from)
    return [Document.FromString(one.body).name for one in found]


def is_taken(query):
    """Whether it is one that is not refused."""
    try:
        compile_query(query, ())
    except InvalidArgumentError:
        return False
    return True


# Hypothesis itself fails where most are refused.
QUERIES = queries().filter(is_taken)


@settings(max_examples=150)
@given(DOCUMENTS, QUERIES)
def test_queries_answer_as_the_naive_model(documents, query):
    store = MemoryStore()
    fill(store, documents)
    wanted = answer({ROOT + p: document(p, f) for p, f in documents.items()}, query, ROOT)
    assert results(store, query, ALWAYS) == wanted
    assert results(store, query, NEVER) == wanted


@settings(max_examples=100)
@given(DOCUMENTS, DOCUMENTS, QUERIES)
def test_an_earlier_state_answers_as_it_did(documents, later, query):
    check_an_earlier_state(MemoryStore(), documents, later, query)


@settings(max_examples=30)
@given(DOCUMENTS, DOCUMENTS, QUERIES)
def test_an_earlier_state_answers_as_it_did_in_a_file(documents, later, query):
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        try:
            check_an_earlier_state(store, documents, later, query)
        finally:
            store.close()


def check_an_earlier_state(store, documents, later, query):
    """The same, be the changes since few or many."""
    fill(store, documents)
    before = results(store, query, NEVER)
    overwrite(store, later)
    for few in (changes.FEW, 0):
        with mock.patch.object(changes, "FEW", few):
            assert results(store, query, ALWAYS) == before
            assert results(store, query, NEVER) == before


def overwrite(store, documents, time=20):
    """Replaces, adds and deletes documents."""
    known = {key_of(ROOT + place) for place in ("c/1", "c/2", "c/3", "d/1")}
    after = {
        key_of(ROOT + place): document(place, fields).SerializeToString()
        for place, fields in documents.items()
    }
    changes = [
        Change(key, store.get(DATABASE, key), after.get(key)) for key in sorted(known | set(after))
    ]
    store.commit(DATABASE, time, [one for one in changes if one != (one.key, None, None)])


@settings(max_examples=60)
@given(DOCUMENTS, st.lists(DOCUMENTS, max_size=3), QUERIES)
def test_indexes_follow_every_change(documents, changes, query):
    check_indexes_follow(MemoryStore(), documents, changes, query)


@settings(max_examples=20)
@given(DOCUMENTS, st.lists(DOCUMENTS, max_size=3), QUERIES)
def test_indexes_in_sqlite_follow_every_change(tmp_path_factory, documents, changes, query):
    store = SqliteStore(tmp_path_factory.mktemp("store"))
    check_indexes_follow(store, documents, changes, query)
    store.close()


def check_indexes_follow(store, documents, changes, query):
    fill(store, documents)
    before = results(store, query, ALWAYS)
    for number, later in enumerate(changes):
        overwrite(store, later, time=20 + number)
    everywhere = [Document.FromString(body) for body in bodies(store)]
    wanted = answer({one.name: one for one in everywhere}, query, ROOT)
    assert results(store, query, ALWAYS, time=99) == wanted
    assert results(store, query, ALWAYS, time=10) == before


def bodies(store):
    for collection in store.collections(DATABASE, (b"", None)):
        for _, body in store.page(DATABASE, collection, (b"", None), 99, reverse=False):
            yield body


@settings(max_examples=20)
@given(DOCUMENTS, st.lists(QUERIES, min_size=4, max_size=4))
def test_sqlite_answers_as_the_naive_model(tmp_path_factory, documents, several):
    store = SqliteStore(tmp_path_factory.mktemp("store"))
    fill(store, documents)
    for query in several:
        wanted = answer({ROOT + p: document(p, f) for p, f in documents.items()}, query, ROOT)
        assert results(store, query, ALWAYS) == wanted
        assert results(store, query, NEVER) == wanted
    store.close()


def query_of(where=None, collection="c", **parts):
    query = StructuredQuery(where=where, **parts)
    query.from_.add(collection_id=collection)
    return query


def test_a_group_below_a_document_is_refused():
    query = StructuredQuery()
    query.from_.add(collection_id="c", all_descendants=True)
    with pytest.raises(InvalidArgumentError, match="only allowed at the root parent"):
        compile_query(query, ("a", "b"))


def test_a_long_walk_sees_one_state_while_commits_go_on(store):
    fill(store, {f"c/{n:04}": {"a": Value(integer_value=n)} for n in range(1500)})
    query = query_of(order_by=[{"field": reference("a")}])
    for index_from in (ALWAYS, NEVER):
        time = store.last_commit(DATABASE)
        walk = run(compile_query(query, ()), Snapshot(store, DATABASE, time), index_from)
        seen = [next(walk).key for _ in range(10)]
        changed = key_of(ROOT + "c/0700")
        store.commit(DATABASE, time + 1, [Change(changed, store.get(DATABASE, changed), None)])
        seen += [one.key for one in walk]
        assert len(seen) == len(set(seen)) == 1500
        body = document("c/0700", {"a": Value(integer_value=700)}).SerializeToString()
        store.commit(DATABASE, time + 2, [Change(changed, None, body)])
