"""Workspaces, their people, invitations to them; and what an operator does with accounts."""

from typing import Any

import msgspec
import pytest

from functions.accounts.model.documents import REVOKED_KEYS
from functions.accounts.model.refusals import Forbidden, Slowed
from functions.accounts.model.views import AccountView
from functions.accounts.service.administration import AccountPatch, AccountWish
from functions.accounts.service.membership import invitations, workspaces
from functions.accounts.service.requests import Request, request_of
from functions.kit.contract.access.accounts import OLD_ROLE
from functions.kit.contract.access.api_key import API_KEYS
from functions.kit.contract.access.identity import OWNER, Caller
from functions.kit.contract.access.workspaces import MAIN, is_workspace
from functions.kit.contract.errors import Conflict, Gone, Invalid, NotFound, Unreadable
from functions.kit.contract.requests.lists import ListQuery
from tests.support.in_memory.accounts_house import DAY, PASSWORD, House

ANN, BOB = "ann@example.org", "bob@example.org"
ALL = ListQuery(limit=1000)


@pytest.fixture
def house() -> House:
    return House()


class Named(msgspec.Struct):
    name: str


def request(key: str | None, name: str = "x", account: str = "a") -> Request | None:
    caller = Caller(name="", kind="session", workspace="w", account=account)
    return request_of(caller, key, "POST /x", Named(name))


def join(house: House, email: str, role: Any, workspace: str = MAIN) -> AccountView:
    """Make an account, and a member of it."""
    account = house.account(email)
    token = house.services.invitations.make(workspace, email, role, None).token
    house.services.invitations.accept(account.id, token)
    return account


def rights(house: House, token: str, workspace: str) -> list[str]:
    identity = house.identity(token)
    assert identity
    return sorted(identity.callers[workspace].rights - {"self"})


# Workspaces


def test_a_workspace_is_made_listed_and_renamed(house: House) -> None:
    ann = house.account(ANN)
    made = house.services.workspaces.make(ann.id, " Sales & Stock ", None)
    assert (made.name, made.role, made.home) == ("Sales & Stock", "owner", False)
    assert is_workspace(made.id)
    assert made.id.startswith("sales-stock-")
    renamed = house.services.workspaces.rename(ann.id, made.id, "Stock")
    assert (renamed.id, renamed.name) == (made.id, "Stock")
    listed = house.services.workspaces.page(ann.id, ALL).items
    assert {one.id: one.name for one in listed} == {ann.home: "ann", made.id: "Stock"}


@pytest.mark.parametrize("name", ["---", "日本語", "A" * 100])
def test_any_name_gives_an_id_that_can_stand_in_a_path(house: House, name: str) -> None:
    assert is_workspace(house.services.workspaces.make(OWNER, name, None).id)


def test_only_an_owner_renames_a_workspace_and_others_do_not_see_it(house: House) -> None:
    editor, stranger = join(house, ANN, "editor"), house.account(BOB)
    with pytest.raises(Forbidden):
        house.services.workspaces.rename(editor.id, MAIN, "Mine")
    with pytest.raises(NotFound, match="There is no workspace 'main'"):
        house.services.workspaces.rename(stranger.id, MAIN, "Mine")
    with pytest.raises(NotFound, match="There is no workspace 'none'"):
        house.services.workspaces.rename(stranger.id, "none", "Mine")


def test_an_account_belongs_to_so_many_workspaces(house: House) -> None:
    ann = house.account(ANN)
    for _ in range(workspaces.MOST - 1):
        house.services.workspaces.make(ann.id, "w", None)
    with pytest.raises(Conflict, match="at most"):
        house.services.workspaces.make(ann.id, "w", None)


def test_workspaces_come_in_pages(house: House) -> None:
    ann = house.account(ANN)
    for name in ("b", "c"):
        house.services.workspaces.make(ann.id, name, None)
    first = house.services.workspaces.page(ann.id, ListQuery(limit=2))
    rest = house.services.workspaces.page(ann.id, ListQuery(limit=2, cursor=first.next))
    assert [one.name for one in (*first.items, *rest.items)] == ["ann", "b", "c"]
    assert rest.next is None


# Requests that are sent again


def test_a_repeated_request_gives_what_the_first_made(house: House) -> None:
    ann, make = house.account(ANN), house.services.workspaces.make
    first = make(ann.id, "x", request("k"))
    assert make(ann.id, "x", request("k")) == first
    assert make(ann.id, "x", request("other")) != first
    assert make(ann.id, "x", request("k", account="b")) != first
    with pytest.raises(Conflict, match="another request"):
        make(ann.id, "y", request("k", "y"))


@pytest.mark.parametrize("key", ["", " ", "k" * 256])
def test_a_key_that_names_nothing_is_refused(key: str) -> None:
    with pytest.raises(Unreadable):
        request(key)


def test_a_request_says_nothing_of_a_password() -> None:
    caller = Caller(name="", kind="session", workspace="w", account="a")
    told = {
        request_of(caller, "k", "POST /x", AccountWish(email=ANN, name="A", password=one))
        for one in (None, "first", "second")
    }
    assert len(told) == 1


# People


def test_members_are_listed_with_their_roles(house: House) -> None:
    ann = join(house, ANN, "viewer")
    people = house.services.people.page(MAIN, ALL).items
    assert {(one.account, one.email, one.role) for one in people} == {
        (OWNER, "owner@localhost", "owner"),
        (ann.id, ANN, "viewer"),
    }


def test_a_role_counts_at_once_in_the_sessions_that_are_there(house: House) -> None:
    ann = join(house, ANN, "viewer")
    signed = house.sign_in(ANN)
    assert rights(house, signed.token, MAIN) == ["predict", "read"]
    changed = house.services.people.change(MAIN, ann.id, "editor")
    assert changed.role == "editor"
    assert rights(house, signed.token, MAIN) == ["predict", "read", "write"]
    house.services.people.remove(MAIN, ann.id)
    identity = house.identity(signed.token)
    assert identity
    assert list(identity.callers) == [ann.home]


def keep(house: House, digest: str, **fields: Any) -> None:
    """Keep an API key's document."""
    house.database.transact(lambda change: change.set(f"{API_KEYS}/{digest}", fields))


def test_the_keys_of_whoever_is_removed_do_not_come_back_with_them(house: House) -> None:
    ann, bob = join(house, ANN, "editor"), join(house, BOB, "editor")
    keep(house, "gone", id="1", account=ann.id, workspace=MAIN)
    keep(house, "elsewhere", id="2", account=ann.id, workspace=ann.home)
    keep(house, "another's", id="3", account=bob.id, workspace=MAIN)
    house.services.people.remove(MAIN, ann.id)
    assert set(house.database.page(API_KEYS, 9, None)) == {"elsewhere", "another's"}
    assert set(house.database.page(REVOKED_KEYS, 9, None)) == {"gone"}


def test_the_keys_of_earlier_releases_go_with_the_owner(house: House) -> None:
    join(house, ANN, "owner")
    keep(house, "old", name="x", role=OLD_ROLE)
    house.services.people.remove(MAIN, OWNER)
    assert house.database.page(API_KEYS, 9, None) == {}


def test_an_invitation_that_waits_does_not_bring_back_whoever_is_removed(house: House) -> None:
    ann = join(house, ANN, "editor")
    make = house.services.invitations.make
    token, other = (make(MAIN, one, "owner", None).token for one in (ANN.upper(), BOB))
    house.services.people.remove(MAIN, ann.id)
    with pytest.raises(Forbidden):
        house.services.invitations.accept(ann.id, token)
    assert house.services.invitations.accept(house.account(BOB).id, other).workspace == MAIN


def test_the_last_owner_stays_and_stays_owner(house: House) -> None:
    house.services.accounts.ensure_owner()
    for role in ("editor", "viewer"):
        with pytest.raises(Conflict, match="one owner"):
            house.services.people.change(MAIN, OWNER, role)
    with pytest.raises(Conflict, match="one owner"):
        house.services.people.remove(MAIN, OWNER)
    ann = join(house, ANN, "owner")
    house.services.people.change(MAIN, OWNER, "viewer")
    with pytest.raises(Conflict):
        house.services.people.remove(MAIN, ann.id)


def test_who_leaves_home_has_another_home_or_none(house: House) -> None:
    house.services.people.page(MAIN, ALL)
    token = house.services.invitations.make(MAIN, ANN, "editor", None).token
    ann = house.account(ANN)
    house.services.invitations.accept(ann.id, token)
    join(house, BOB, "owner", ann.home)
    house.services.people.remove(ann.home, ann.id)
    assert house.services.administration.get(ann.id).home == MAIN
    house.services.people.remove(MAIN, ann.id)
    after = house.services.administration.get(ann.id)
    assert (after.home, after.roles) == ("", {})
    house.sign_in(ANN)


def test_somebody_of_another_workspace_is_not_there(house: House) -> None:
    ann = house.account(ANN)
    house.services.accounts.ensure_owner()
    for act in (
        lambda name: house.services.people.change(MAIN, name, "owner"),
        lambda name: house.services.people.remove(MAIN, name),
    ):
        for name in (ann.id, "none", "a/b"):
            with pytest.raises(NotFound, match=f"There is no person '{name}'"):
                act(name)


# Invitations


def test_an_invitation_is_mailed_listed_and_withdrawn(house: House) -> None:
    made = house.services.invitations.make(MAIN, ANN, "editor", None)
    assert house.token_in_mail(ANN) == made.token
    [listed] = house.services.invitations.page(MAIN, ALL).items
    assert (listed.id, listed.email, listed.role) == (made.id, ANN, "editor")
    house.services.invitations.withdraw(MAIN, made.id)
    assert house.services.invitations.page(MAIN, ALL).items == []
    ann = house.account(ANN)
    with pytest.raises(Forbidden):
        house.services.invitations.accept(ann.id, made.token)
    with pytest.raises(NotFound):
        house.services.invitations.withdraw(MAIN, made.id)


def test_another_workspaces_invitation_is_not_there(house: House) -> None:
    ann = house.account(ANN)
    made = house.services.invitations.make(MAIN, BOB, "editor", None)
    assert house.services.invitations.page(ann.home, ALL).items == []
    with pytest.raises(NotFound):
        house.services.invitations.withdraw(ann.home, made.id)


def test_an_invitation_is_accepted_by_whom_it_is_for_and_once(house: House) -> None:
    ann, bob = house.account(ANN), house.account(BOB)
    token = house.services.invitations.make(MAIN, "ANN@example.org", "editor", None).token
    with pytest.raises(Forbidden, match="another e-mail"):
        house.services.invitations.accept(bob.id, token)
    joined = house.services.invitations.accept(ann.id, token)
    assert (joined.workspace, joined.role) == (MAIN, "editor")
    with pytest.raises(Forbidden, match="was used"):
        house.services.invitations.accept(ann.id, token)
    again = house.services.invitations.make(MAIN, ANN, "owner", None).token
    with pytest.raises(Conflict, match="already"):
        house.services.invitations.accept(ann.id, again)
    assert house.services.administration.get(ann.id).roles[MAIN] == "editor"


def test_an_invitation_ends_after_seven_days(house: House) -> None:
    ann = house.account(ANN)
    token = house.services.invitations.make(MAIN, ANN, "editor", None).token
    house.clock.advance(7 * DAY)
    assert house.services.invitations.page(MAIN, ALL).items == []
    with pytest.raises(Forbidden):
        house.services.invitations.accept(ann.id, token)


def test_a_repeated_invitation_is_the_same_and_mailed_once(house: House) -> None:
    make = house.services.invitations.make
    first = make(MAIN, ANN, "editor", request("k"))
    assert make(MAIN, ANN, "editor", request("k")) == first
    house.deliver()
    assert len(house.mailer.sent) == 1
    house.services.invitations.withdraw(MAIN, first.id)
    with pytest.raises(Gone):
        make(MAIN, ANN, "editor", request("k"))


def test_nobody_is_flooded_with_invitations(house: House) -> None:
    for _ in range(5):
        made = house.services.invitations.make(MAIN, ANN, "viewer", None)
        house.services.invitations.withdraw(MAIN, made.id)
    house.deliver()
    assert len(house.mailer.sent) == 3


def test_a_workspace_cannot_send_mails_without_end(house: House) -> None:
    house.account(BOB)
    for number in range(invitations.INVITED.burst):
        house.services.invitations.make(MAIN, f"a{number}@example.org", "viewer", None)
    with pytest.raises(Slowed):
        house.services.invitations.make(MAIN, ANN, "viewer", None)
    house.clock.advance(invitations.INVITED.every)
    house.services.invitations.make(MAIN, ANN, "viewer", None)


def test_so_many_invitations_wait_at_most(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST", 2)
    for number in range(2):
        house.services.invitations.make(MAIN, f"a{number}@example.org", "viewer", None)
    with pytest.raises(Conflict, match="withdraw"):
        house.services.invitations.make(MAIN, ANN, "viewer", None)


# Operators


def test_accounts_are_made_in_a_workspace_or_with_one_of_their_own(house: House) -> None:
    make = house.services.administration.make
    own = make(AccountWish(email=ANN, name="Ann", plan="premium"), None)
    assert (own.plan, own.roles) == ("premium", {own.home: "owner"})
    member = make(AccountWish(email=BOB, name="Bob", workspace=MAIN, role="editor"), None)
    assert (member.roles, member.home) == ({MAIN: "editor"}, MAIN)
    found = house.services.administration.page(ALL).items
    assert sorted(one.id for one in found) == sorted([OWNER, own.id, member.id])


@pytest.mark.parametrize(
    ("wish", "column"),
    [
        (AccountWish(email="none", name="A"), "email"),
        (AccountWish(email=ANN, name=" "), "name"),
        (AccountWish(email=ANN, name="A", plan="gold"), "plan"),
        (AccountWish(email=ANN, name="A", plan="../x"), "plan"),
        (AccountWish(email=ANN, name="A", password="short"), "password"),
        (AccountWish(email=ANN, name="A", workspace="none"), "workspace"),
        (AccountWish(email=ANN, name="A", workspace="a/b"), "workspace"),
    ],
)
def test_an_account_that_cannot_be_made(house: House, wish: AccountWish, column: str) -> None:
    with pytest.raises(Invalid) as told:
        house.services.administration.make(wish, None)
    assert [flaw.column for flaw in told.value.flaws] == [column]
    assert [one.id for one in house.services.administration.page(ALL).items] == [OWNER]


def test_an_account_is_made_once_by_a_repeated_request(house: House) -> None:
    wish, make = AccountWish(email=ANN, name="Ann"), house.services.administration.make
    first = make(wish, request("k"))
    assert make(wish, request("k")) == first
    with pytest.raises(Conflict, match="an account of"):
        make(wish, None)


def test_a_plan_that_is_stored_can_be_given(house: House) -> None:
    ann = house.account(ANN)
    house.database.transact(lambda change: change.set("plans/gold", {"name": "gold"}))
    changed = house.services.administration.change(ann.id, AccountPatch(plan="gold"))
    assert changed.plan == "gold"
    with pytest.raises(Invalid):
        house.services.administration.change(ann.id, AccountPatch(plan="silver"))


def test_who_is_disabled_is_signed_out_for_good(house: House) -> None:
    ann = house.account(ANN)
    signed = house.sign_in(ANN)
    changed = house.services.administration.change(ann.id, AccountPatch(disabled=True))
    assert changed.disabled
    assert house.identity(signed.token) is None
    house.services.administration.change(ann.id, AccountPatch(disabled=False))
    assert house.identity(signed.token) is None
    house.sign_in(ANN)


def test_the_systems_owner_cannot_be_shut_out(house: House) -> None:
    with pytest.raises(Conflict):
        house.services.administration.change(OWNER, AccountPatch(disabled=True))


def test_an_account_that_is_not_there(house: House) -> None:
    for name in ("none", "a/b", ""):
        with pytest.raises(NotFound, match=f"There is no account '{name}'"):
            house.services.administration.get(name)
        with pytest.raises(NotFound):
            house.services.administration.change(name, AccountPatch(name="x"))


def test_the_owner_is_made_once_with_the_first_workspace(house: House) -> None:
    for _ in range(2):
        account = house.services.administration.get(OWNER)
    assert (account.operator, account.plan, account.roles) == (True, "unlimited", {MAIN: "owner"})
    with pytest.raises(Conflict):
        house.account("Owner@Localhost", PASSWORD)


def test_settings_are_kept(house: House) -> None:
    settings = house.services.settings
    assert settings.change("open").sign_up == "open"
    assert settings.change(None).sign_up == "open"
    assert settings.read().sign_up == "open"
