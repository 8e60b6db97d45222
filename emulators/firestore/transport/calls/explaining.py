"""What `explain_options` asks for: the indexes of a query and what it took (contract 5.11)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.indexing.definitions import describe
from emulators.firestore.model.plan import Index, searches
from emulators.firestore.model.protocol import Document, message

if TYPE_CHECKING:
    from emulators.firestore.model.query import Query
    from emulators.firestore.service.index_mode import IndexMode
    from emulators.firestore.service.reading import Found

_Metrics = message("RunQueryResponse").DESCRIPTOR.fields_by_name["explain_metrics"].message_type
_ENTRIES_PER_READ = 1000


class Explanation:
    """Explains one query; the time begins to run when it is made.

    Args:
        request: What asks for it, or does not.
        query: The query.
        index_mode: Knows which declared and automatic indexes serve it; without, the plan is
            that of an index for each alternative.
    """

    def __init__(self, request: Any, query: Query, index_mode: IndexMode | None = None) -> None:
        self.wanted = request.HasField("explain_options")
        self.only_the_plan = self.wanted and not request.explain_options.analyze
        self._query = query
        self._index_mode = index_mode
        self._started = time.perf_counter()

    def plan(self) -> Any:
        """Return metrics with the plan alone."""
        metrics = _Metrics._concrete_class()  # noqa: SLF001 - protobuf has no public way
        scope = "Collection group" if self._query.scope.descendants else "Collection"
        for properties in self._indexes():
            index = metrics.plan_summary.indexes_used.add()
            index.update({"properties": properties, "query_scope": scope})
        return metrics

    def entries(self, found: Found) -> int:
        """Return how many entries of indexes lead to a result: one for each alternative."""
        fields = Document.FromString(found.body).fields
        return sum(
            all(one.matches(fields, found.key) for one in choice)
            for choice in self._query.where.disjuncts()
        )

    def analysis(self, results: int, documents: int, entries: int) -> Any:
        """Return metrics with the plan and what it took, as the real service counts and bills it.

        Args:
            results: How many results went out.
            documents: How many documents were read; none where only sums over entries went out.
            entries: How many entries of indexes were read.
        """
        metrics = self.plan()
        billed = 0 if documents else entries
        reads = documents + -(-billed // _ENTRIES_PER_READ)
        stats = metrics.execution_stats
        stats.results_returned, stats.read_operations = results, max(1, reads)
        stats.execution_duration.FromNanoseconds(
            int((time.perf_counter() - self._started) * 1_000_000_000)
        )
        billing = {
            "documents_billable": str(documents),
            "index_entries_billable": str(billed),
            "min_query_cost": "0" if reads else "1",
            "small_ops": "0",
        }
        stats.debug_stats.update(
            {
                "billing_details": billing,
                "documents_scanned": str(documents),
                "index_entries_scanned": str(entries),
            }
        )
        return metrics

    def _indexes(self) -> list[str]:
        if self._index_mode is not None:
            return [describe(index) for index in self._index_mode.used(self._query)]
        return list(dict.fromkeys(map(self._properties, searches(self._query))))

    def _properties(self, search: Any) -> str:
        columns = _columns(search.index)
        nearest = self._query.nearest
        if nearest is not None:
            field = field_paths.format_path(nearest.field)
            columns.append(f"{field} VECTOR<{len(nearest.target)}>")
        return f"({', '.join(columns)})"


def _columns(index: Index) -> list[str]:
    columns = [f"{field_paths.format_path(path)} ASC" for path in index.equal]
    if index.element_of is not None:
        columns.append(f"{field_paths.format_path(index.element_of)} ARRAY_CONTAINS")
    for order in index.orders:
        direction = "DESC" if order.descending else "ASC"
        columns.append(f"{field_paths.format_path(order.path)} {direction}")
    return columns
