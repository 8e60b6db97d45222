"""Signing in: by password, slowed, alike for everybody who is refused; by a link, once."""

import pytest

from functions.accounts.adapters.argon2_hasher import Argon2Hasher, Cost
from functions.accounts.model.refusals import NotSignedIn, Slowed
from functions.accounts.service.administration import AccountPatch
from functions.accounts.service.authentication.sessions import MOST, Visitor
from functions.accounts.service.authentication.throttle import ADDRESS, ELSEWHERE, KNOWN
from functions.kit.contract.access.api_key import digest
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.errors import NotFound
from functions.kit.contract.requests.lists import ListQuery
from tests.support.in_memory.accounts_house import DAY, HERE, PASSWORD, THERE, House

ANN = "ann@example.org"


@pytest.fixture
def house() -> House:
    return House()


def fail(
    house: House, email: str = ANN, visitor: Visitor = HERE, password: str = "not the password"
) -> str:
    with pytest.raises(NotSignedIn) as refused:
        house.sign_in(email, password, visitor)
    return str(refused.value)


def slowed(house: House, email: str = ANN, visitor: Visitor = HERE) -> int:
    with pytest.raises(Slowed) as refused:
        house.sign_in(email, PASSWORD, visitor)
    return refused.value.retry_after


def test_whoever_knows_the_password_gets_a_new_session_each_time(house: House) -> None:
    account = house.account(ANN)
    first, second = house.sign_in("ANN@example.org"), house.sign_in(ANN)
    assert first.token != second.token
    assert first.account == account
    for signed in (first, second):
        identity = house.identity(signed.token)
        assert identity
        assert identity.callers[account.home].account == account.id


def test_a_session_ends_by_itself_after_thirty_days(house: House) -> None:
    house.account(ANN)
    signed = house.sign_in(ANN)
    identity = house.identity(signed.token)
    assert identity
    assert identity.ends == house.clock.now().timestamp() + 30 * DAY


def test_only_the_digest_of_a_token_is_kept(house: House) -> None:
    house.account(ANN)
    signed = house.sign_in(ANN)
    assert house.database.get(f"sessions/{digest(signed.token)}")
    assert signed.token not in str(house.database.page("sessions", 9, None))


def test_who_is_refused_costs_the_same_work_and_hears_the_same_words(house: House) -> None:
    """What an attacker could time: which documents are read, and what is hashed."""
    house.account(ANN)
    bob = house.account("bob@example.org")
    house.services.administration.change(bob.id, AccountPatch(disabled=True))
    house.services.accounts.ensure_owner()
    told = set()
    for email, password in (
        (ANN, "not the password"),
        ("bob@example.org", PASSWORD),
        ("owner@localhost", ""),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
    ):
        house.hasher.work.clear()
        house.database.reads = 0
        words = fail(house, email, password=password)
        told.add((words, tuple(house.hasher.work), house.database.reads))
    [(_, work, _)] = told
    assert work == ("verify",)


def test_a_password_that_changes_while_it_is_looked_at_opens_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = house.account(ANN)
    verify = house.hasher.verify

    def slowly(stored: str | None, password: str) -> bool:
        right = verify(stored, password)
        monkeypatch.undo()
        house.services.passwords.change(ann.id, PASSWORD, "quite another one", "", THERE)
        return right

    monkeypatch.setattr(house.hasher, "verify", slowly)
    with pytest.raises(NotSignedIn):
        house.sign_in(ANN)
    assert house.services.sessions.page(ann.id, "", ListQuery()).items == []


def test_a_disabled_account_is_refused_with_the_right_password(house: House) -> None:
    ann = house.account(ANN)
    house.services.administration.change(ann.id, AccountPatch(disabled=True))
    with pytest.raises(NotSignedIn):
        house.sign_in(ANN)
    house.services.administration.change(ann.id, AccountPatch(disabled=False))
    house.sign_in(ANN)


def test_an_empty_password_opens_no_account_that_has_none(house: House) -> None:
    house.services.accounts.ensure_owner()
    with pytest.raises(NotSignedIn):
        house.sign_in("owner@localhost", "")


def test_tries_on_an_account_run_out_and_come_back(house: House) -> None:
    house.account(ANN)
    for number in range(ELSEWHERE.burst):
        fail(house, visitor=Visitor("", f"198.51.100.{number}"))
    house.hasher.work.clear()
    assert slowed(house) == ELSEWHERE.every
    assert house.hasher.work == []  # the password is not looked at
    house.clock.advance(ELSEWHERE.every)
    house.sign_in(ANN)


def test_an_account_that_is_not_there_is_slowed_alike(house: House) -> None:
    for number in range(ELSEWHERE.burst):
        fail(house, "nobody@example.org", Visitor("", f"198.51.100.{number}"))
    assert slowed(house, "nobody@example.org") == ELSEWHERE.every


def test_an_attacker_elsewhere_keeps_nobody_out_who_was_here_before(house: House) -> None:
    house.account(ANN)
    house.sign_in(ANN, visitor=HERE)
    for _ in range(3):
        for number in range(ELSEWHERE.burst * 2):
            with pytest.raises((NotSignedIn, Slowed)):
                house.sign_in(ANN, "guess", Visitor("", f"203.0.113.{number}"))
        house.sign_in(ANN, visitor=HERE)
        house.clock.advance(3600)


def test_a_known_address_has_bounds_too(house: House) -> None:
    house.account(ANN)
    house.sign_in(ANN, visitor=HERE)
    for _ in range(KNOWN.burst - 1):
        fail(house)
    fail(house)
    assert slowed(house) == KNOWN.every
    house.sign_in(ANN, visitor=THERE)  # the tries from elsewhere are untouched


def test_an_address_is_forgotten_after_ninety_days(house: House) -> None:
    house.account(ANN)
    house.sign_in(ANN, visitor=HERE)
    house.clock.advance(90 * DAY)
    for number in range(ELSEWHERE.burst):
        fail(house, visitor=Visitor("", f"198.51.100.{number}"))
    slowed(house)


def test_one_address_runs_out_of_tries_for_whatever_accounts(house: House) -> None:
    for number in range(ADDRESS.burst):
        fail(house, f"guess{number}@example.org")
    house.account(ANN)
    assert slowed(house) == ADDRESS.every
    house.sign_in(ANN, visitor=THERE)


@pytest.mark.parametrize(
    "written", [f"of {HERE.address}", HERE.address, f"of letters to {ANN}", f"letters to {ANN}"]
)
def test_no_e_mail_that_is_tried_counts_against_something_else(house: House, written: str) -> None:
    for _ in range(ELSEWHERE.burst):
        fail(house, written, visitor=THERE)
    house.services.accounts.ensure_owner()
    house.account(ANN)
    house.clock.sleep(1)
    for _ in range(ADDRESS.burst):  # all that an address has, and nobody has spent any of it
        house.services.sign_in.by_password(ANN, PASSWORD, HERE)
    house.services.passwords.forgotten(ANN, HERE)
    house.deliver()
    assert [mail.to for mail in house.mailer.sent] == [ANN]


def test_a_good_account_buys_an_attacker_no_tries_against_others(house: House) -> None:
    house.account(ANN)
    for number in range(ADDRESS.burst - 1):
        fail(house, f"guess{number}@example.org")
        if number % 5 == 0:
            house.sign_in(ANN)
    fail(house, "last@example.org")
    slowed(house, "one-more@example.org")


def test_links_buy_an_attacker_no_tries_either(house: House) -> None:
    ann = house.account(ANN)
    for number in range(ADDRESS.burst):
        fail(house, f"guess{number}@example.org")
        link = house.services.sign_in.new_link(ann.id)
        house.services.sign_in.by_link(link.token, HERE)
    slowed(house, "one-more@example.org")


def test_signing_in_rightly_never_runs_out(house: House) -> None:
    house.account(ANN)
    for _ in range(ADDRESS.burst + 5):
        house.sign_in(ANN)


def test_a_password_is_hashed_anew_when_the_cost_has_changed(house: House) -> None:
    ann = house.account(ANN)
    path = f"passwords/{ann.id}"
    old = Argon2Hasher(Cost(2, 16, 1)).hash(PASSWORD)
    document = house.database.get(path)
    assert document
    house.database.transact(lambda change: change.set(path, document | {"hash": old}))
    signed = house.sign_in(ANN)
    after = house.database.get(path)
    assert after
    assert after["hash"] != old
    assert (after["stamp"], bool(house.identity(signed.token))) == (document["stamp"], True)
    house.sign_in(ANN)


def test_a_link_signs_in_once(house: House) -> None:
    link = house.services.sign_in.new_link(OWNER)
    signed = house.services.sign_in.by_link(link.token, HERE)
    assert (signed.account.id, signed.account.email) == (OWNER, "owner@localhost")
    with pytest.raises(NotSignedIn, match="has been used"):
        house.services.sign_in.by_link(link.token, HERE)


def test_a_link_is_good_for_an_hour(house: House) -> None:
    late, soon = (house.services.sign_in.new_link(OWNER) for _ in range(2))
    house.clock.advance(3599)
    house.services.sign_in.by_link(soon.token, HERE)
    house.clock.advance(1)
    with pytest.raises(NotSignedIn):
        house.services.sign_in.by_link(late.token, HERE)


def test_a_link_of_an_account_that_was_shut_out_opens_nothing(house: House) -> None:
    ann = house.account(ANN)
    link = house.services.sign_in.new_link(ann.id)
    house.services.administration.change(ann.id, AccountPatch(disabled=True))
    with pytest.raises(NotSignedIn):
        house.services.sign_in.by_link(link.token, HERE)


@pytest.mark.parametrize("token", ["", "mft_guess", "a/b", "x" * 200])
def test_a_token_that_is_none(house: House, token: str) -> None:
    with pytest.raises(NotSignedIn):
        house.services.sign_in.by_link(token, HERE)


def test_sessions_are_listed_and_ended(house: House) -> None:
    ann = house.account(ANN)
    here, there = house.sign_in(ANN), house.sign_in(ANN, visitor=THERE)
    sessions = house.services.sessions
    found = sessions.page(ann.id, here.token, ListQuery()).items
    assert sorted((one.agent, one.address, one.current) for one in found) == [
        ("Firefox", "192.0.2.1", True),
        ("curl", "198.51.100.7", False),
    ]
    [other] = [one.id for one in found if not one.current]
    sessions.end(ann.id, other)
    assert (house.identity(there.token), bool(house.identity(here.token))) == (None, True)
    with pytest.raises(NotFound):
        sessions.end(ann.id, other)
    house.services.sign_in.out(here.token)
    assert house.identity(here.token) is None


def test_nobody_ends_somebody_elses_session(house: House) -> None:
    ann, bob = house.account(ANN), house.account("bob@example.org")
    signed = house.sign_in(ANN)
    [listed] = house.services.sessions.page(ann.id, "", ListQuery()).items
    with pytest.raises(NotFound, match="There is no session"):
        house.services.sessions.end(bob.id, listed.id)
    assert house.identity(signed.token)


def test_sessions_come_in_pages(house: House) -> None:
    ann = house.account(ANN)
    for _ in range(5):
        house.sign_in(ANN)
    sessions, seen, cursor = house.services.sessions, list[str](), None
    for _ in range(3):
        page = sessions.page(ann.id, "", ListQuery(limit=2, cursor=cursor))
        seen += [one.id for one in page.items]
        cursor = page.next
    assert (len(set(seen)), cursor) == (5, None)


def test_the_oldest_of_too_many_sessions_end_and_those_that_are_over_are_removed(
    house: House,
) -> None:
    ann = house.account(ANN)
    over = house.sign_in(ANN)
    house.clock.advance(31 * DAY)
    tokens = []
    for _ in range(MOST + 2):
        tokens.append(house.sign_in(ANN).token)
        house.clock.advance(1)
    assert house.database.get(f"sessions/{digest(over.token)}") is None
    assert [bool(house.identity(token)) for token in tokens[:3]] == [False, False, True]
    listed = house.services.sessions.page(ann.id, "", ListQuery(limit=1000)).items
    assert len(listed) == MOST
