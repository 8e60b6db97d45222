"""The calls that list documents, collections and partitions by pages."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import listing as model
from emulators.firestore.model import partitions, paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Cursor, Document, Value, message
from emulators.firestore.service import listing, partitioning
from emulators.firestore.transport.calls import requests

if TYPE_CHECKING:
    from emulators.firestore.service.catalog import Catalog

_ListDocumentsResponse = message("ListDocumentsResponse")
_ListCollectionIdsResponse = message("ListCollectionIdsResponse")
_PartitionQueryResponse = message("PartitionQueryResponse")
_DEFAULT_PAGE, _LARGEST_PAGE = 300, 10_000


class ListCalls:
    """ListDocuments, ListCollectionIds and PartitionQuery."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def list_documents(self, request: Any) -> Any:
        """Answer ListDocuments."""
        owner, _ = paths.split(request.parent)
        database = self._catalog.get(owner)
        query = model.compile_listing(request, paths.parent(request.parent, owner))
        if request.show_missing and not query.by_name_alone:
            raise InvalidArgumentError("show_missing cannot be used with order_by.")
        wanted = requests.mask(request)
        reading = await database.read_query(requests.selector(request), query)
        found = listing.documents(query, reading.snapshot, show_missing=request.show_missing)
        size = _page_size(request.page_size)
        page = list(islice(found, size + 1))
        response = _ListDocumentsResponse()
        for one in page[:size]:
            if one.body:
                response.documents.append(requests.masked_document(one.body, wanted))
            else:
                name = paths.name(owner, paths.segments_of(one.key))
                response.documents.append(Document(name=name))
        if len(page) > size:
            response.next_page_token = model.page_token(page[size - 1].sort_key)
        return response

    async def list_collection_ids(self, request: Any) -> Any:
        """Answer ListCollectionIds."""
        owner, _ = paths.split(request.parent)
        parent = paths.key(paths.parent(request.parent, owner))
        snapshot = self._catalog.get(owner).snapshot(requests.selector(request).read_time)
        after = model.read_token(request.page_token)
        size = _page_size(request.page_size)
        names = listing.collection_ids(snapshot, parent)
        rest = [name for name in names if not after or paths.segment_key(name) > after]
        response = _ListCollectionIdsResponse(collection_ids=rest[:size])
        if len(rest) > size:
            response.next_page_token = model.page_token(paths.segment_key(rest[size - 1]))
        return response

    async def partition_query(self, request: Any) -> Any:
        """Answer PartitionQuery."""
        owner, _ = paths.split(request.parent)
        query = partitions.compile_partition_query(request, paths.parent(request.parent, owner))
        snapshot = self._catalog.get(owner).snapshot(requests.selector(request).read_time)
        after = model.read_token(request.page_token)
        size = _page_size(request.page_size)
        keys = partitioning.split_points(query, snapshot, request.partition_count)
        rest = [key for key in keys if key > after]
        response = _PartitionQueryResponse()
        for key in rest[:size]:
            name = paths.name(owner, paths.segments_of(key))
            response.partitions.append(Cursor(values=[Value(reference_value=name)], before=True))
        if len(rest) > size:
            response.next_page_token = model.page_token(rest[size - 1])
        return response


def _page_size(wanted: int) -> int:
    if wanted < 0:
        raise InvalidArgumentError("page_size must be greater than or equal to zero.")
    return min(wanted or _DEFAULT_PAGE, _LARGEST_PAGE)
