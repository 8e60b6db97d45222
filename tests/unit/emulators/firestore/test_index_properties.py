"""What holds for any query: what it is told to declare serves it, and no more is recorded."""

from google.cloud.firestore_v1.base_query import And, FieldFilter, Or
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.indexing.file import read
from emulators.firestore.model.indexing.needs import needs_of
from emulators.firestore.model.indexing.selection import Indexes
from emulators.firestore.service.index_recording import FileRecorder
from tests.unit.emulators.firestore.declared import GROUP, C, compiled, missing, order

FIELDS = st.sampled_from(["a", "b", "d", "m.a"])
OPERATORS = [("==", 1), ("==", None), ("in", [1, 2]), (">", 1), ("!=", 1)]
OPERATORS += [("array_contains", 1), ("array_contains_any", [1, 2])]
COMPARISONS = st.tuples(FIELDS, st.sampled_from(OPERATORS)).map(
    lambda one: FieldFilter(one[0], *one[1])
)
FILTERS = st.recursive(
    COMPARISONS,
    lambda inner: st.tuples(
        st.sampled_from([And, Or]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda one: one[0](one[1])),
    max_leaves=5,
)
ORDERS = st.lists(
    st.tuples(FIELDS, st.sampled_from("+-")), max_size=3, unique_by=lambda one: one[0]
).map(lambda columns: [path + direction for path, direction in columns])
NAMES = st.sampled_from([[], ["__name__+"], ["__name__-"]])


def build(scope, where, columns, names):
    query = scope if where is None else scope.where(filter=where)
    return order(query, *columns, *names)


def is_valid(query):
    try:
        compiled(query)
    except InvalidArgumentError:
        return False
    return True


QUERIES = st.builds(build, st.sampled_from([C, GROUP]), st.none() | FILTERS, ORDERS, NAMES).filter(
    is_valid
)


def needs(query):
    return needs_of(compiled(query))


def served(query, indexes):
    return all(indexes.serving(need) is not None for need in needs(query))


class Text:
    """A file of indexes in memory."""

    text = '{"indexes": []}'

    def change(self, change):
        self.text = change(self.text)


def recorded(queries):
    file = Text()
    recorder = FileRecorder(file)
    for query in queries:
        recorder.note(needs(query))
    return file.text, read(file.text)


@given(st.lists(QUERIES, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_what_is_recorded_serves_and_none_of_it_is_too_much(queries):
    _, indexes = recorded(queries)
    assert all(served(query, indexes) for query in queries)
    for index in indexes.composites:
        rest = Indexes([one for one in indexes.composites if one != index], indexes.overrides)
        assert not all(served(query, rest) for query in queries)
    for owner, modes in indexes.overrides.items():
        for mode in modes:
            if mode[1]:  # of the group: those of the collection were there
                less = {**indexes.overrides, owner: modes - {mode}}
                assert not all(served(one, Indexes(indexes.composites, less)) for one in queries)


@given(st.lists(QUERIES, min_size=1, max_size=6), st.randoms())
@settings(max_examples=60, deadline=None)
def test_a_recording_does_not_depend_on_the_order_of_queries(queries, random):
    shuffled = list(queries)
    random.shuffle(shuffled)
    assert recorded(queries)[0] == recorded(shuffled)[0]


@given(QUERIES)
@settings(max_examples=150, deadline=None)
def test_the_plan_fixes_every_field_and_ends_in_the_order(query):
    _, indexes = recorded([query])
    for need in needs(query):
        used = indexes.serving(need)
        assert {index.collection for index in used} == {"c"}
        assert all(index.group >= need.group for index in used)
        first = [index.columns[: len(index.columns) - len(need.suffix)] for index in used]
        fixed = {(one.path, one.mode == "CONTAINS") for columns in first for one in columns}
        assert fixed == {(pin.path, pin.contains) for pin in need.pins}
        ends = {index.columns[len(index.columns) - len(need.suffix) :] for index in used}
        assert ends == {need.suffix}
        assert {index.name_descending for index in used} == {need.name_descending}
    if not indexes.composites and not indexes.overrides:
        assert missing(query) == []
