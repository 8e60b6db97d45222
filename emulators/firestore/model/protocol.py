"""The raw protobuf classes behind `google.cloud.firestore_v1.types`, and timestamps.

The raw classes are several times faster than their proto-plus wrappers.
"""

from __future__ import annotations

from typing import Any

from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.types import bloom_filter, document, firestore, query, write
from google.protobuf import empty_pb2, timestamp_pb2
from google.rpc import status_pb2

Document = types.Document.pb()
Value = document.Value.pb()
MapValue = document.MapValue.pb()
ArrayValue = document.ArrayValue.pb()
StructuredQuery = query.StructuredQuery.pb()
StructuredAggregationQuery = query.StructuredAggregationQuery.pb()
Cursor = query.Cursor.pb()
Write = write.Write.pb()
WriteResult = write.WriteResult.pb()
DocumentTransform = write.DocumentTransform.pb()
DocumentMask = types.DocumentMask.pb()
Precondition = types.Precondition.pb()
TransactionOptions = types.TransactionOptions.pb()
ListenRequest = firestore.ListenRequest.pb()
ListenResponse = firestore.ListenResponse.pb()
Target = firestore.Target.pb()
TargetChange = firestore.TargetChange.pb()
BloomFilter = bloom_filter.BloomFilter.pb()
Empty = empty_pb2.Empty
Status = status_pb2.Status
Timestamp = timestamp_pb2.Timestamp


def message(name: str) -> Any:
    """Return the raw class of a request or response, such as "CommitRequest"."""
    return getattr(firestore, name).pb()


def timestamp(microseconds: int) -> Any:
    """Return a `Timestamp` of so many microseconds since 1970."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)


def microseconds(time: Any) -> int:
    """Return the microseconds since 1970 of a `Timestamp`, rounded down."""
    return int(time.seconds * 1_000_000 + time.nanos // 1000)
