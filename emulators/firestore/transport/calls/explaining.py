"""What `explain_options` asks for: the indexes of a query and what it took (contract 5.11)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.indexing.definitions import describe
from emulators.firestore.model.plan import Index, searches
from emulators.firestore.model.protocol import message

if TYPE_CHECKING:
    from emulators.firestore.model.query import Query
    from emulators.firestore.service.index_mode import IndexMode

_Metrics = message("RunQueryResponse").DESCRIPTOR.fields_by_name["explain_metrics"].message_type
_RESULTS_PER_READ = 1000


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

    def analysis(self, results: int, scanned: int, *, aggregated: bool = False) -> Any:
        """Return metrics with the plan and what it took.

        Args:
            results: How many results went out.
            scanned: How many documents were found.
            aggregated: Whether only sums over the documents went out.
        """
        metrics = self.plan()
        reads = max(1, -(-scanned // _RESULTS_PER_READ)) if aggregated else scanned
        stats = metrics.execution_stats
        stats.results_returned, stats.read_operations = results, reads
        stats.execution_duration.FromNanoseconds(
            int((time.perf_counter() - self._started) * 1_000_000_000)
        )
        billing = {"documents_billable": str(reads), "min_query_cost": "0"}
        stats.debug_stats.update(
            {
                "billing_details": billing,
                "documents_scanned": str(0 if aggregated else scanned),
                "index_entries_scanned": str(scanned),
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
