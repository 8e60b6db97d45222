"""What an e-mail address, a password and a name may be; how tries come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.model.emails import check_email, email_key
from functions.accounts.model.names import clean_name
from functions.accounts.model.passwords import COMMONEST, SHORTEST, check_password
from functions.accounts.model.throttling import Rate, spend, wait
from functions.kit.contract.errors import Invalid

EMAIL = "ann.smith@example.org"


@pytest.mark.parametrize(
    "email", ["a@b", EMAIL, "o'neil+x@sub.example.org", "owner@localhost", f"{'a' * 64}@b.org"]
)
def test_addresses_that_are_taken(email: str) -> None:
    check_email(email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "a b@example.org",
        "ann@exa mple.org",
        "ann@example.org\nBcc: all@example.org",
        "ann@example.org ",
        "änn@example.org",
        "ann@-example.org",
        "ann@example..org",
        "Ann <ann@example.org>",
        f"{'a' * 65}@b.org",
        f"a@{'b.' * 130}org",
    ],
)
def test_addresses_that_are_none(email: str) -> None:
    with pytest.raises(Invalid, match="e-mail address") as told:
        check_email(email)
    assert told.value.flaws[0].column == "email"


def test_an_address_is_the_same_in_any_case() -> None:
    assert email_key("Ann@Example.ORG") == email_key("ann@example.org")
    assert email_key("ann@example.org") != email_key("ann@example.com")


@pytest.mark.parametrize(
    "password", ["correct horse", "aaaaaaaaab", "ünïcödë lang", "x" * 999 + "y", "          !"]
)
def test_passwords_that_are_taken(password: str) -> None:
    check_password(password, EMAIL)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "10 to 1,000"),
        ("short one", "10 to 1,000"),
        ("ab" * 501, "10 to 1,000"),
        ("password123", "tried first"),
        ("Password123", "tried first"),
        (EMAIL, "e-mail"),
        (EMAIL.upper(), "e-mail"),
        ("Ann.Smith", "10 to 1,000"),
        ("zzzzzzzzzzzz", "over and over"),
    ],
)
def test_passwords_that_are_refused_and_never_told(password: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as told:
        check_password(password, EMAIL)
    assert told.value.flaws[0].value is None
    assert not password or password not in str(told.value)


def test_the_first_part_of_a_long_address_is_refused() -> None:
    with pytest.raises(Invalid, match="e-mail"):
        check_password("annabel.smith", "annabel.smith@example.org")


def test_the_commonest_are_as_they_are_looked_up() -> None:
    assert {one for one in COMMONEST if one != one.lower() or len(one) < SHORTEST} == set()


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "two\nlines", "nul\0"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(Invalid, match="name"):
        clean_name(name)


def test_a_name_stands_without_spaces_around_it() -> None:
    assert clean_name("  Ann Smith ") == "Ann Smith"


RATE = Rate(burst=3, every=10.0)


@pytest.mark.parametrize(
    ("tries_at", "waits"),
    [
        ([0, 0, 0], [0, 0, 0]),
        ([0, 0, 0, 0], [0, 0, 0, 10]),
        ([0, 0, 0, 4], [0, 0, 0, 6]),
        ([0, 0, 0, 10, 10], [0, 0, 0, 0, 10]),
        ([0, 0, 0, 30, 30, 30, 30], [0, 0, 0, 0, 0, 0, 10]),
        ([0, 0, 0, 9999, 9999, 9999, 9999], [0, 0, 0, 0, 0, 0, 10]),
    ],
)
def test_a_burst_at_once_and_then_one_in_so_many_seconds(
    tries_at: list[float], waits: list[float]
) -> None:
    full_at, told = 0.0, []
    for now in tries_at:
        told.append(wait(RATE, full_at, now))
        if told[-1] == 0:
            full_at = spend(RATE, full_at, now)
    assert told == waits


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 5), st.floats(0.5, 20))
def test_no_stretch_of_time_has_more_tries_than_the_rate_allows(
    gaps: list[float], burst: int, every: float
) -> None:
    rate, now, full_at, allowed = Rate(burst, every), 1e9, 0.0, list[float]()
    for gap in gaps:
        now += gap
        waits = wait(rate, full_at, now)
        assert 0 <= waits <= every + 1e-3
        if waits == 0:
            full_at = spend(rate, full_at, now)
            allowed.append(now)
    for first, begin in enumerate(allowed):
        for last, end in enumerate(allowed[first:], 1):
            assert last <= burst + (end - begin) / every + 1e-3
    assert wait(rate, full_at, now + burst * every) == 0
