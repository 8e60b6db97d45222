"""Section 5 of the contract: queries and aggregations."""

import math
import sys

import pytest
from google.api_core import exceptions
from google.cloud.firestore_v1 import aggregation
from google.cloud.firestore_v1.base_query import And, FieldFilter, Or
from google.cloud.firestore_v1.base_vector_query import DistanceMeasure
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.query_profile import ExplainOptions
from google.cloud.firestore_v1.vector import Vector

ROWS = {
    "a": {"n": 1, "kind": "x", "tags": ["r", "g"], "deep": {"v": 3}},
    "b": {"n": 2.5, "kind": "y", "tags": ["g"], "deep": {"v": 2}},
    "c": {"n": 3, "kind": "x", "tags": [], "deep": {"v": 1}},
    "d": {"n": None, "kind": "y"},
    "e": {"n": math.nan, "kind": "x", "tags": ["b", 3]},
    "f": {"kind": None},
}

MAX = sys.float_info.max


@pytest.fixture
def rows(client):
    batch = client.batch()
    for name, row in ROWS.items():
        batch.set(client.document(f"rows/{name}"), row)
    batch.commit()
    return client.collection("rows")


def names(query, **options):
    return "".join(one.id for one in query.stream(**options))


@pytest.mark.parametrize(
    ("field", "operator", "value", "wanted"),
    [
        ("n", "==", 3.0, "c"),
        ("n", "<", 3, "ab"),
        ("n", "<=", 3, "abc"),
        ("n", ">", 1, "bc"),
        ("n", ">=", 2.5, "bc"),
        ("n", "!=", 1, "ebc"),
        ("n", "==", None, "d"),
        ("n", "!=", None, "eabc"),
        ("n", "==", math.nan, "e"),
        ("n", "!=", math.nan, "abc"),
        ("n", "in", [1, 3], "ac"),
        ("n", "in", [None], ""),
        ("n", "in", [1, None, math.nan], "a"),
        ("n", "not-in", [math.nan], "abc"),
        ("n", "not-in", [1, 3], "eb"),
        ("n", "not-in", [1, None], ""),
        ("tags", "array_contains", "g", "ab"),
        ("tags", "array_contains_any", ["r", 3.0], "ae"),
        ("tags", "array_contains_any", [None, math.nan], ""),
        ("tags", "==", [], "c"),
        ("deep.v", ">=", 2, "ba"),
        ("kind", "==", "y", "bd"),
        ("kind", ">", "x", "bd"),
        ("missing", "!=", 1, ""),
    ],
)
def test_operators(rows, field, operator, value, wanted):
    assert names(rows.where(filter=FieldFilter(field, operator, value))) == wanted


def test_or_and_nested_filters(rows):
    either = Or([FieldFilter("n", "==", 1), FieldFilter("kind", "==", "y")])
    assert names(rows.where(filter=either)) == "abd"
    both = And([either, FieldFilter("tags", "array_contains", "g")])
    assert names(rows.where(filter=both)) == "ab"
    overlapping = Or([FieldFilter("n", ">", 0), FieldFilter("n", "<", 3)])
    assert names(rows.where(filter=overlapping)) == "abc"


def test_orders_and_cursors(rows):
    by_kind = rows.order_by("kind").order_by("n", direction="DESCENDING")
    assert names(by_kind) == "caebd"
    assert names(by_kind.start_at({"kind": "y"})) == "bd"
    assert names(by_kind.start_after({"kind": "x", "n": 3})) == "aebd"
    assert names(by_kind.end_before({"kind": "x", "n": 1})) == "c"
    assert names(by_kind.end_at({"kind": "x"})) == "cae"
    assert names(by_kind.offset(1).limit(2)) == "ae"
    assert names(by_kind.start_after(rows.document("a").get())) == "ebd"
    assert "".join(one.id for one in by_kind.limit_to_last(2).get()) == "bd"
    with pytest.raises(exceptions.InvalidArgument):
        names(rows.order_by("n").where(filter=FieldFilter("n", "in", list(range(40)))))


def test_names_as_a_field(rows):
    name = FieldPath.document_id()
    assert names(rows.where(filter=FieldFilter(name, ">", rows.document("d")))) == "ef"
    assert (
        names(rows.where(filter=FieldFilter(name, "in", [rows.document(n) for n in "ax"]))) == "a"
    )
    assert names(rows.order_by(name, direction="DESCENDING")) == "fedcba"


def test_projection(rows):
    found = [one.to_dict() for one in rows.select(["deep.v", "n"]).limit(1).stream()]
    assert found == [{"deep": {"v": 3}, "n": 1}]
    assert [one.to_dict() for one in rows.select([]).limit(1).stream()] == [{}]


def test_no_results(client):
    assert client.collection("none").get() == []
    assert client.collection("none").limit(0).get() == []


def test_groups(client):
    for path in ("c/1", "a/1/c/2", "a/1/c/2/x/1/c/3", "z/1/cc/4", "z/0/c/5"):
        client.document(path).set({"n": 1})
    group = client.collection_group("c")
    assert names(group) == "2315"
    assert names(group.where(filter=FieldFilter("n", "==", 1)).limit(2)) == "23"
    ranged = group.order_by("__name__").start_at([client.document("a/1")])
    assert names(ranged.end_at([client.document("a/1b")])) == "23"


def test_aggregations(rows):
    query = aggregation.AggregationQuery(rows.where(filter=FieldFilter("n", ">", 0)))
    found = query.count("rows").sum("n", "total").avg("n").get()[0]
    assert {one.alias: one.value for one in found} == {
        "rows": 3,
        "total": 6.5,
        "field_1": pytest.approx(6.5 / 3),
    }
    assert rows.count().get()[0][0].value == 6
    empty = rows.where(filter=FieldFilter("n", "==", 99))
    assert empty.sum("n").get()[0][0].value == 0
    assert not empty.avg("n").get()[0][0].value  # the client reads null as 0.0
    assert math.isnan(rows.sum("n").get()[0][0].value)
    assert rows.limit(2).count().get()[0][0].value == 2
    with pytest.raises(exceptions.InvalidArgument, match="duplicate alias"):
        aggregation.AggregationQuery(rows.limit(9)).count("x").sum("n", "x").get()
    with pytest.raises(exceptions.InvalidArgument, match="can not be empty"):
        aggregation.AggregationQuery(rows.limit(9)).get()


def test_aggregated_fields_order_the_results(client):
    """A limit leaves the documents with the least values, and one without a field is left out."""
    collection = client.collection("parcels")
    for number, weight in enumerate((7, 1, "heavy", 3, 2)):
        fields = {"size": {"weight": weight}, "even": number % 2 == 0}
        collection.document(f"{number}").set(fields)
    collection.document("5").set({"even": False})
    assert collection.limit(2).sum("size.weight").get()[0][0].value == 3
    assert collection.limit(2).avg("size.weight").get()[0][0].value == 1.5
    even = collection.where(filter=FieldFilter("even", "==", True)).limit(1)
    assert even.sum("size.weight").get()[0][0].value == 2
    with pytest.raises(exceptions.InvalidArgument, match=r"fields \[size.weight\] after __name__"):
        collection.order_by("__name__").limit(2).sum("size.weight").get()
    both = collection.count("rows").sum("size.weight", "total").get()
    assert {one.alias: one.value for one in both[0]} == {"rows": 5, "total": 13}
    assert collection.count().get()[0][0].value == 6
    plan = collection.avg("size.weight").get(explain_options=ExplainOptions(analyze=False))
    index = {"properties": "(size.weight ASC, __name__ ASC)", "query_scope": "Collection"}
    assert plan.get_explain_metrics().plan_summary.indexes_used == [index]


def test_aggregated_arrays_and_several_fields(client):
    """Only what has all the aggregated fields counts, and only numbers add to sums."""
    collection = client.collection("films")
    for number, fields in enumerate(({"stars": [5]}, {"stars": [3, 9]}, {"stars": [1]}, {})):
        collection.document(f"{number}").set({"minutes": 90 + number, **fields})
    everything = collection.count("rows").sum("minutes", "total").avg("stars", "mean")
    assert {one.alias: one.value for one in everything.get()[0]} == {
        "rows": 3,
        "total": 90 + 91 + 92,
        "mean": 0.0,  # null, as the client reads it
    }
    some = collection.where(filter=FieldFilter("stars", "array_contains_any", [5, 3]))
    found = some.count("rows").sum("stars", "none").sum("minutes", "total").get()[0]
    assert {one.alias: one.value for one in found} == {"rows": 2, "none": 0, "total": 181}
    many = collection.count()
    for _ in range(5):
        many = many.sum("minutes")
    with pytest.raises(exceptions.InvalidArgument, match=r"maximum number of .* Received: 6"):
        many.get()


@pytest.mark.parametrize(
    ("values", "total", "mean"),
    [
        ([MAX, MAX, -MAX, -MAX], 0.0, 0.0),
        ([MAX, 1e293], math.inf, math.inf),
        ([-MAX, -MAX], -math.inf, -math.inf),
        ([1e16, 1, 1, -1e16], 2.0, 0.5),
        ([0.1] * 10, 1.0, 0.1),
        ([5e-324, 0], 5e-324, 0.0),
        ([math.inf, -MAX], math.inf, math.inf),
        ([2**63 - 1, 2**63 - 1, 3, -(2**63 - 1)], 2.0**63, 2.0**61),
        ([2**63 - 1, 1, -5], 2**63 - 5, 2.0**63 / 3),
    ],
)
def test_sums_are_exact(client, values, total, mean):
    collection = client.collection("n")
    for value in values:
        collection.add({"n": value})
    found = collection.sum("n", "total").avg("n", "mean").get()[0]
    assert {one.alias: one.value for one in found} == {"total": total, "mean": mean}


def test_large_collections_answer_from_an_index(client):
    collection = client.collection("big")
    for start in range(0, 2000, 500):
        batch = client.batch()
        for number in range(start, start + 500):
            batch.set(collection.document(f"{number:04}"), {"n": number, "g": number % 7})
        batch.commit()
    query = collection.where(filter=FieldFilter("g", "==", 3)).order_by("n", direction="DESCENDING")
    found = [one.get("n") for one in query.limit(20).stream()]
    assert found == [n for n in range(1999, -1, -1) if n % 7 == 3][:20]
    collection.document("1998").delete()
    collection.document("0000").update({"n": 5000, "g": 3})
    found = [one.get("n") for one in query.limit(3).stream()]
    assert found == [5000, 1991, 1984]
    assert len(collection.get()) == 1999
    assert collection.limit(3).sum("n").get()[0][0].value == 1 + 2 + 3


def test_chunks(rows):
    assert ["".join(one.id for one in chunk) for chunk in rows.limit(5)._chunkify(2)] == [
        "ab",
        "cd",
        "e",
    ]


def test_partitions_make_up_the_group_again(client):
    batch = client.batch()
    for number in range(700):
        batch.set(client.document(f"p/{number % 3}/c/{number:03}"), {"n": number})
    batch.commit()
    group = client.collection_group("c")
    parts = list(group.get_partitions(4))
    assert len(parts) == 5
    found = [one.reference.path for part in parts for one in part.query().stream()]
    assert found == [one.reference.path for one in group.order_by("__name__").stream()]
    assert len(found) == 700
    assert len(list(client.collection_group("none").get_partitions(4))) == 1


@pytest.fixture
def vectors(client):
    collection = client.collection("vectors")
    elements = {"a": [3.0, 4.0, 5.0], "b": [1.0, 2.0, 3.0], "c": [0.0, 0.0, 1.0], "d": [1.0, 2.0]}
    for name, vector in elements.items():
        kind = "x" if name == "c" else "y"
        collection.document(name).set({"deep": {"v": Vector(vector)}, "kind": kind})
    collection.document("e").set({"deep": {"v": [1.0, 2.0, 3.0]}})
    return collection


def nearest(query, measure, limit=10, **options):
    target = Vector([1.0, 2.0, 3.0])
    found = query.find_nearest(
        "deep.v", target, limit, measure, distance_result_field="far", **options
    )
    return [(one.id, one.get("far")) for one in found.get()]


def test_the_nearest_vectors(vectors):
    cosine = nearest(vectors, DistanceMeasure.COSINE, limit=2)
    assert cosine == [("b", 0.0), ("a", 0.017292370176009153)]
    euclidean = nearest(vectors, DistanceMeasure.EUCLIDEAN)
    assert [name for name, _ in euclidean] == ["b", "c", "a"]
    assert euclidean[1][1] == 3.0
    product = nearest(vectors, DistanceMeasure.DOT_PRODUCT, distance_threshold=14.0)
    assert product == [("a", 26.0), ("b", 14.0)]
    kind = vectors.where(filter=FieldFilter("kind", "==", "x"))
    assert [name for name, _ in nearest(kind, DistanceMeasure.COSINE)] == ["c"]
    assert nearest(vectors.select(["kind"]), DistanceMeasure.COSINE, limit=1) == [("b", 0.0)]
    with pytest.raises(exceptions.InvalidArgument, match="no more than 1000"):
        nearest(vectors, DistanceMeasure.COSINE, limit=1001)


def test_explain(rows):
    query = rows.where(filter=FieldFilter("kind", "==", "x")).order_by("n")
    plan = query.get(explain_options=ExplainOptions(analyze=False))
    assert plan == []
    index = {"properties": "(kind ASC, n ASC, __name__ ASC)", "query_scope": "Collection"}
    assert plan.get_explain_metrics().plan_summary.indexes_used == [index]
    stream = query.stream(explain_options=ExplainOptions(analyze=True))
    assert [one.id for one in stream] == ["e", "a", "c"]
    stats = stream.get_explain_metrics().execution_stats
    assert (stats.results_returned, stats.read_operations) == (3, 3)
    assert 0 < stats.execution_duration.total_seconds() < 1
    assert {"billing_details", "documents_scanned", "index_entries_scanned"} <= set(
        stats.debug_stats
    )
    counted = query.count().get(explain_options=ExplainOptions(analyze=True))
    assert counted[0][0].value == 3
    assert counted.get_explain_metrics().execution_stats.read_operations == 1
