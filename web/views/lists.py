"""A list as a page shows it: what it was asked for, its columns, and the ways on through it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from web.client.schemas import Page

T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """A column of a list.

    Attributes:
        label: what its head says.
        sort: the field that the function sorts by; empty where it does not.
        numeric: its values are numbers, which stand to the right.
        greatest_first: the first click on its head gives the greatest first.
    """

    label: str
    sort: str = ""
    numeric: bool = False
    greatest_first: bool = False


@dataclass(frozen=True)
class Look:
    """What an address asks of a list: words, an order, and where the page begins."""

    q: str = ""
    sort: str = ""
    cursor: str | None = None
    at: int = 1

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Look":
        """Read it; what makes no sense is as if it were not there."""
        at = args.get("at", "")
        begins = int(at) if at.isascii() and at.isdigit() and len(at) < 10 else 1
        q = args.get("q", "").strip()[:100]
        return cls(q, args.get("sort", "")[:60], args.get("cursor") or None, max(begins, 1))

    @property
    def params(self) -> tuple[tuple[str, str], ...]:
        """What the function is asked for, beside limit and cursor."""
        asked = (("q", self.q), ("sort", self.sort))
        return (*((name, text) for name, text in asked if text), ("count", "true"))


@dataclass(frozen=True)
class ListView(Generic[T]):
    """A page of a list.

    Attributes:
        name: of the list; columns that a reader hides are remembered by it.
        page: what the function gave.
        look: what it was asked for.
        columns: from left to right.
        kept: parameters of the address that are none of the list's own.
    """

    name: str
    page: Page[T]
    look: Look
    columns: Sequence[Column]
    kept: Mapping[str, str]

    @property
    def range(self) -> str:
        """Which of how many are shown: "1 to 25 of 1,309", with a dash."""
        shown, count = len(self.page.items), self.page.count
        of = "" if count is None else f" of {count:,}"
        if not shown:
            return f"0{of}"
        return f"{self.look.at:,}–{self.look.at + shown - 1:,}{of}"  # noqa: RUF001 - a dash

    @property
    def first(self) -> dict[str, Any]:
        """Return the parameters of the first page."""
        return self._params(sort=self.look.sort)

    @property
    def following(self) -> dict[str, Any] | None:
        """Return the parameters of the page after this one, or None."""
        if self.page.next is None:
            return None
        at = self.look.at + len(self.page.items)
        return self._params(sort=self.look.sort, cursor=self.page.next, at=at)

    def sorted_by(self, column: Column) -> str:
        """Return how the list is sorted by a column, in ARIA's words; empty where it is not."""
        if column.sort and self.look.sort.removeprefix("-") == column.sort:
            return "descending" if self.look.sort.startswith("-") else "ascending"
        return ""

    def sort(self, column: Column) -> dict[str, Any]:
        """Return the parameters of the list sorted by a column, or the other way round."""
        now = self.sorted_by(column)
        down = now == "ascending" if now else column.greatest_first
        return self._params(sort=f"-{column.sort}" if down else column.sort)

    def _params(self, **more: Any) -> dict[str, Any]:
        return {name: one for name, one in {**self.kept, "q": self.look.q, **more}.items() if one}
