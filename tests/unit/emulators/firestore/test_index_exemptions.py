"""Aggregations, vectors and exempted fields: which indexes they need.

The letters say where a rule comes from, as in `test_index_selection.py`.
"""

import pytest
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.vector import Vector

from emulators.firestore.model.indexing.definitions import Mode
from tests.unit.emulators.firestore.declared import GROUP, C, equal, missing, order, where

AGGREGATED = [
    ("sum", C, ["b"], [], "R: sum-avg"),
    ("sum of what is filtered", where(C, ("b", ">", 1)), ["b"], [], "S: one field"),
    ("sum and equality", equal(C, "a"), ["b"], ["c a+ b+ __name__+"], "R: sum-with-composite"),
    ("two sums", C, ["n", "d"], ["c d+ n+ __name__+"], "R: the index (d, n) of agg"),
    ("count", order(equal(C, "a"), "b+"), [], ["c a+ b+ __name__+"], "R: count-missing-composite"),
    ("count of equalities", equal(C, "a", "b"), [], [], "googleapis/nodejs-firestore#1832"),
]


@pytest.mark.parametrize(
    ("query", "fields", "needed", "_source"),
    [o[1:] for o in AGGREGATED],
    ids=[o[0] for o in AGGREGATED],
)
def test_aggregations(query, fields, needed, _source):
    assert missing(query, aggregated=fields) == needed
    assert missing(query, needed, aggregated=fields) == []


def nearest(query, dimensions=3):
    return query.find_nearest(
        vector_field="emb",
        query_vector=Vector([1.0] * dimensions),
        distance_measure=DistanceMeasure.COSINE,
        limit=2,
    )


VECTORS = [  # all of them R: vector/validation, vector/with-query-clauses and tests/index.rs
    ("alone", nearest(C), ["c emb<3>"]),
    ("filtered", nearest(equal(C, "a", "b")), ["c a+ b+ emb<3>"]),
    ("by a range", nearest(where(C, ("a", ">", 1))), ["c a+ emb<3>"]),
    ("of a group", nearest(equal(GROUP, "a")), ["c* a+ emb<3>"]),
    ("of two dimensions", nearest(C, 2), ["c emb<2>"]),
    ("by two alternatives", nearest(where(C, ("a", "in", [1, 2]))), ["c a+ emb<3>"]),
]


@pytest.mark.parametrize(
    ("query", "needed"), [one[1:] for one in VECTORS], ids=[one[0] for one in VECTORS]
)
def test_vectors(query, needed):
    others = ["c emb<4>", "c b+ emb<3>", "c d+ emb<3>"]  # wrong dimension, wrong fields, no merging
    assert missing(query, others) == needed
    assert missing(query, [*others, *needed]) == []


def test_a_vector_index_orders_nothing():
    assert missing(equal(C, "emb"), ["c emb<3>"], {("c", ()): frozenset()}) == ["c emb+ __name__+"]
    assert missing(equal(C, "a", "emb"), ["c a+ emb<3>"], {("c", ()): frozenset()}) != []


UP, DOWN, IN = (Mode.ASCENDING, False), (Mode.DESCENDING, False), (Mode.CONTAINS, False)
IN_GROUP = (Mode.ASCENDING, True)
EXEMPT = [
    (
        "an exempt field",
        {("c", ("a",)): []},
        equal(C, "a"),
        ["c a+ __name__+"],
        "R: exempted-field-equality",
    ),
    (
        "its order",
        {("c", ("a",)): []},
        order(C, "a-"),
        ["c a- __name__-"],
        "R: exempted-field-order",
    ),
    ("another field", {("c", ("a",)): []}, equal(C, "b"), [], "O"),
    ("another collection", {("d", ("a",)): []}, equal(C, "a"), [], "O"),
    (
        "every field",
        {("c", ()): []},
        equal(C, "a"),
        ["c a+ __name__+"],
        "R: wildcard-exempt-collection",
    ),
    ("but one", {("c", ()): [], ("c", ("a",)): [UP]}, equal(C, "a"), [], "O"),
    ("the documents' names", {("c", ()): []}, order(C, "__name__+"), [], "R"),
    (
        "inside an exempt map",
        {("c", ("m",)): []},
        equal(C, "m.a.b"),
        ["c m.a.b+ __name__+"],
        "O: inherited",
    ),
    (
        "excepted inside it",
        {("c", ("m",)): [], ("c", ("m", "a")): [UP]},
        equal(C, "m.a.b"),
        [],
        "O",
    ),
    ("beside it", {("c", ("m", "a")): []}, equal(C, "m.b"), [], "O"),
    ("no merging either", {("c", ("a",)): []}, equal(C, "a", "b"), ["c a+ b+ __name__+"], "R"),
    ("upwards alone", {("c", ("a",)): [UP]}, order(C, "a-"), ["c a- __name__-"], "R"),
    ("either for equality", {("c", ("a",)): [DOWN]}, order(equal(C, "a"), "__name__-"), [], "R"),
    (
        "no elements",
        {("c", ("t",)): [UP, DOWN]},
        where(C, ("t", "array_contains", 1)),
        ["c t@ __name__+"],
        "R",
    ),
    ("elements alone", {("c", ("t",)): [IN]}, equal(C, "t"), ["c t+ __name__+"], "R"),
    (
        "a group's field",
        {("c", ("a",)): [UP, IN_GROUP]},
        equal(GROUP, "a"),
        [],
        "R: group-only-override",
    ),
    (
        "a group's field, downwards",
        {("c", ("a",)): [IN_GROUP]},
        order(GROUP, "a-"),
        ["c* a- __name__-"],
        "R",
    ),
    ("a group's field alone", {("c", ("a",)): [IN_GROUP]}, equal(C, "a"), ["c a+ __name__+"], "S"),
    (
        "a group's fields merge",
        {("c", ("a",)): [IN_GROUP], ("c", ("b",)): [IN_GROUP]},
        equal(GROUP, "a", "b"),
        [],
        "O",
    ),
]


@pytest.mark.parametrize(
    ("overrides", "query", "needed", "_source"), [o[1:] for o in EXEMPT], ids=[o[0] for o in EXEMPT]
)
def test_exemptions(overrides, query, needed, _source):
    settings = {owner: frozenset(modes) for owner, modes in overrides.items()}
    assert missing(query, overrides=settings) == needed
