"""The route of lists of records, and what lists and exports may be asked for."""

from typing import Annotated

import msgspec

from functions.datasets.model.queries.query import Asked
from functions.datasets.service.tables.lists import Lists, RecordPage
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.requests.pages import PageQuery
from functions.kit.http.api import Api

_WHERE = (
    'Conditions as JSON: {"column": "age", "op": ">=", "value": 30}, {"and": [...]}, {"or": [...]}'
    "; op is one of == != < <= > >= contains starts in missing present."
)
_SORT = "Columns, separated by commas, the first first; with `-` before one, its greatest first."
Where = Annotated[str, msgspec.Meta(description=_WHERE)]
Sort = Annotated[str, msgspec.Meta(description=_SORT)]


class RecordsQuery(PageQuery):
    """Which records a list has, and in which order: `count=true` has them counted, too.

    `filter` (repeatable) is column, operator, value: `age>=30`, `sex==female`.
    """

    filter: list[str] = msgspec.field(default_factory=list)
    where: Where | None = None
    sort: Sort | None = None
    count: bool = False


def add(api: Api, lists: Lists) -> None:
    """Register the route."""

    @api.route("GET", "/datasets/{dataset}/records", problems=(409,))
    def list_records(dataset: str, caller: Caller, query: RecordsQuery) -> RecordPage:
        """List records as they are now, by `filter` and `where`; by `sort`, then by id.

        A page is full unless the list ends with it; `next` leads on behind its last record, also
        when records were changed meanwhile.
        """
        asked = Asked(tuple(query.filter), query.where, query.sort)
        return lists.page(Place(caller.workspace, dataset), query, asked, count=query.count)
