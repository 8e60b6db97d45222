"""Accounts over HTTP and Firestore: what one replica changes, the others know within a second."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from functions.accounts.adapters.argon2_hasher import Argon2Hasher
from functions.accounts.adapters.firestore.database import FirestoreDatabase
from functions.accounts.adapters.memory.mailer import MemoryMailer
from functions.accounts.model.refusals import NotSignedIn, Slowed
from functions.accounts.service.administration import AccountWish
from functions.accounts.service.authentication.sessions import Visitor
from functions.accounts.service.authentication.sign_up import Wish
from functions.accounts.service.authentication.throttle import ELSEWHERE
from functions.accounts.service.requests import Request
from functions.accounts.service.services import Services, World, services
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.errors import Conflict
from tests.support.callers.accounts import Door, Headers
from tests.support.in_memory.accounts_house import CHEAP, PASSWORD

OTHER = "quite another one"


def new_email() -> str:
    return f"p{uuid4().hex[:12]}@example.org"


@pytest.fixture
def email(door: Door, key: Headers) -> str:
    """The address of a new account, whose password is PASSWORD."""
    made = new_email()
    door.post("/accounts", {"email": made, "name": "Ann", "password": PASSWORD}, key)
    again = door.post("/accounts", {"email": made, "name": "Ann"}, key, expect=409)
    assert again["detail"] == f"There is an account of {made} already."
    return made


@pytest.fixture
def opened(door: Door, key: Headers) -> Iterator[None]:
    """Let anybody sign up."""
    door.patch("/settings", {"sign_up": "open"}, key)
    yield
    door.patch("/settings", {"sign_up": "invitation"}, key)


def sign_in(door: Door, email: str, password: str = PASSWORD, expect: int = 201) -> Any:
    return door.post("/sign-in", {"email": email, "password": password}, expect=expect)


def token_in_mail(outbox: Path, to: str) -> str:
    """Return the token in the mail to an address, which may still be on its way."""
    began = time.monotonic()
    while time.monotonic() - began < 5:
        for mail in outbox.glob("*.eml"):
            text = mail.read_text().replace("=\n", "").replace("=3D", "=")
            if f"To: {to}" in text:
                [token] = re.findall(r"token=(\S+)", text)
                return str(token)
        time.sleep(0.02)
    raise AssertionError(f"no mail to {to}")


def test_a_wrong_password_is_refused_as_an_unknown_address_is(door: Door, email: str) -> None:
    known = sign_in(door, email, "not the password", 401)
    unknown = sign_in(door, new_email(), "not the password", 401)
    assert known == unknown
    assert sign_in(door, email)["account"]["email"] == email


def test_what_ends_a_session_counts_in_every_replica_within_a_second(
    doors: list[Door], key: Headers, email: str
) -> None:
    here, there = doors
    mine, other, third = (here.headers(sign_in(here, email)) for _ in range(3))
    for session in (mine, other, third):
        there.get("/me", session)
    [own] = [one["id"] for one in here.get("/sessions", other)["items"] if one["current"]]
    here.delete(f"/sessions/{own}", mine)
    assert there.seconds_until_refused(other) < 1
    here.post("/password", {"current": PASSWORD, "password": OTHER}, mine, expect=204)
    assert there.seconds_until_refused(third) < 1
    there.get("/me", mine)
    account = here.get("/me", mine)["account"]
    here.patch(f"/accounts/{account}", {"disabled": True}, key)
    assert there.seconds_until_refused(mine) < 1
    sign_in(here, email, OTHER, 401)


def test_a_forgotten_password_is_set_anew_by_the_mail(door: Door, email: str, outbox: Path) -> None:
    before = door.headers(sign_in(door, email))
    asked = [door.post("/password/forgotten", {"email": one}, expect=202) for one in (email, "x")]
    assert asked[0] == asked[1]
    token = token_in_mail(outbox, email)
    door.post("/password/reset", {"token": token, "password": "short"}, expect=422)
    signed = door.post("/password/reset", {"token": token, "password": OTHER})
    assert door.get("/me", door.headers(signed))["kind"] == "session"
    assert door.seconds_until_refused(before) < 1
    door.post("/password/reset", {"token": token, "password": PASSWORD}, expect=401)
    sign_in(door, email, OTHER)


def test_whoever_is_invited_signs_up_and_works_there(
    doors: list[Door], key: Headers, outbox: Path
) -> None:
    door, other = doors
    email = new_email()
    assert door.get("/sign-up") == {"mode": "invitation"}
    person = {"email": email, "name": "Bob", "password": PASSWORD}
    door.post("/sign-up", person, expect=403)
    invited = door.post("/invitations", {"email": email, "role": "viewer"}, key)
    assert token_in_mail(outbox, email) == invited["token"]
    signed = door.post("/sign-up", person | {"invitation": invited["token"]})
    session, account = door.headers(signed), signed["account"]["id"]
    assert door.get("/me", session)["rights"] == ["predict", "read", "self"]
    assert account in [one["account"] for one in door.get("/people?limit=1000", session)["items"]]
    door.patch(f"/people/{account}", {"role": "owner"}, session, expect=403)
    other.get("/me", session)
    door.patch(f"/people/{account}", {"role": "editor"}, key)
    began = time.monotonic()
    while "write" not in other.get("/me", session)["rights"]:
        assert time.monotonic() - began < 1
        time.sleep(0.02)
    door.delete(f"/people/{account}", key)
    assert other.client.get("/people", headers=session).status_code in {200, 403}
    began = time.monotonic()
    while other.get("/me", session)["workspace"] != "":
        assert time.monotonic() - began < 1
        time.sleep(0.02)


def test_workspaces_are_apart(door: Door, key: Headers, email: str) -> None:
    signed = sign_in(door, email)
    session = door.headers(signed)
    made = door.post("/workspaces", {"name": "Stock"}, session | {"Idempotency-Key": "k"})
    assert door.post("/workspaces", {"name": "Stock"}, session | {"Idempotency-Key": "k"}) == made
    door.post("/workspaces", {"name": "Other"}, session | {"Idempotency-Key": "k"}, expect=409)
    fresh = door.headers(sign_in(door, email), made["id"])
    [me] = door.get("/people", fresh)["items"]
    assert (me["email"], me["role"]) == (email, "owner")
    door.delete(f"/people/{me['account']}", fresh, expect=409)
    renamed = door.patch(f"/workspaces/{made['id']}", {"name": "Store"}, fresh)
    assert renamed["name"] == "Store"
    names = [one["name"] for one in door.get("/workspaces", session)["items"]]
    assert sorted(names) == ["Ann", "Store"]
    door.patch("/workspaces/main", {"name": "Mine"}, session, expect=404)
    door.get("/people", door.headers(signed, "main"), expect=404)
    door.patch("/people/owner", {"role": "viewer"}, session, expect=404)


def test_only_operators_see_all_accounts(door: Door, key: Headers, email: str) -> None:
    session = door.headers(sign_in(door, email))
    for path in ("/accounts", "/accounts/owner", "/settings"):
        door.get(path, session, expect=403)
    door.post("/accounts", {"email": new_email(), "name": "X"}, session, expect=403)
    account = door.get("/me", session)["account"]
    shown = door.get(f"/accounts/{account}", key)
    assert (shown["email"], shown["plan"]) == (email, "freemium")
    assert "hash" not in str(shown)
    door.patch(f"/accounts/{account}", {"plan": "premium"}, key)
    door.patch(f"/accounts/{account}", {"plan": "none"}, key, expect=422)
    door.get("/accounts/none", key, expect=404)
    assert door.patch("/me", {"name": "Ann Smith"}, session)["name"] == "Ann Smith"
    assert door.get("/settings", key) == {"sign_up": "invitation"}


def test_an_invitation_is_listed_accepted_and_withdrawn(
    door: Door, key: Headers, email: str
) -> None:
    body = {"email": email, "role": "editor"}
    again = key | {"Idempotency-Key": uuid4().hex}
    first = door.post("/invitations", body, again)
    assert door.post("/invitations", body, again) == first
    listed = door.get("/invitations?limit=1000", key)["items"]
    assert [one["email"] for one in listed if one["id"] == first["id"]] == [email]
    assert "token" not in str(listed)
    session = door.headers(sign_in(door, email))
    accepted = door.post("/invitations/accept", {"token": first["token"]}, session)
    assert accepted == {"workspace": "main", "role": "editor"}
    door.post("/invitations/accept", {"token": first["token"]}, session, expect=403)
    door.post("/invitations", body, again, expect=410)
    second = door.post("/invitations", body, key)
    door.delete(f"/invitations/{second['id']}", key)
    door.delete(f"/invitations/{second['id']}", key, expect=404)


def test_the_keys_of_whoever_is_removed_do_not_come_back_with_them(
    door: Door, key: Headers, email: str
) -> None:
    signed = sign_in(door, email)
    home = door.headers(signed)

    def joined() -> Headers:
        token = door.post("/invitations", {"email": email, "role": "editor"}, key)["token"]
        door.post("/invitations/accept", {"token": token}, home)
        return door.headers(sign_in(door, email), "main")

    session = joined()
    asked = {"name": "mine", "scopes": ["read"]}
    again = {"Idempotency-Key": uuid4().hex}
    made, kept = (
        {"X-Api-Key": door.post("/keys", asked, one | again)["key"]} for one in (session, home)
    )
    assert [door.get("/me", one)["workspace"] for one in (made, kept)] == [
        "main", signed["account"]["home"],
    ]  # fmt: skip
    door.delete(f"/people/{signed['account']['id']}", key)
    assert door.seconds_until_refused(made) < 1
    session = joined()
    door.get("/me", made, expect=401)
    door.post("/keys", asked, session | again, expect=410)
    door.get("/me", kept)


def test_where_it_is_open_anybody_signs_up_once(door: Door, opened: None) -> None:
    email = new_email()
    signed = door.post("/sign-up", {"email": email, "name": "Eve", "password": PASSWORD})
    assert signed["account"]["roles"] == {signed["account"]["home"]: "owner"}
    door.post("/sign-up", {"email": email, "name": "Eve", "password": PASSWORD}, expect=409)
    door.post("/sign-up", {"email": email, "name": "Eve", "password": "x"}, expect=422)


def test_a_key_is_not_signed_out(door: Door, key: Headers) -> None:
    door.post("/sign-out", None, key, expect=403)


# All at once


@pytest.fixture
def replicas(emulators: dict[str, str]) -> list[Services]:
    """The services twice, over one Firestore, with cheap hashes and a clock that stands."""

    def replica() -> Services:
        return services(
            World(
                database=FirestoreDatabase(),
                hasher=Argon2Hasher(CHEAP),
                mailer=MemoryMailer(),
                later=lambda work: work(),
                clock=ManualClock(),
                owner_email="owner@localhost",
                web_url="http://pages",
                secret="s",
            )
        )

    return [replica(), replica()]


def at_once(*works: Any) -> list[str]:
    """Do all at once; return what each gave: "done", or its error's kind."""

    def attempt(work: Any) -> str:
        try:
            work()
        except (Conflict, NotSignedIn, Slowed) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(4) as pool:
        return sorted(pool.map(attempt, works))


def test_tries_are_counted_exactly_over_replicas(replicas: list[Services]) -> None:
    email, more = new_email(), 4

    def guess(number: int) -> Any:
        visitor = Visitor("", f"10.{uuid4().int % 250}.{uuid4().int % 250}.{number}")
        return lambda: replicas[number % 2].sign_in.by_password(email, "a guess", visitor)

    told = at_once(*map(guess, range(ELSEWHERE.burst + more)))
    assert told == ["NotSignedIn"] * ELSEWHERE.burst + ["Slowed"] * more


def test_a_link_is_good_once_however_many_come_at_once(replicas: list[Services]) -> None:
    link = replicas[0].sign_in.new_link("owner")
    visitor = Visitor("", f"address {uuid4()}")
    use = [lambda one=one: one.sign_in.by_link(link.token, visitor) for one in replicas * 2]
    assert at_once(*use) == ["NotSignedIn"] * 3 + ["done"]


def test_of_two_who_take_one_address_at_once_one_gets_it(replicas: list[Services]) -> None:
    replicas[0].settings.change("open")
    email, visitor = new_email(), Visitor("", f"address {uuid4()}")
    spellings = (email, email.upper(), email.title(), email)
    try:
        told = at_once(
            *(
                lambda one=one, spelt=spelt: one.sign_up.sign_up(
                    Wish(spelt, "X", PASSWORD), visitor
                )
                for one, spelt in zip(replicas * 2, spellings, strict=True)
            )
        )
    finally:
        replicas[0].settings.change("invitation")
    assert told == ["Conflict"] * 3 + ["done"]


def test_two_owners_who_remove_each_other_at_once_leave_one(replicas: list[Services]) -> None:
    first, second = replicas
    ann, bob = (_account(first) for _ in range(2))
    token = first.invitations.make(ann.home, bob.email, "owner", None).token
    first.invitations.accept(bob.id, token)
    told = at_once(
        lambda: first.people.change(ann.home, bob.id, "viewer"),
        lambda: second.people.change(ann.home, ann.id, "viewer"),
    )
    assert told == ["Conflict", "done"]


def test_a_request_that_is_sent_twice_at_once_makes_one_thing(replicas: list[Services]) -> None:
    account = _account(replicas[0])
    request, made = Request(uuid4().hex, "the same"), list[str]()
    at_once(
        *(
            lambda one=one: made.append(one.workspaces.make(account.id, "Stock", request).id)
            for one in replicas * 2
        )
    )
    assert len(made) == 4
    assert set(made) < set(replicas[0].administration.get(account.id).roles)
    assert len(replicas[0].administration.get(account.id).roles) == 2


def _account(replica: Services) -> Any:
    return replica.administration.make(AccountWish(email=new_email(), name="A"), None)
