"""Which indexes a query needs: a table for each rule, with where the rule comes from.

O: Google's page "Index types in Cloud Firestore" (query-data/index-overview of its documentation).
Q: its page "Perform simple and compound queries" (query-data/queries).
R: what the real service answered, recorded on 2026-09-24 by t-k/fireemu (FS-QUERY-INDEX,
   conformance/src/fs-query-index/programs/indexes.mjs and tests/index.rs).
L: links that the real service gave, published in issues and error logs; each is named.
S: follows from the structure of an index alone; no source says so.
"""

import pytest
from google.cloud.firestore_v1.base_query import And, FieldFilter, Or
from google.cloud.firestore_v1.field_path import FieldPath

from emulators.firestore.model.fields import NAME
from emulators.firestore.model.indexing.needs import needs_of, ranges_apart
from emulators.firestore.model.query import compile_query
from tests.unit.emulators.firestore.declared import (
    CLIENT,
    GROUP,
    C,
    compiled,
    equal,
    missing,
    order,
    used,
    where,
)

DOCUMENT = CLIENT.document("c/x")
NAME_TEXT = ".".join(NAME)

NO_INDEX = [
    ("everything", C, "O: the documents themselves"),
    ("equality", equal(C, "a"), "O"),
    ("equalities merge", equal(C, "a", "b", "d"), "O: index merging; R: three-equalities-merge"),
    ("null and NaN", where(C, ("a", "==", None), ("b", "==", float("nan"))), "R: unary filters"),
    ("a range", where(C, ("a", ">", 1), ("a", "<", 5)), "O"),
    ("a range, downwards", order(where(C, ("a", ">", 1)), "a-"), "R: single-range-and-order"),
    ("not equal", where(C, ("a", "!=", 1)), "O"),
    ("not in", where(C, ("a", "not-in", [1, 2])), "O"),
    ("an order", order(C, "a-"), "R: single-order-descending"),
    ("an order and its name", order(C, "a-", "__name__-"), "O: the name follows the field"),
    ("equality and its own order", order(equal(C, "a"), "a-"), "S: one field"),
    ("in", where(C, ("a", "in", [1, 2])), "O"),
    ("in and equality", equal(where(C, ("a", "in", [1, 2])), "b"), "R: in-merge"),
    ("two ins", where(C, ("a", "in", [1, 2]), ("b", "in", [3, 4])), "O: each alternative"),
    ("array-contains", where(C, ("t", "array_contains", 1)), "O"),
    ("array-contains-any", where(C, ("t", "array_contains_any", [1, 2])), "O"),
    (
        "array-contains and equality",
        equal(where(C, ("t", "array_contains", 1)), "a"),
        "Q: chaining == or array-contains; R: equality-and-array-contains-merge",
    ),
    ("names upwards", order(C, "__name__+"), "R"),
    ("a range of names", where(C, (NAME_TEXT, ">", DOCUMENT)), "R: name-range"),
    ("a name", where(C, (NAME_TEXT, "==", DOCUMENT)), "R"),
    ("a name, downwards", order(where(C, (NAME_TEXT, "==", DOCUMENT)), "__name__-"), "S: one"),
    ("names", where(C, (NAME_TEXT, "in", [DOCUMENT])), "R: name-in"),
    ("equality, names down", order(equal(C, "a"), "__name__-"), "R: equality-and-name-descending"),
    ("equalities, names down", order(equal(C, "a", "b"), "__name__-"), "R"),
    (
        "equality and a range of names",
        where(equal(C, "a"), (NAME_TEXT, ">", DOCUMENT)),
        "R: equality-and-name-range",
    ),
    ("inside a map", equal(C, "m.a", "m.b"), "O: each subfield of a map"),
    ("odd names", equal(C, FieldPath("m", "zip code").to_api_repr(), "`é`"), "O"),
    ("a group, unfiltered", GROUP, "R: root-all-descendants"),
    ("a group by name", order(GROUP, "__name__+"), "R: name-order"),
    (
        "or of two fields",
        C.where(filter=Or([FieldFilter("a", "==", 1), FieldFilter("b", "==", 1)])),
        "O",
    ),
]


@pytest.mark.parametrize(
    ("query", "_source"), [one[1:] for one in NO_INDEX], ids=[o[0] for o in NO_INDEX]
)
def test_queries_that_need_no_index(query, _source):
    assert missing(query) == []


ONE_INDEX = [
    (
        "equality and order",
        order(equal(C, "a"), "b-"),
        "c a+ b- __name__-",
        "O; L: nearly every link",
    ),
    ("equality and range", where(equal(C, "a"), ("b", ">", 1)), "c a+ b+ __name__+", "O; R"),
    (
        "two equalities sorted",
        order(equal(C, "b", "a"), "d+"),
        "c a+ b+ d+ __name__+",
        "L: convergepanel",
    ),
    ("in and order", order(where(C, ("a", "in", [1, 2])), "b+"), "c a+ b+ __name__+", "O"),
    ("two orders", order(C, "b+", "a-"), "c b+ a- __name__-", "R: two-orders-missing"),
    (
        "two ranges",
        where(C, ("b", ">", 1), ("a", ">", 1)),
        "c a+ b+ __name__+",
        "L: convergepanel 5",
    ),
    (
        "two ranges, ordered",
        order(where(C, ("a", ">", 1), ("b", ">", 1)), "b+"),
        "c b+ a+ __name__+",
        "R",
    ),
    (
        "range, other order",
        order(where(equal(C, "a"), ("t", ">", 1)), "r-"),
        "c a+ r- t- __name__-",
        "L: intexuraos",
    ),
    (
        "not-in and equality",
        where(equal(C, "p"), ("g", "not-in", [1])),
        "c p+ g+ __name__+",
        "L: convergepanel 3",
    ),
    (
        "array and order",
        order(where(C, ("t", "array_contains", 1)), "b-"),
        "c t@ b- __name__-",
        "L: boofer-chat",
    ),
    (
        "array, equality and order",
        order(equal(where(C, ("t", "array_contains", 1)), "u"), "d-"),
        "c t@ u+ d- __name__-",
        "L: hyfinances",
    ),
    (
        "array ordered by itself, too",
        order(equal(where(C, ("t", "array_contains", 1)), "u"), "t-", "d-"),
        "c t@ u+ t- d- __name__-",
        "L: hyfinances 5",
    ),
    ("names downwards", order(C, "__name__-"), "c __name__-", "R; L: firebase/flutterfire#4398"),
    (
        "range of names downwards",
        order(where(C, (NAME_TEXT, ">", DOCUMENT)), "__name__-"),
        "c __name__-",
        "R",
    ),
    (
        "against the field",
        order(C, "a-", "__name__+"),
        "c a- __name__+",
        "L: samuelgozi/firebase-firestore-lite#13",
    ),
    (
        "range against the field",
        order(where(C, ("a", ">", 1)), "a+", "__name__-"),
        "c a+ __name__-",
        "R: range-and-name-order-descending",
    ),
    (
        "array, names down",
        order(where(C, ("t", "array_contains", 1)), "__name__-"),
        "c t@ __name__-",
        "S",
    ),
    (
        "equality that also orders",
        order(where(C, ("t", "in", ["x"])), "d-", "t+"),
        "c t+ d- __name__+",
        "L: firebase/firebase-js-sdk#9097",
    ),
    (
        "merge, ordered by its field",
        order(equal(C, "a", "b"), "a+"),
        "c a+ b+ __name__+",
        "R: equalities-99-and-order",
    ),
    ("a group by a field", equal(GROUP, "a"), "c* a+ __name__+", "O; R; L: taskalert"),
    ("a group's order", order(GROUP, "a-"), "c* a- __name__-", "R"),
    ("a group's array", where(GROUP, ("t", "array_contains", 1)), "c* t@ __name__+", "R"),
    ("a group, two fields", order(equal(GROUP, "a"), "b+"), "c* a+ b+ __name__+", "O"),
    ("a group's names down", order(GROUP, "__name__-"), "c* __name__-", "R"),
    (
        "an or with a range",
        C.where(filter=Or([FieldFilter("a", "==", 1), FieldFilter("d", ">", 4)])),
        "c a+ d+ __name__+",
        "R: or-of-single-fields: the range orders every alternative",
    ),
]


@pytest.mark.parametrize(
    ("query", "needed", "_source"),
    [one[1:] for one in ONE_INDEX],
    ids=[one[0] for one in ONE_INDEX],
)
def test_queries_that_need_one_index(query, needed, _source):
    assert missing(query) == [needed]
    assert missing(query, [needed]) == []


def test_each_alternative_needs_its_own():
    either = Or(
        [And([FieldFilter("a", "==", 1), FieldFilter("b", "==", 1)]), FieldFilter("d", "==", 1)]
    )
    query = order(C.where(filter=either), "o+")
    assert missing(query) == ["c a+ b+ o+ __name__+", "c d+ o+ __name__+"]
    assert missing(query, ["c d+ o+"]) == ["c a+ b+ o+ __name__+"]
    assert missing(query, ["c d+ o+", "c b+ a+ o+"]) == []


SERVED = [
    ("equal fields in any order", order(equal(C, "a", "b"), "o-"), ["c b+ a- o-"], "O"),
    (
        "the example of the page",
        order(equal(C, "category", "city"), "star_rating+"),
        ["c category+ star_rating+", "c city+ star_rating+"],
        "O: index merging; R",
    ),
    (
        "three merged",
        order(equal(C, "a", "b", "d"), "o+"),
        ["c a+ o+", "c b+ o+", "c d+ o+"],
        "O; R",
    ),
    ("two and one", order(equal(C, "a", "b", "d"), "o+"), ["c a+ b+ o+", "c d+ o+"], "O"),
    (
        "a range merged",
        where(equal(C, "a", "b"), ("r", "<", 1)),
        ["c a+ r+", "c b+ r+"],
        "S: the same walk",
    ),
    (
        "a merge with arrays",
        order(equal(where(C, ("t", "array_contains", 1)), "a"), "o+"),
        ["c t@ o+", "c a+ o+"],
        "R: array-contains joins a merge",
    ),
    (
        "arrays anywhere before the order",
        order(equal(where(C, ("t", "array_contains", 1)), "a"), "o+"),
        ["c a+ t@ o+"],
        "S: the first fields are all fixed",
    ),
    (
        "of a group for a collection",
        order(equal(C, "a"), "b+"),
        ["c* a+ b+"],
        "R: group-scope-composite-for-collection",
    ),
    ("the name said as implied", order(equal(C, "a"), "b-"), ["c a+ b- __name__-"], "O"),
]
UNSERVED = [
    ("the other direction", order(equal(C, "a"), "b-"), ["c a+ b+"], "R: …-descending-missing"),
    ("all directions reversed", order(C, "a+", "b-"), ["c a- b+"], "R"),
    (
        "a field more",
        order(equal(C, "a"), "b+"),
        ["c a+ b+ d+"],
        "O: documents without d are not in it",
    ),
    ("the order first", order(equal(C, "a"), "b+"), ["c b+ a+"], "R"),
    (
        "ranges in another order",
        order(where(C, ("a", ">", 0), ("b", ">", 0)), "b+"),
        ["c a+ b+"],
        "R: two-ranges-order-reversed-missing",
    ),
    (
        "one of two to merge",
        order(equal(C, "a", "d"), "o+"),
        ["c a+ o+"],
        "R: equalities-with-order-one-missing",
    ),
    ("orders that differ", order(equal(C, "a", "b"), "o+"), ["c a+ o+", "c b+ o-"], "R"),
    ("names that differ", order(equal(C, "a"), "b+"), ["c a+ b+ __name__-"], "O"),
    ("of a collection for a group", order(equal(GROUP, "a"), "b+"), ["c a+ b+"], "O; R"),
    ("of another collection", order(equal(C, "a"), "b+"), ["d a+ b+"], "O"),
    (
        "a value for an element",
        order(where(C, ("t", "array_contains", 1)), "b+"),
        ["c t+ b+"],
        "R: array modes",
    ),
    ("an element for a value", order(equal(C, "t"), "b+"), ["c t@ b+"], "R: array modes"),
]


@pytest.mark.parametrize(
    ("query", "declared", "_source"), [o[1:] for o in SERVED], ids=[o[0] for o in SERVED]
)
def test_indexes_that_serve(query, declared, _source):
    assert missing(query) != []
    assert missing(query, declared) == []
    for number in range(len(declared)):  # each of them is needed
        assert missing(query, declared[:number] + declared[number + 1 :]) != []


@pytest.mark.parametrize(
    ("query", "declared", "_source"), [o[1:] for o in UNSERVED], ids=[o[0] for o in UNSERVED]
)
def test_indexes_that_do_not_serve(query, declared, _source):
    assert missing(query, declared) == missing(query) != []


def test_what_serves_is_told():
    assert used(C) == [["c __name__+"]]
    assert used(equal(C, "b", "a")) == [["c a+ __name__+", "c b+ __name__+"]]
    assert used(equal(C, "b", "a"), ["c a+ b+"]) == [["c a+ b+ __name__+"]]
    pair = ["c a+ b+ o+ __name__+", "c d+ o+ __name__+"]
    assert used(order(equal(C, "a", "b", "d"), "o+"), ["c a+ o+", *pair]) == [pair]
    assert used(order(equal(C, "a"), "o+")) == [None]


def test_the_guide_to_several_ranges_is_for_ranges_apart():
    apart = [where(C, ("a", ">", 1), ("b", ">", 1)), order(where(C, ("t", ">", 1)), "r-")]
    assert [ranges_apart(compiled(query)) for query in apart] == [True, True]
    one = [where(equal(C, "a"), ("b", ">", 1)), order(where(C, ("t", ">", 1)), "t-", "r-"), C]
    assert [ranges_apart(compiled(query)) for query in one] == [False, False, False]


def test_a_query_of_every_collection_needs_nothing():
    message = GROUP._to_protobuf()._pb
    message.from_[0].collection_id = ""
    assert needs_of(compile_query(message, ())) == []
