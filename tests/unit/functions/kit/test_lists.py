"""Lists that are searched, sorted and counted."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.errors import Unreadable
from functions.kit.contract.requests.lists import Listed, ListQuery, every

NAMES = ["ada", "Bob", "cy", "dora", "eve"]
LISTED = Listed(
    key=str,
    texts=lambda one: (one, "guest"),
    orders={"name": str.casefold, "length": lambda one: len(one) if one != "cy" else None},
)


def page(items=NAMES, **asked):
    return LISTED.page(items, ListQuery(**asked))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, NAMES),
        ({"q": "B"}, ["Bob"]),
        ({"q": "guest O"}, ["Bob", "dora"]),
        ({"q": "nobody"}, []),
        ({"sort": "-name"}, ["eve", "dora", "cy", "Bob", "ada"]),
        ({"sort": "length"}, ["ada", "Bob", "eve", "dora", "cy"]),
        ({"sort": "-length"}, ["dora", "ada", "Bob", "eve", "cy"]),
    ],
)
def test_what_is_asked_for(asked, found):
    assert page(**asked).items == found


def test_it_is_counted_whole_where_that_is_asked_for():
    assert page(q="o", limit=1, count=True).count == 2
    assert b"count" not in msgspec.json.encode(page())


@pytest.mark.parametrize("sort", ["age", "-", "name,length"])
def test_an_order_that_the_list_does_not_have_is_refused_with_those_it_has(sort):
    with pytest.raises(Unreadable, match="it can by name, length"):
        page(sort=sort)


@pytest.mark.parametrize("cursor", ["x", "!", "MCBhZGE", "LTEgYQ", "wrg", "MTIzNDU2Nzg5MDEyMyBh"])
def test_a_cursor_that_no_list_gave_is_refused(cursor):
    with pytest.raises(Unreadable, match="leave it out"):
        page(cursor=cursor)


@given(st.sets(st.text(min_size=1, max_size=3)), st.integers(1, 5), st.sampled_from(["name", ""]))
def test_pages_give_each_once_in_order(names, limit, sort):
    whole, cursor, seen = sorted(names), None, []
    expected = page(whole, sort=sort, limit=1000).items
    while True:
        found = page(whole, sort=sort, limit=limit, cursor=cursor)
        seen += found.items
        cursor = found.next
        if cursor is None:
            break
    assert seen == expected


def test_one_that_is_deleted_meanwhile_takes_nobody_along():
    first = page(limit=2)
    left = [one for one in NAMES if one != first.items[-1]]
    assert page(left, limit=2, cursor=first.next).items == ["cy", "dora"]


def test_a_store_is_read_to_its_end(monkeypatch):
    monkeypatch.setattr("functions.kit.contract.requests.lists.READ", 2)

    def read(limit, after):
        begin = 0 if after is None else NAMES.index(after) + 1
        return NAMES[begin : begin + limit]

    assert list(every(read, str)) == NAMES
