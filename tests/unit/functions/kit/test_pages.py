"""Pages: what is given, where the next one begins, and cursors that lead nowhere."""

import pytest

from functions.kit.contract.errors import Unreadable
from functions.kit.contract.requests.pages import LONGEST_NUMBER, PageQuery, cursor_after, page_of


def test_a_page_ends_where_its_limit_is() -> None:
    page = page_of(["a", "b", "c"], 2, str)
    assert page.items == ["a", "b"]
    assert PageQuery(cursor=page.next).after == "b"


@pytest.mark.parametrize("found", [[], ["a"], ["a", "b"]])
def test_the_last_page_has_none_after_it(found: list[str]) -> None:
    assert (page_of(found, 2, str).items, page_of(found, 2, str).next) == (found, None)


def test_a_page_of_something_else_goes_on_at_the_same_place() -> None:
    page = page_of([1, 2, 3], 2, str)
    assert (page.each(str).items, page.each(str).next) == (["1", "2"], page.next)


def test_without_a_cursor_a_list_begins() -> None:
    assert (PageQuery().after, PageQuery().after_number) == (None, None)


@pytest.mark.parametrize("cursor", ["", "!", cursor_after("a/b"), cursor_after("__a__"), "\u00e4"])
def test_a_cursor_that_no_list_gave_is_refused(cursor: str) -> None:
    for key in ("after", "after_number"):
        with pytest.raises(Unreadable, match="The cursor is not one that this list gave") as caught:
            getattr(PageQuery(cursor=cursor), key)
        assert caught.value.flaws[0].column == "cursor"


def test_a_number_is_read_as_one() -> None:
    assert PageQuery(cursor=cursor_after("12")).after_number == 12
    for odd in ("a", "1" * (LONGEST_NUMBER + 1)):
        with pytest.raises(Unreadable):
            _ = PageQuery(cursor=cursor_after(odd)).after_number
