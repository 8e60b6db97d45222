"""Calls of Firestore as parts of the trace that they are made in."""

import functools
from typing import Any

from functions.kit.adapters.tracing import tracing
from functions.kit.contract.telemetry import traces

CALLS = (
    "batch_get_documents",
    "begin_transaction",
    "commit",
    "list_collection_ids",
    "list_documents",
    "partition_query",
    "rollback",
    "run_aggregation_query",
    "run_query",
)
"""The client's own calls; it opens streams to listen by itself, and nobody here does."""


def trace(api: Any) -> None:
    """Let each call of a client's API say which trace it belongs to, and be a span of it."""
    for name in CALLS:
        setattr(api, name, _traced(name, getattr(api, name)))


def _traced(name: str, call: Any) -> Any:
    @functools.wraps(call)
    def traced(*args: Any, metadata: Any = (), **options: Any) -> Any:
        with tracing().call(f"Firestore {name}", **{"db.system": "firestore"}):
            return call(*args, metadata=[*metadata, *traces.headers().items()], **options)

    return traced
