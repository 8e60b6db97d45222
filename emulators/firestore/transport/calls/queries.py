"""The calls that search: queries, aggregations, lists of documents and collections."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import paths
from emulators.firestore.model.aggregation import Aggregation, compile_aggregations
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.indexing.refusal import NO_PLAN, MissingIndexError
from emulators.firestore.model.protocol import Document, message, timestamp
from emulators.firestore.model.query import Query, compile_query
from emulators.firestore.service.reading import run
from emulators.firestore.transport.calls import raw_responses, requests
from emulators.firestore.transport.calls.explaining import Explanation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from emulators.firestore.model.fields import FieldPath
    from emulators.firestore.service.catalog import Catalog
    from emulators.firestore.service.database import Database, Reading

_RESULTS_AT_A_TIME = 500
_RunQueryResponse = message("RunQueryResponse")
_RunAggregationQueryResponse = message("RunAggregationQueryResponse")


class QueryCalls:
    """RunQuery and RunAggregationQuery."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def run_query(self, request: Any) -> Iterator[bytes]:
        """Answer RunQuery."""
        if request.WhichOneof("query_type") != "structured_query":
            raise InvalidArgumentError("RunQuery needs a structured_query.")
        database, query = self._compile(request.parent, request.structured_query)
        explanation = Explanation(request, query, database.index_mode)
        reading = await _read(database, request, query, explanation)
        if explanation.only_the_plan:
            plan = _RunQueryResponse(explain_metrics=explanation.plan())
            return iter((plan.SerializeToString(),))
        return _results(query, reading, explanation)

    async def run_aggregation_query(self, request: Any) -> Iterable[Any]:
        """Answer RunAggregationQuery."""
        aggregated = request.structured_aggregation_query
        aggregations = compile_aggregations(aggregated.aggregations)
        summed = {one.path for one in aggregations if one.path is not None}
        database, query = self._compile(request.parent, aggregated.structured_query, summed)
        explanation = Explanation(request, query, database.index_mode)
        reading = await _read(database, request, query, explanation)
        if explanation.only_the_plan:
            return [_RunAggregationQueryResponse(explain_metrics=explanation.plan())]
        count = 0
        most = _most(aggregations)
        for count, found in enumerate(islice(run(query, reading.snapshot), most), start=1):
            if count % _RESULTS_AT_A_TIME == 0:
                await asyncio.sleep(0)  # other calls go on while a large collection is counted
            fields = Document.FromString(found.body).fields if summed else None
            for one in aggregations:
                one.add(fields)
        response = _RunAggregationQueryResponse(
            transaction=reading.began, read_time=timestamp(reading.snapshot.time)
        )
        for one in aggregations:
            response.result.aggregate_fields[one.alias].CopyFrom(one.result())
        if explanation.wanted:
            response.explain_metrics.CopyFrom(explanation.analysis(1, 0, count))
        return [response]

    def _compile(
        self, parent: str, structured: Any, aggregated: Collection[FieldPath] = ()
    ) -> tuple[Database, Query]:
        owner, _ = paths.split(parent)
        database = self._catalog.get(owner)
        return database, compile_query(structured, paths.parent(parent, owner), aggregated)


def _most(aggregations: Sequence[Aggregation]) -> int | None:
    """Return how many results decide aggregations: as many as the counts go up to; None: all."""
    bounds = [one.up_to for one in aggregations]
    return None if None in bounds else max(bound for bound in bounds if bound is not None)


async def _read(
    database: Database, request: Any, query: Query, explanation: Explanation
) -> Reading:
    """Return where to run a query; who asks for the plan alone gets no link to a missing index."""
    try:
        return await database.read_query(requests.selector(request), query)
    except MissingIndexError:
        if explanation.only_the_plan:
            raise MissingIndexError(NO_PLAN) from None
        raise


def _results(query: Query, reading: Reading, explanation: Explanation) -> Iterator[bytes]:
    head = _RunQueryResponse(transaction=reading.began, skipped_results=query.offset)
    first = head.SerializeToString()
    stamp = timestamp(reading.snapshot.time).SerializeToString()
    wanted = _wanted(query)
    count = entries = 0
    held = b""  # of who wants an explanation: it comes with the last document
    for count, found in enumerate(run(query, reading.snapshot), start=1):  # noqa: B007 - used after
        response = first + raw_responses.result(requests.masked(found.body, wanted), stamp)
        first = b""
        if not explanation.wanted:
            yield response
            continue
        if held:
            yield held
        held = response
        entries += explanation.entries(found)
    last = held if count else _empty(query, reading)
    if explanation.wanted:
        skipped = _skipped(query, reading)
        metrics = explanation.analysis(count, skipped + count, skipped + entries)
        yield last + raw_responses.explained(metrics)
    elif not count:
        yield last


def _empty(query: Query, reading: Reading) -> bytes:
    """Return the response of a query that found nothing."""
    response = _RunQueryResponse(
        transaction=reading.began,
        skipped_results=_skipped(query, reading),
        read_time=timestamp(reading.snapshot.time),
    )
    return bytes(response.SerializeToString())


def _skipped(query: Query, reading: Reading) -> int:
    """Return how many results an offset skipped."""
    if not query.offset:
        return 0
    whole = replace(query, offset=0, limit=query.offset)
    return sum(1 for _ in run(whole, reading.snapshot))


def _wanted(query: Query) -> Sequence[FieldPath] | None:
    """Return the fields to send: a distance comes along with any projection."""
    if query.projection is None or query.nearest is None or query.nearest.result_field is None:
        return query.projection
    return (*query.projection, query.nearest.result_field)
