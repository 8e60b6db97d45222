"""Which queries PartitionQuery splits, in the words that the real service refuses others with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.query import compile_query

if TYPE_CHECKING:
    from emulators.firestore.model import paths
    from emulators.firestore.model.query import Query

_UNSUPPORTED = {
    "where": "Query filters are not supported.",
    "limit": "Query limit is not supported.",
    "select": "Property masks are not supported.",
    "start_at": "Query start cursors are not supported.",
    "end_at": "Query end cursors are not supported.",
    "find_nearest": "FindNearest is not supported.",
}


def compile_partition_query(request: Any, parent: paths.Segments) -> Query:
    """Return the query of a `PartitionQueryRequest`: a collection group by names, nothing else.

    Raises:
        InvalidArgumentError: It is another one.
    """
    if request.partition_count <= 0:
        raise InvalidArgumentError("Partition count must be greater than zero.")
    if request.page_size < 0:
        raise InvalidArgumentError("Page size must be nonnegative.")
    if not request.HasField("structured_query"):
        raise InvalidArgumentError("Query is required.")
    if parent:
        raise InvalidArgumentError("Ancestor queries are not supported.")
    message = request.structured_query
    query = compile_query(message, parent)
    if not query.scope.descendants:
        raise InvalidArgumentError("Query must select all descendant collections.")
    for field, refusal in _UNSUPPORTED.items():
        if message.HasField(field):
            raise InvalidArgumentError(refusal)
    if message.offset:
        raise InvalidArgumentError("Query offset is not supported.")
    if not query.by_name_alone or query.orders[0].descending:
        raise InvalidArgumentError("The query must be ordered by __name__ ascending.")
    return query
