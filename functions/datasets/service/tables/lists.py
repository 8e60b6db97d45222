"""Lists of records, filtered and sorted, and counts of them."""

from itertools import islice
from typing import Annotated

import msgspec

from functions.datasets.model.dataset import Record
from functions.datasets.model.queries import order, query
from functions.datasets.model.queries.query import Asked
from functions.datasets.service.ports import DatasetStore, RecordReader
from functions.datasets.service.read_model.current import CurrentTables
from functions.datasets.service.read_model.stored_values import StoredValues
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict
from functions.kit.contract.requests.pages import PageQuery, page_of


class RecordPage(msgspec.Struct):
    """One page of records.

    Attributes:
        items: as many as were asked for, unless the list ends with them.
        next: the cursor of the page after it, or null at the end.
        count: how many the whole list has, where that was asked for.
        revision: of the dataset, that the page is of.
    """

    items: list[Record]
    next: str | None = None
    count: Annotated[int, msgspec.Meta(ge=0)] | None = None
    revision: int = 0


class Lists:
    """Lists the records of datasets."""

    def __init__(self, store: DatasetStore, records: RecordReader, tables: CurrentTables) -> None:
        self._store = store
        self._records = records
        self._tables = tables

    def page(
        self, place: Place, paging: PageQuery, asked: Asked, *, count: bool = False
    ) -> RecordPage:
        """Return a page of the newest revision's records.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready.
            Unreadable: a condition, the order or the cursor cannot be used; it names the place.
        """
        try:
            dataset, table = self._tables.of(place)
        except Conflict:
            if asked != Asked() or count:
                raise
            return self._so_far(place, paging)
        wanted = query.read(asked, dataset.columns)
        mark = order.mark(paging.cursor, wanted.keys)
        found = table.page(wanted, mark, paging.limit + 1)
        items = found[: paging.limit]
        following = None
        if len(found) > paging.limit:
            last = items[-1]
            following = order.cursor_behind(wanted.keys, last.values, int(last.id))
        total = table.count(wanted.where) if count else None
        return RecordPage(items, following, total, table.revision)

    def _so_far(self, place: Place, paging: PageQuery) -> RecordPage:
        """Return a page of what an import, which has not ended, has made records of."""
        dataset, _, moment = self._store.find_shown(place)
        most = paging.limit + 1
        found = self._records.read(place, after=paging.after, moment=moment, page=most)
        values = StoredValues(dataset.columns)
        page = page_of(values.shown(islice(found, most)), paging.limit, lambda record: record.id)
        return RecordPage(page.items, page.next, None, dataset.revision)
