"""A table's rows as a page shows them: filters, order, and the ways on through them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web.client.schemas import Page
from web.client.table_schemas import Column, Dataset, Record
from web.views.formatting import counted

LONGEST_AT = 9  # digits


def sort_text(name: str, *, descending: bool) -> str:
    """Return the order by one column as the function reads it; some names only in JSON."""
    text = f"{'-' if descending else ''}{name}"
    plain = "," not in name and name == name.strip() and not name.startswith(("[", "-", "+"))
    return text if plain else json.dumps([text], ensure_ascii=False)


@dataclass(frozen=True)
class Place:
    """What an address asks of the rows: filters, an order, and where the page begins."""

    filters: tuple[str, ...] = ()
    sort: str = ""
    cursor: str | None = None
    at: int = 1

    @classmethod
    def of(cls, args: Mapping[str, str], filters: Sequence[str]) -> "Place":
        """Read it; what makes no sense is as if it were not there."""
        at = args.get("at", "")
        known = at.isascii() and at.isdigit() and len(at) <= LONGEST_AT
        cursor = args.get("cursor") or None
        begins = max(int(at), 1) if known and cursor else 1
        return cls(tuple(filters), args.get("sort", ""), cursor, begins)

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the address that shows it."""
        at = self.at if self.at > 1 else None
        all_of = {"filter": list(self.filters), "sort": self.sort, "cursor": self.cursor, "at": at}
        return {name: one for name, one in all_of.items() if one}


@dataclass(frozen=True)
class Grid:
    """A page of the rows of a table."""

    dataset: Dataset
    page: Page[Record]
    place: Place

    @property
    def range(self) -> str:
        """Which of how many are shown: "1 to 25 of 1,309", with a dash."""
        shown, count = len(self.page.items), self.page.count
        of = "" if count is None else f" of {count:,}"
        if not shown:
            return f"0{of}"
        return f"{self.place.at:,}–{self.place.at + shown - 1:,}{of}"  # noqa: RUF001 - a dash

    @property
    def all_of_them(self) -> str:
        """How many rows meet the filters, in words."""
        count = self.page.count if self.page.count is not None else self.dataset.rows
        rows = counted(count, "row")
        if not self.place.filters:
            return rows
        return f"{rows} that {'fits' if count == 1 else 'fit'}"

    def order(self, column: Column) -> str:
        """Return how the rows are sorted by a column, in ARIA's words; empty where they are not."""
        for word, descending in (("ascending", False), ("descending", True)):
            if self.place.sort and self.place.sort == sort_text(column.name, descending=descending):
                return word
        return ""

    def sorted_by(self, column: Column) -> dict[str, Any]:
        """Return the parameters of the rows sorted by a column; a third click ends the order."""
        order = self.order(column)
        sort = "" if order == "descending" else sort_text(column.name, descending=bool(order))
        return Place(self.place.filters, sort).params

    @property
    def first(self) -> dict[str, Any]:
        """Return the parameters of the first page."""
        return Place(self.place.filters, self.place.sort).params

    @property
    def following(self) -> dict[str, Any] | None:
        """Return the parameters of the page after this one, or None."""
        if self.page.next is None:
            return None
        at = self.place.at + len(self.page.items)
        return Place(self.place.filters, self.place.sort, self.page.next, at).params

    def without(self, text: str) -> dict[str, Any]:
        """Return the parameters of the rows with one filter less."""
        rest = tuple(one for one in self.place.filters if one != text)
        return Place(rest, self.place.sort).params
