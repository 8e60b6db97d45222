"""What the real service refuses, in its words.

Most were recorded on the real service in September 2026 (t-k/fireemu on GitHub,
`conformance/fs-query-index-production.json`; `query.rs` there has the limits). Those of an order
after the name and of equality on the name are in the integration tests of firebase-js-sdk
(`composite_index_query.test.ts`), which run against it. Those of vectors, of `verify` and of
BatchWrite are Google's own emulator's (hidane-dev/hidane, `validate.rs` and `writes.rs`).
"""

import pytest
from google.protobuf import json_format

from emulators.firestore.model.aggregation import compile_aggregations
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.fields import parse
from emulators.firestore.model.partitions import compile_partition_query
from emulators.firestore.model.protocol import StructuredAggregationQuery, StructuredQuery, message
from emulators.firestore.model.query import compile_query

ONE = {"integerValue": "1"}
DOCUMENT = {"referenceValue": "projects/p/databases/d/documents/c/a"}
LAST = "order by clause cannot contain more fields after the key"
PINNED = (
    "Equality on key is not allowed if there are other inequality fields and key does not appear "
    "in inequalities."
)
NEGATED = (
    "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query."
)


def has(path, operator, value=ONE):
    return {"fieldFilter": {"field": {"fieldPath": path}, "op": operator, "value": value}}


def unary(path, operator):
    return {"unaryFilter": {"field": {"fieldPath": path}, "op": operator}}


def every(*filters):
    return {"compositeFilter": {"op": "AND", "filters": list(filters)}}


def any_of(*filters):
    return {"compositeFilter": {"op": "OR", "filters": list(filters)}}


def values(count, value=None):
    some = [value or {"integerValue": str(number)} for number in range(count)]
    return {"arrayValue": {"values": some}}


def by(*paths, direction="ASCENDING"):
    return [{"field": {"fieldPath": path}, "direction": direction} for path in paths]


def near(vector=None, **more):
    vector = vector or vector_of({"doubleValue": 1.0})
    search = {"vectorField": {"fieldPath": "v"}, "limit": 1, "distanceMeasure": "COSINE"}
    return {"findNearest": {"queryVector": vector, **search, **more}}


def vector_of(*elements):
    held = {
        "__type__": {"stringValue": "__vector__"},
        "value": {"arrayValue": {"values": elements}},
    }
    return {"mapValue": {"fields": held}}


def query(collection="c", **parts):
    content = {"from": [{"collectionId": collection}], **parts}
    return json_format.ParseDict(content, StructuredQuery())


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"where": has("a", "NOT_EQUAL"), "orderBy": by("__name__")}, LAST),
        ({"where": has("a", "GREATER_THAN"), "orderBy": by("b", "__name__")}, LAST),
        ({"orderBy": by("__name__", "a")}, LAST),
        ({"orderBy": by("a", "b", "a")}, "order by clause cannot contain duplicate fields a"),
        ({"where": every(has("a", "NOT_EQUAL"), has("__name__", "EQUAL", DOCUMENT))}, PINNED),
        (
            {"where": every(has("a", "LESS_THAN"), has("__name__", "IN", values(2, DOCUMENT)))},
            PINNED,
        ),
        (
            {"where": every(*(has(f"f{number}", "EQUAL") for number in range(101)))},
            (
                "The query may not have more than 100 filters + sort orders + ancestor total. "
                "Currently there are 101 filters, 0 sort orders, and no ancestor filter."
            ),
        ),
        (
            {"where": every(*(has(f"f{n}", "EQUAL") for n in range(99))), "orderBy": by("a", "b")},
            (
                "The query may not have more than 100 filters + sort orders + ancestor total. "
                "Currently there are 99 filters, 2 sort orders, and no ancestor filter."
            ),
        ),
        (
            {
                "where": every(
                    has("a", "IN", values(26)), *(has(f"f{n}", "EQUAL") for n in range(3))
                )
            },
            (
                "The query may not have more than 100 filters + sort orders + ancestor total. "
                "Currently there are 104 filters, 0 sort orders, and no ancestor filter."
            ),
        ),
        (
            {"where": every(*(has(f"f{number}", "LESS_THAN") for number in range(11)))},
            (
                "The query contains 11 distinct inequality fields: "
                "[f0, f1, f10, f2, f3, f4, f5, f6, f7, f8, f9]. "
                "A query may not have more than 10 distinct inequality fields."
            ),
        ),
        ({"where": every(has("a", "NOT_EQUAL"), has("b", "NOT_EQUAL"))}, NEGATED),
        ({"where": every(has("a", "NOT_EQUAL"), unary("b", "IS_NOT_NULL"))}, NEGATED),
        (
            {"where": every(has("a", "NOT_IN", values(2)), has("b", "IN", values(2)))},
            "'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.",
        ),
        (
            {"where": every(has("a", "IN", values(8)), has("b", "IN", values(4)))},
            (
                "Too many disjunctions after normalization. Result had 32 disjunctions which is "
                "more than the maximum of 30"
            ),
        ),
        (
            {"where": every(has("a", "ARRAY_CONTAINS"), has("b", "ARRAY_CONTAINS"))},
            "A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.",
        ),
        ({"where": has("a", "IN")}, "'IN' requires an ArrayValue."),
        ({"where": has("a", "IN", values(0))}, "'IN' requires an non-empty ArrayValue."),
        ({"where": has("a", "IN", values(31))}, "'IN' supports up to 30 comparison values."),
        (
            {"where": has("a", "NOT_IN", values(11))},
            "'NOT_IN' supports up to 10 comparison values.",
        ),
        ({"where": has("a", "OPERATOR_UNSPECIFIED")}, "Unknown FieldFilter operator."),
        ({"where": unary("a", "OPERATOR_UNSPECIFIED")}, "Unknown UnaryFilter operator."),
        (
            {"where": {"compositeFilter": {"filters": [has("a", "EQUAL")]}}},
            "Unsupported CompositeFilter operator.",
        ),
        ({"where": any_of()}, "Composite filter must have at least one sub-filter."),
        ({"where": {}}, "A filter has no type."),
        ({"where": has("__name__", "EQUAL")}, "__key__ filter value must be a Key"),
        ({"where": unary("__name__", "IS_NULL")}, "__key__ filter value must be a Key"),
        ({"where": has("__name__", "ARRAY_CONTAINS")}, "the name __key__ is reserved"),
        (
            {"where": has("__name__", "EQUAL", {"referenceValue": "zzz"})},
            'Document parent name "zzz" lacks "projects" at index 0.',
        ),
        (
            {"where": has("a", "EQUAL", {"referenceValue": "zzz"})},
            'Document parent name "zzz" lacks "projects" at index 0.',
        ),
        ({"offset": -1}, "offset is negative"),
        ({"limit": -1}, "limit is negative"),
        ({"startAt": {"values": [ONE]}}, "Cursor has too many values."),
        ({"startAt": {"values": [ONE, ONE]}, "orderBy": by("a")}, "Cursor has too many values."),
        (
            {"endAt": {"values": [ONE]}, "orderBy": by("__name__")},
            "Cursor __key__ value is not a document reference.",
        ),
        (
            {
                "startAt": {"values": [{"referenceValue": "projects/p/databases/d/documents/c"}]},
                "orderBy": by("__name__"),
            },
            'Document parent name "projects/p/databases/d/documents/c" lacks "/" at index 34.',
        ),
        ({"collection": "__x__"}, 'Collection id "__x__" is invalid because it is reserved.'),
        ({"collection": "a/b"}, 'Collection id "a/b" is invalid because it contains "/".'),
        ({"collection": "", "where": has("a", "EQUAL")}, "kind is required for filter: a"),
        (
            {"collection": "", "orderBy": by("a")},
            "kind is required for all orders except __key__ ascending",
        ),
        ({"orderBy": by("__x__")}, "Invalid reserved name in field path __x__"),
        (
            {"orderBy": by("a..b")},
            (
                'Invalid property path "a..b". Unquoted property paths must match regex '
                "([a-zA-Z_][a-zA-Z_0-9]*), and quoted property paths must match regex "
                r"(`(?:[^`\\]|(?:\\.))+`)"
            ),
        ),
        ({"orderBy": by("")}, "Invalid empty property path string."),
        (near(limit=0), "FindNearest.limit must be a positive integer of no more than 1000"),
        (near(limit=1001), "FindNearest.limit must be a positive integer of no more than 1000"),
        (near(distanceMeasure=0), "Unknown Distance Measure."),
        (near(distanceThreshold="NaN"), "distanceThreshold must be a finite number."),
        (
            near(distanceResultField="__name__"),
            'The distanceResultField.property.name "__name__" is reserved.',
        ),
        (near(values(2)), "Query Value must be of type vector."),
        (near(vector_of()), "Cannot have a zero length vector."),
        (
            near(vector_of({"stringValue": "one"})),
            "Vector must only contain values of type 'double'",
        ),
        (
            near(vector_of(*[{"doubleValue": 1.0}] * 2049)),
            "Vectors must be at most 2048 dimensions.",
        ),
        (near() | {"limit": 1}, "A query limit cannot be used with FindNearest"),
        (near() | {"offset": 1}, "A query offset cannot be used with FindNearest"),
    ],
)
def test_queries_that_break_a_rule(parts, text):
    with pytest.raises(InvalidArgumentError) as refused:
        compile_query(query(**parts), ())
    assert str(refused.value) == text


def test_a_product_without_end_has_a_number_all_the_same():
    """2 ** 15,000 has more digits than Python writes."""
    asked = query(where=every(any_of(has("a", "EQUAL"), has("b", "EQUAL"))))
    filters = asked.where.composite_filter.filters
    filters.extend([filters[0]] * 15_000)
    with pytest.raises(InvalidArgumentError, match="Result had 2147483647 disjunctions"):
        compile_query(asked, ())


def test_what_stands_above_a_collection_counts():
    filters = every(*(has(f"f{number}", "EQUAL") for number in range(100)))
    compile_query(query(where=filters), ())
    with pytest.raises(InvalidArgumentError, match="100 filters, 0 sort orders, and one ancestor"):
        compile_query(query(where=filters), ("a", "b"))


@pytest.mark.parametrize(
    "parts",
    [
        {"where": every(has("a", "NOT_EQUAL"), has("__name__", "LESS_THAN", DOCUMENT))},
        {"where": has("__name__", "EQUAL", DOCUMENT)},
        {"where": has("a", "NOT_EQUAL"), "orderBy": by("a", "__name__")},
        {"where": has("__name__", "LESS_THAN", DOCUMENT), "orderBy": by("__name__")},
        {"where": every(*(has(f"f{number}", "LESS_THAN") for number in range(10)))},
        {"where": every()},
        {"startAt": {"values": [ONE]}, "orderBy": by("a")},
    ],
)
def test_queries_at_the_edge_of_a_rule_are_answered(parts):
    compile_query(query(**parts), ())


@pytest.mark.parametrize(
    "parts", [{"orderBy": by("__name__")}, {"where": has("__name__", "LESS_THAN", DOCUMENT)}]
)
def test_sums_cannot_be_ordered_after_the_name(parts):
    with pytest.raises(InvalidArgumentError) as refused:
        compile_query(query(**parts), (), {parse("n")})
    assert str(refused.value) == (
        "This query requires an index that has fields [n] after __name__ and Firestore does not "
        "currently support such an index. Please try the query again with additional ordering on "
        "those fields."
    )


@pytest.mark.parametrize(
    ("aggregations", "text"),
    [
        ([{"alias": "__x__", "count": {}}], 'The property.name "__x__" is reserved.'),
        ([{"alias": "a" * 1501, "count": {}}], "The property.name is longer than 1500 bytes."),
        ([{"alias": "x", "count": {}}] * 2, "Aggregation aliases contain duplicate alias: x."),
        (
            [{"count": {}}, {"alias": "field_1", "count": {}}],
            "Aggregation aliases contain duplicate alias: field_1.",
        ),
        ([], "Aggregations can not be empty."),
        ([{"alias": "x"}], "Operator field in Aggregation is not set."),
        (
            [{"sum": {"field": {"fieldPath": "__name__"}}}],
            "Aggregations are not supported for the property: __key__",
        ),
        ([{"sum": {}}], "Invalid empty property path string."),
        ([{"avg": {"field": {"fieldPath": "__x__"}}}], "Invalid reserved name in field path __x__"),
        (
            [{"count": {"upTo": "-1"}}],
            "The `up_to` value in a COUNT aggregation must be greater than or equal to zero.",
        ),
    ],
)
def test_aggregations_that_break_a_rule(aggregations, text):
    asked = json_format.ParseDict({"aggregations": aggregations}, StructuredAggregationQuery())
    with pytest.raises(InvalidArgumentError) as refused:
        compile_aggregations(asked.aggregations)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("request_parts", "query_parts", "text"),
    [
        ({"partitionCount": "0"}, {}, "Partition count must be greater than zero."),
        ({"pageSize": -1}, {}, "Page size must be nonnegative."),
        ({"structuredQuery": None}, {}, "Query is required."),
        ({}, {"from": [{"collectionId": "c"}]}, "Query must select all descendant collections."),
        ({}, {"where": has("a", "GREATER_THAN"), "orderBy": by("__name__")}, LAST),
        ({}, {"where": has("a", "EQUAL")}, "Query filters are not supported."),
        ({}, {"limit": 1}, "Query limit is not supported."),
        ({}, {"offset": 1}, "Query offset is not supported."),
        ({}, {"select": {"fields": []}}, "Property masks are not supported."),
        (
            {},
            {"startAt": {"values": [DOCUMENT]}, "orderBy": by("__name__")},
            "Query start cursors are not supported.",
        ),
    ],
)
def test_partitions_of_other_queries_are_refused(request_parts, query_parts, text):
    asked = {"from": [{"collectionId": "c", "allDescendants": True}], **query_parts}
    content = {"partitionCount": "2", "structuredQuery": asked, **request_parts}
    request = json_format.ParseDict(content, message("PartitionQueryRequest")())
    with pytest.raises(InvalidArgumentError) as refused:
        compile_partition_query(request, ())
    assert str(refused.value) == text


def test_partitions_below_a_document_are_refused():
    request = message("PartitionQueryRequest")(partition_count=1, structured_query=query())
    with pytest.raises(InvalidArgumentError, match="Ancestor queries are not supported"):
        compile_partition_query(request, ("a", "b"))
