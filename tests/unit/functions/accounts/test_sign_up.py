"""Signing up: open, by invitation, off; with an address that is proven by a mail, or not."""

from typing import Any

import pytest

from functions.accounts.model.refusals import Forbidden, NotSignedIn, Slowed
from functions.accounts.service.authentication.sign_up import Wish
from functions.accounts.service.authentication.throttle import ADDRESS
from functions.kit.contract.access.accounts import FREEMIUM
from functions.kit.contract.errors import Conflict, Invalid
from functions.kit.contract.requests.lists import ListQuery
from tests.support.in_memory.accounts_house import DAY, HERE, PASSWORD, House

ANN = "ann@example.org"
WISH = Wish(ANN, "Ann", PASSWORD)


@pytest.fixture
def house() -> House:
    return House()


def open_house(*, confirms: bool = False) -> House:
    house = House(confirms=confirms)
    house.services.settings.change("open")
    return house


def invited(house: House, email: str = ANN, role: Any = "editor") -> str:
    return house.services.invitations.make("main", email, role, None).token


def test_at_first_one_needs_an_invitation(house: House) -> None:
    assert house.services.settings.read().sign_up == "invitation"
    with pytest.raises(Forbidden, match="invitation"):
        house.sign_up(WISH)


def test_where_it_is_open_one_gets_an_account_with_a_workspace_of_its_own() -> None:
    house = open_house()
    signed = house.sign_up(WISH)
    account = signed.account
    assert (account.plan, account.operator, account.name) == (FREEMIUM, False, "Ann")
    assert account.roles == {account.home: "owner"}
    assert account.home != "main"
    [mine] = house.services.workspaces.page(account.id, ListQuery()).items
    assert (mine.id, mine.name, mine.role, mine.home) == (account.home, "Ann", "owner", True)
    assert house.identity(signed.token)
    house.sign_in(ANN)


def test_where_it_is_off_no_invitation_helps(house: House) -> None:
    token = invited(house)
    house.services.settings.change("off")
    with pytest.raises(Forbidden, match="Nobody"):
        house.sign_up(WISH._replace(invitation=token))


def test_an_invitation_makes_a_member_once(house: House) -> None:
    token = invited(house)
    signed = house.sign_up(WISH._replace(invitation=token, email="ANN@example.org"))
    assert signed.account.roles == {"main": "editor"}
    assert signed.account.home == "main"
    people = house.services.people.page("main", ListQuery()).items
    assert {one.account: one.role for one in people} == {
        "owner": "owner",
        signed.account.id: "editor",
    }
    with pytest.raises(Forbidden, match="was used"):
        house.sign_up(Wish("bob@example.org", "Bob", PASSWORD, token))


def test_an_invitation_is_for_one_address_and_seven_days(house: House) -> None:
    token = invited(house)
    with pytest.raises(Forbidden, match="another e-mail"):
        house.sign_up(Wish("bob@example.org", "Bob", PASSWORD, token))
    house.clock.advance(7 * DAY)
    with pytest.raises(Forbidden, match="over"):
        house.sign_up(WISH._replace(invitation=token))


def test_who_is_invited_and_has_an_account_hears_that(house: House) -> None:
    house.account(ANN)
    with pytest.raises(Conflict, match="accept the invitation"):
        house.sign_up(WISH._replace(invitation=invited(house)))


@pytest.mark.parametrize(
    "wrong",
    [
        WISH._replace(email="no address"),
        WISH._replace(password="short"),
        WISH._replace(name=" "),
    ],
)
def test_what_is_refused_makes_nothing_and_uses_no_invitation(house: House, wrong: Wish) -> None:
    token = invited(house)
    with pytest.raises(Invalid):
        house.sign_up(wrong._replace(invitation=token))
    house.sign_up(WISH._replace(invitation=token))


def test_two_of_one_address_are_never_made() -> None:
    house = open_house()
    house.sign_up(WISH)
    with pytest.raises(Conflict, match="sign in"):
        house.sign_up(Wish("Ann@Example.org", "Other", PASSWORD))
    accounts = house.services.administration.page(ListQuery()).items
    assert sorted(one.name for one in accounts) == ["Ann", "owner"]


def test_nobody_takes_the_owners_address_before_the_owner_is_made() -> None:
    house = open_house()
    with pytest.raises(Conflict):
        house.sign_up(Wish("Owner@localhost", "Mallory", PASSWORD))


def test_one_address_of_the_network_cannot_sign_up_without_end() -> None:
    house = open_house()
    for number in range(ADDRESS.burst):
        house.sign_up(Wish(f"a{number}@example.org", "A", PASSWORD))
    with pytest.raises(Slowed):
        house.sign_up(WISH)


def test_with_a_mail_server_the_address_is_proven_first() -> None:
    house = open_house(confirms=True)
    assert house.services.sign_up.sign_up(WISH, HERE) is None
    with pytest.raises(NotSignedIn):
        house.sign_in(ANN)
    token = house.token_in_mail(ANN)
    signed = house.services.sign_in.by_link(token, HERE)
    assert (signed.account.email, signed.account.roles) == (ANN, {signed.account.home: "owner"})
    house.sign_in(ANN)
    with pytest.raises(NotSignedIn):
        house.services.sign_in.by_link(token, HERE)


def test_with_a_mail_server_the_answer_and_the_work_are_the_same_for_who_has_an_account() -> None:
    house = open_house(confirms=True)
    house.account("bob@example.org")
    told = []
    for email in (ANN, "bob@example.org"):
        house.hasher.work.clear()
        house.database.reads = 0
        answer = house.services.sign_up.sign_up(WISH._replace(email=email), HERE)
        told.append((answer, house.hasher.work[:], house.database.reads))
        house.deliver()
    assert told[0] == told[1]
    [to_ann, to_bob] = house.mailer.sent
    assert (to_ann.subject, to_bob.subject) == ("Finish signing up", "You have an account already")
    assert "token" not in to_bob.text


def test_an_address_that_was_taken_meanwhile_is_not_made_twice() -> None:
    house = open_house(confirms=True)
    house.services.sign_up.sign_up(WISH, HERE)
    token = house.token_in_mail(ANN)
    house.account(ANN)
    with pytest.raises(Conflict):
        house.services.sign_in.by_link(token, HERE)


def test_nobody_is_flooded_with_mail() -> None:
    house = open_house(confirms=True)
    for _ in range(9):
        house.services.sign_up.sign_up(WISH, HERE)
    house.deliver()
    assert len(house.mailer.sent) == 3
