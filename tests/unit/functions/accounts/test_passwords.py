"""Passwords: changed by who knows the old one, set anew by who reads the mail."""

import pytest

from functions.accounts.model.refusals import NotSignedIn, Slowed
from functions.accounts.service.administration import AccountPatch
from functions.accounts.service.authentication.throttle import KNOWN
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.errors import Invalid
from tests.support.in_memory.accounts_house import HERE, PASSWORD, THERE, House

ANN = "ann@example.org"
OTHER = "quite another one"


@pytest.fixture
def house() -> House:
    return House()


def change(house: House, account: str, current: str | None, session: str = "") -> None:
    house.services.passwords.change(account, current, OTHER, session, HERE)


def forget(house: House, email: str = ANN) -> None:
    house.services.passwords.forgotten(email, HERE)


def test_a_change_ends_all_sessions_but_the_one_that_asks(house: House) -> None:
    ann = house.account(ANN)
    house.account("bob@example.org")
    mine, elsewhere = house.sign_in(ANN), house.sign_in(ANN, visitor=THERE)
    bobs = house.sign_in("bob@example.org")
    change(house, ann.id, PASSWORD, mine.token)
    open_ = [bool(house.identity(one.token)) for one in (mine, elsewhere, bobs)]
    assert open_ == [True, False, True]
    with pytest.raises(NotSignedIn):
        house.sign_in(ANN)
    house.sign_in(ANN, OTHER)


@pytest.mark.parametrize("current", [None, "", "a guess"])
def test_who_does_not_know_the_password_cannot_change_it(house: House, current: str | None) -> None:
    ann = house.account(ANN)
    with pytest.raises(Invalid, match="not your password"):
        change(house, ann.id, current)
    house.sign_in(ANN)


def test_guesses_by_a_stolen_session_are_slowed(house: House) -> None:
    ann = house.account(ANN)
    house.sign_in(ANN)
    for _ in range(KNOWN.burst):
        with pytest.raises(Invalid):
            change(house, ann.id, "a guess")
    with pytest.raises(Slowed):
        change(house, ann.id, PASSWORD)


def test_an_account_without_a_password_sets_one(house: House) -> None:
    change(house, OWNER, None)
    assert house.sign_in("owner@localhost", OTHER).account.id == OWNER


def test_a_refused_password_changes_nothing(house: House) -> None:
    ann = house.account(ANN)
    with pytest.raises(Invalid, match="10 to 1,000"):
        house.services.passwords.change(ann.id, PASSWORD, "short", "", HERE)
    house.sign_in(ANN)


def test_whoever_reads_the_mail_sets_another_password_once(house: House) -> None:
    house.account(ANN)
    before = house.sign_in(ANN)
    forget(house, "Ann@example.org")
    token = house.token_in_mail(ANN)
    assert f"http://pages/password/reset?token={token}" in house.mailer.sent[-1].text
    signed = house.services.passwords.reset(token, OTHER, THERE)
    assert house.identity(before.token) is None
    assert house.identity(signed.token)
    house.sign_in(ANN, OTHER)
    with pytest.raises(NotSignedIn):
        house.services.passwords.reset(token, PASSWORD, THERE)


def test_a_reset_that_is_refused_uses_nothing_up(house: House) -> None:
    house.account(ANN)
    forget(house)
    token = house.token_in_mail(ANN)
    with pytest.raises(Invalid):
        house.services.passwords.reset(token, ANN, HERE)
    house.services.passwords.reset(token, OTHER, HERE)


def test_a_reset_is_good_for_an_hour(house: House) -> None:
    house.account(ANN)
    forget(house)
    token = house.token_in_mail(ANN)
    house.clock.advance(3600)
    with pytest.raises(NotSignedIn):
        house.services.passwords.reset(token, OTHER, HERE)


def test_a_change_of_the_password_ends_the_links_that_wait(house: House) -> None:
    """Whoever had the account for a moment does not keep it by one."""
    ann = house.account(ANN)
    link = house.services.sign_in.new_link(ann.id)
    change(house, ann.id, PASSWORD)
    with pytest.raises(NotSignedIn):
        house.services.sign_in.by_link(link.token, HERE)
    fresh = house.services.sign_in.new_link(ann.id)
    house.services.sign_in.by_link(fresh.token, HERE)


def test_a_change_of_the_password_ends_the_resets_that_wait(house: House) -> None:
    ann = house.account(ANN)
    forget(house)
    first = house.token_in_mail(ANN)
    forget(house)
    second = house.token_in_mail(ANN)
    change(house, ann.id, PASSWORD)
    for token in (first, second):
        with pytest.raises(NotSignedIn):
            house.services.passwords.reset(token, OTHER, HERE)


def test_a_token_of_another_kind_resets_nothing(house: House) -> None:
    link = house.services.sign_in.new_link(OWNER)
    with pytest.raises(NotSignedIn):
        house.services.passwords.reset(link.token, OTHER, HERE)
    house.account(ANN)
    forget(house)
    with pytest.raises(NotSignedIn):
        house.services.sign_in.by_link(house.token_in_mail(ANN), HERE)


def test_what_is_done_before_the_answer_is_the_same_for_every_address(house: House) -> None:
    house.account(ANN)
    told = []
    for email in (ANN, "nobody@example.org", "no address"):
        house.hasher.work.clear()
        house.database.reads = 0
        forget(house, email)
        told.append((house.hasher.work[:], house.database.reads, len(house.mailer.sent)))
    assert told == [([], 1, 0)] * 3
    house.deliver()
    assert [mail.to for mail in house.mailer.sent] == [ANN]


def test_a_disabled_account_gets_no_mail(house: House) -> None:
    ann = house.account(ANN)
    house.services.administration.change(ann.id, AccountPatch(disabled=True))
    forget(house)
    house.deliver()
    assert house.mailer.sent == []


def test_nobody_is_flooded_with_mail_and_all_are_answered(house: House) -> None:
    house.account(ANN)
    for _ in range(9):
        forget(house)
    house.deliver()
    assert len(house.mailer.sent) == 3
    house.clock.advance(600)
    forget(house)
    house.deliver()
    assert len(house.mailer.sent) == 4


def test_one_asker_cannot_fill_what_waits(house: House) -> None:
    for number in range(99):
        forget(house, f"a{number}@example.org")
    assert len(house.later) == 20
