"""Calls to the function `datasets`."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import httpx

from web.client.errors import Conflict, Stale
from web.client.schemas import Page
from web.client.table_schemas import (
    Change,
    Column,
    Dataset,
    NamedEdit,
    Preview,
    Profile,
    Record,
    Written,
)
from web.client.transport.endpoint import Endpoint, Look, if_match, once, path
from web.client.transport.forms import DATA, form_of
from web.client.transport.time_limits import LONG


class Datasets:
    """Tables and their rows."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Dataset]:
        """Return one page of the data sets, by id."""
        return self._endpoint.page(Dataset, "/datasets", limit, cursor, *look)

    def get(self, dataset: str) -> Dataset:
        """Return one data set."""
        return self._endpoint.call(Dataset, "GET", path("datasets", dataset))

    def upload(
        self,
        name: str,
        file: Iterable[bytes],
        repeat: str,
        reading: str = "",
        filename: str = DATA,
    ) -> Dataset:
        """Stream a file into a new data set; `reading` is what is said of how it is read, as JSON.

        A call with the same `repeat` is the same data set.
        It goes as a form, whose last boundary tells the function that the file is whole: a plain
        body of unknown length that breaks off looks like a shorter file.
        """
        content, kind = form_of(file, filename)
        return self._endpoint.call(
            Dataset,
            "POST",
            "/datasets",
            params=[("name", name), *([("reading", reading)] if reading else [])],
            content=content,
            headers=kind | once(repeat),
            timeout=LONG,
        )

    def preview(self, file: Iterable[bytes], reading: str = "") -> Preview:
        """Tell how a file would be read, by what is said of that; nothing of it is kept."""
        content, kind = form_of(file)
        return self._endpoint.call(
            Preview,
            "POST",
            "/datasets/preview",
            params=[("reading", reading)] if reading else [],
            content=content,
            headers=kind,
            timeout=LONG,
        )

    def change_column(self, dataset: str, revision: int, column: Column) -> Dataset:
        """Put `column` in the place of the one of its name; raise Stale if it is too late."""
        return self._endpoint.call(
            Dataset,
            "PATCH",
            path("datasets", dataset),
            json={"columns": [column]},
            headers=if_match(revision),
        )

    def change_at(self, dataset: str, revision: int) -> Change:
        """Return the change that made a revision, or will: how far it has come."""
        return self._endpoint.call(Change, "GET", path("datasets", dataset, "changes", revision))

    def undo(self, dataset: str, revision: int, repeat: str) -> Change:
        """Take back the last change, if that made `revision`; else raise Stale.

        A call with the same `repeat` is the same undo.
        """
        return self._endpoint.call(
            Change,
            "POST",
            path("datasets", dataset, "undo"),
            json={"revision": revision},
            headers=if_match(revision) | once(repeat),
        )

    def undo_change(self, dataset: str, revision: int, repeat: str) -> Change:
        """Take back the change that made `revision`, whatever came after it of other rows.

        A call with the same `repeat` is the same undo.
        """
        return self._endpoint.call(
            Change,
            "POST",
            path("datasets", dataset, "undo"),
            json={"revision": revision},
            headers=once(repeat),
        )

    def restore(self, dataset: str, revision: int, current: int, repeat: str) -> Change:
        """Have all rows as they were at `revision`, if `current` is the last; else raise Stale."""
        return self._endpoint.call(
            Change,
            "POST",
            path("datasets", dataset, "restore"),
            json={"revision": revision},
            headers=if_match(current) | once(repeat),
        )

    def profile(self, dataset: str, target: str | None = None) -> Profile:
        """Return what is known of the columns; made when it is first asked for.

        With `target`, how each goes with that column, too.
        """
        params = [("target", target)] if target else []
        route = path("datasets", dataset, "profile")
        return self._endpoint.call(Profile, "GET", route, params=params)

    def changes(self, dataset: str, limit: int, cursor: str | None = None) -> Page[Change]:
        """Return one page of the changes, the newest first."""
        return self._endpoint.page(Change, path("datasets", dataset, "changes"), limit, cursor)

    def resume(self, dataset: str) -> Dataset:
        """Have an import that seems to stand still looked at now."""
        return self._endpoint.call(Dataset, "POST", path("datasets", dataset, "resume"))

    def delete(self, dataset: str, revision: int) -> None:
        """Delete a data set that is still at `revision`, with its rows; else raise Stale."""
        self._endpoint.call(Any, "DELETE", path("datasets", dataset), headers=if_match(revision))

    def export(self, dataset: str) -> AbstractContextManager[httpx.Response]:
        """Open the data set as a CSV file."""
        return self._endpoint.open("GET", path("datasets", dataset, "export.csv"), timeout=LONG)

    def records(
        self,
        dataset: str,
        limit: int,
        cursor: str | None = None,
        filters: Iterable[str] = (),
        sort: str = "",
    ) -> Page[Record]:
        """Return one page of rows, and how many there are; a filter reads `age>=30`."""
        chosen = [("filter", one) for one in filters]
        order = [("sort", sort)] if sort else []
        route = path("datasets", dataset, "records")
        return self._endpoint.page(Record, route, limit, cursor, *chosen, *order, ("count", "true"))

    def change_named(self, dataset: str, edits: Sequence[NamedEdit]) -> Change:
        """Change or remove rows that are still as they were seen, all or none; else raise Stale."""
        route = path("datasets", dataset, "records", "named")
        try:
            return self._endpoint.call(Change, "POST", route, json={"records": list(edits)})
        except Conflict as error:
            if not error.flaws:  # of the whole table: it is being changed, say
                raise
            raise Stale(error.detail, error.flaws) from error

    def change_fitting(
        self,
        dataset: str,
        revision: int,
        filters: Sequence[str],
        values: dict[str, Any] | None,
    ) -> Change:
        """Give all rows that meet the filters some values, or remove them.

        A large change goes on by itself. Raises Stale where `revision` is no longer the last: then
        other rows may meet the filters than those that were seen.
        """
        said = [("filter", one) for one in filters] or [("all", "true")]
        return self._endpoint.call(
            Change,
            "DELETE" if values is None else "PATCH",
            path("datasets", dataset, "records"),
            params=said,
            json=None if values is None else {"values": values},
            headers=if_match(revision),
        )

    def record(self, dataset: str, record: str) -> Record:
        """Return one row."""
        return self._endpoint.call(Record, "GET", path("datasets", dataset, "records", record))

    def add(self, dataset: str, values: dict[str, Any], repeat: str) -> Written:
        """Add a row; a call with the same `repeat` is the same row."""
        route = path("datasets", dataset, "records")
        body = {"values": values}
        return self._endpoint.call(Written, "POST", route, json=body, headers=once(repeat))
