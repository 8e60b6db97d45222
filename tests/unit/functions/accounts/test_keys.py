"""API keys: made, shown once, rotated, revoked; whose they are, and what they are for."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from functions.accounts.adapters.memory.keys import MemoryKeys
from functions.accounts.model.keys import KeyRequest, Only
from functions.accounts.service import keys as service
from functions.accounts.service.keys import Keys
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.access import accounts, api_key
from functions.kit.contract.access.accounts import Account, ApiKey
from functions.kit.contract.access.identity import RIGHTS, Caller, Right, Role
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.errors import Conflict, DomainError, Gone, Invalid, NotFound
from functions.kit.contract.requests.lists import ListQuery

ROLES: dict[str, dict[str, Role]] = {
    "ann": {MAIN: "owner", "lab": "editor"},
    "bob": {MAIN: "viewer"},
    "eve": {MAIN: "editor"},
}
HOUR = dt.timedelta(hours=1)


class House:
    """Keys of three accounts, on a clock that stands."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        now = self.clock.now()
        self.accounts = {
            name: Account(
                id=name, email=name, name=name, roles=roles, created_at=now, updated_at=now
            )
            for name, roles in ROLES.items()
        }
        self.store = MemoryKeys(self.accounts)
        self.keys = Keys(self.store, self.clock, "secret")

    def caller(self, name: str, workspace: str = MAIN) -> Caller:
        own: frozenset[Right] = frozenset(("self",))
        rights = RIGHTS[ROLES[name][workspace]] | own
        return Caller(name=name, kind="session", account=name, workspace=workspace, rights=rights)

    def make(self, who: str = "ann", repeat: str | None = None, **fields: Any) -> ApiKey:
        self.clock.advance(1)
        return self.keys.make(self.caller(who), request(**fields), repeat).kept

    def listed(self, name: str, *, whole: bool = False, **query: Any) -> list[str]:
        found = self.keys.page(self.caller(name), ListQuery(**query), whole=whole)
        return [key.name for key in found.items]


@pytest.fixture
def house() -> House:
    return House()


def request(name: str = "ci", **fields: Any) -> KeyRequest:
    return KeyRequest(**{"name": name, "scopes": ["predict", "read"], **fields})


def test_a_key_is_for_what_was_asked(house: House) -> None:
    made = house.keys.make(
        house.caller("ann", "lab"), request(only=Only("model", "titanic"), days=2)
    )
    kept = house.store.find("lab", made.kept.id)
    assert kept == made.kept
    assert (kept.account, kept.workspace, kept.scopes) == ("ann", "lab", ["predict", "read"])
    assert (kept.only, kept.ends_at) == (
        ("model", "titanic"),
        house.clock.now() + dt.timedelta(days=2),
    )
    assert (kept.last_four, made.text[:4]) == (made.text[-4:], "mfk_")


def test_the_store_learns_nothing_that_opens_anything(house: House) -> None:
    made = house.keys.make(house.caller("ann"), request(), "again")
    kept = repr((house.store._keys, house.store._revoked))
    assert api_key.digest(made.text) in kept
    assert made.text not in kept
    assert made.text[4:47] not in kept


@pytest.mark.parametrize(
    ("fields", "told", "column"),
    [
        (
            {"scopes": ["read", "write"]},
            "As viewer the account may predict, read, not wr",
            "scopes",
        ),
        ({"account": "nobody"}, "Account 'nobody' does not belong to this workspace", "account"),
        ({"only": Only("model", "../x")}, "'../x' cannot be a name", "model"),
    ],
)
def test_a_key_that_could_do_nothing_is_refused(
    house: House, fields: dict[str, Any], told: str, column: str
) -> None:
    with pytest.raises(Invalid, match=told) as refused:
        house.make("bob", **fields)
    assert refused.value.flaws[0].column == column
    assert house.listed("ann", whole=True) == []


def test_nobody_makes_a_key_where_he_does_not_belong_or_is_shut_out(house: House) -> None:
    house.accounts["bob"].disabled = True
    for name, account in (("bob", None), ("ann", "eve")):
        stranger = msgspec.structs.replace(house.caller(name), workspace="elsewhere")
        with pytest.raises(Invalid, match="does not belong to this workspace"):
            house.keys.make(stranger, request(account=account))
    with pytest.raises(Invalid, match="'bob' does not belong"):
        house.make("bob", scopes=["read"])


def test_a_request_that_is_repeated_gives_the_same_key(house: House) -> None:
    first = house.keys.make(house.caller("ann"), request(days=3), "one")
    house.clock.advance(60)
    again = house.keys.make(house.caller("ann"), request(days=3), "one")
    assert again == first
    assert house.listed("ann") == ["ci"]
    other = Keys(house.store, house.clock, "another system's secret")
    assert other.make(house.caller("ann"), request(days=3), "one").text != first.text


def test_each_caller_and_workspace_has_repetitions_of_its_own(house: House) -> None:
    callers = [house.caller("ann"), house.caller("ann", "lab"), house.caller("eve")]
    assert len({house.keys.make(each, request(), "one").text for each in callers}) == 3


@pytest.mark.parametrize(
    "other",
    [{"name": "x"}, {"scopes": ["read"]}, {"days": 4}, {"only": Only("dataset", "d")}],
    ids=str,
)
def test_another_request_is_no_repetition(house: House, other: dict[str, Any]) -> None:
    made = house.make(repeat="one", days=3)
    with pytest.raises(Conflict, match="was used for another request"):
        house.make(repeat="one", **{"days": 3, **other})
    with pytest.raises(Conflict, match="was used for another request"):
        house.keys.rotate(house.caller("ann"), made.id, 0, "one")


def test_a_revoked_key_does_not_come_back_by_repetition(house: House) -> None:
    made = house.make(repeat="one")
    house.keys.revoke(house.caller("ann"), made.id)
    with pytest.raises(Gone, match="was revoked"):
        house.make(repeat="one")
    assert house.listed("ann") == []


def test_lists_are_newest_first_in_pages_that_survive_a_removal(house: House) -> None:
    made = [house.make(name=f"k{number}") for number in range(4)]
    house.make("eve", name="hers")
    first = house.keys.page(house.caller("ann"), ListQuery(limit=2), whole=False)
    assert [key.name for key in first.items] == ["k3", "k2"]
    house.keys.revoke(house.caller("ann"), made[2].id)
    assert house.listed("ann", limit=9, cursor=first.next) == ["k1", "k0"]
    assert house.listed("ann", whole=True) == ["hers", "k3", "k1", "k0"]


def test_whose_keys_are_seen_and_revoked(house: House) -> None:
    hers = house.make("eve")
    elsewhere = house.keys.make(house.caller("ann", "lab"), request()).kept
    assert house.keys.key(house.caller("ann"), hers.id) == hers  # who manages sees it
    for name, workspace, key in (
        ("bob", MAIN, hers.id),
        ("ann", "lab", hers.id),
        ("ann", MAIN, elsewhere.id),
        ("ann", MAIN, "0" * 32),
    ):
        with pytest.raises(NotFound, match=f"There is no key '{key}'"):
            house.keys.revoke(house.caller(name, workspace), key)
    house.keys.revoke(house.caller("ann"), hers.id)
    assert house.listed("eve") == []


def test_nobody_gets_the_key_of_another_by_rotation(house: House) -> None:
    hers = house.make("eve")
    with pytest.raises(NotFound, match=f"There is no key '{hers.id}'"):
        house.keys.rotate(house.caller("ann"), hers.id, 0)
    assert house.store.find(MAIN, hers.id).ends_at is None


def test_a_key_that_is_rotated_counts_on_for_the_overlap(house: House) -> None:
    old = house.make(days=1, only=Only("model", "m"))
    house.clock.advance(3600)
    now = house.clock.now()
    new = house.keys.rotate(house.caller("ann"), old.id, 600).kept
    assert house.store.find(MAIN, old.id).ends_at == now + dt.timedelta(seconds=600)
    assert (new.created_at, new.ends_at) == (now, now + dt.timedelta(days=1))
    assert (new.name, new.scopes, new.only) == (old.name, old.scopes, old.only)
    assert (new.replaces, new.id == old.id) == (old.id, False)


def test_no_overlap_outlasts_the_key_itself(house: House) -> None:
    old = house.make(days=1)
    house.keys.rotate(house.caller("ann"), old.id, 30 * 24 * 3600)
    assert house.store.find(MAIN, old.id).ends_at == old.ends_at


def test_a_rotation_that_is_repeated_gives_the_same_key(house: House) -> None:
    old = house.make()
    first = house.keys.rotate(house.caller("ann"), old.id, 600, "turn")
    house.clock.advance(60)
    assert house.keys.rotate(house.caller("ann"), old.id, 600, "turn") == first
    assert house.store.find(MAIN, old.id).ends_at == first.kept.created_at + HOUR / 6


def test_a_key_of_an_earlier_release_is_revoked_and_not_rotated(house: House) -> None:
    document = {"name": "old", "role": "admin", "created_at": house.clock.now()}
    old = accounts.old_key(document, api_key.digest("mf_old"))
    house.store.create(api_key.digest("mf_old"), old)
    owner = msgspec.structs.replace(house.caller("ann"), account="owner")
    with pytest.raises(Conflict, match="'old' is of an earlier release"):
        house.keys.rotate(owner, old.id, 0)
    house.keys.revoke(owner, old.id)
    assert house.listed("ann", whole=True) == []


def test_a_workspace_has_room_for_so_many_keys(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST", 2)
    house.make()
    house.make("eve")
    with pytest.raises(Conflict, match="has 2 keys already; revoke those of no use"):
        house.make("bob")


@pytest.mark.parametrize("repeat", ["", " ", "x" * 256])
def test_an_idempotency_key_that_names_nothing_is_refused(house: House, repeat: str) -> None:
    with pytest.raises(DomainError, match="The Idempotency-Key is unusable"):
        house.make(repeat=repeat)
